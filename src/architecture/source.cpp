#include "src/architecture/source.h"

#include <algorithm>
#include <cctype>
#include <charconv>

#include "ntk/error.h"
#include "src/architecture/names.h"

namespace ntk {
namespace {

// The child that the first step of `place` names, which is then cut off; null: there is no such.
const Value* step(const Value& value, std::string& place) {
  const bool is_index = place[0] == '[';
  const std::size_t begin = is_index || place[0] == '.' ? 1 : 0;
  const std::size_t end = std::min(place.find_first_of(".[", begin), place.size());
  const std::string name = place.substr(begin, end - begin);
  place.erase(0, end);
  if (!is_index) {
    const Object* object = std::get_if<Object>(&value.data);
    return object ? find_member(*object, name) : nullptr;
  }
  const List* list = std::get_if<List>(&value.data);
  std::size_t index = 0;
  std::from_chars(name.data(), name.data() + name.size(), index);
  return list && index < list->size() ? &(*list)[index] : nullptr;
}

// Of the value at `place`, or of the nearest one around it that stands in the text.
std::size_t offset_of(const Value& document, std::string place) {
  std::size_t offset = document.offset;
  const Value* value = &document;
  while (!place.empty() && (value = step(*value, place)) != nullptr)
    if (value->offset != kNowhere) offset = value->offset;
  return offset;
}

}  // namespace

std::string join_key(const std::string& place, const std::string& key) {
  const bool plain =
      !key.empty() && key.size() <= 40 && std::all_of(key.begin(), key.end(), [](unsigned char c) {
        return c == '_' || (c < 0x80 && std::isalnum(c) != 0);
      });
  const std::string shown = plain ? key : in_quotes(key);
  return place.empty() ? shown : place + "." + shown;
}

std::string join_index(const std::string& place, std::size_t index) {
  return place + "[" + std::to_string(index) + "]";
}

std::string position_in(const std::string& text, std::size_t offset) {
  const auto end = text.begin() + static_cast<std::ptrdiff_t>(std::min(offset, text.size()));
  const auto line = std::count(text.begin(), end, '\n') + 1;
  const auto begin_of_line = std::find(std::make_reverse_iterator(end), text.rend(), '\n').base();
  const std::string column = "column " + std::to_string(end - begin_of_line + 1);
  const bool several = text.find('\n') < text.size() - 1;
  return several ? "line " + std::to_string(line) + ", " + column : column;
}

void fail_at(const std::string& text, std::size_t offset, const std::string& what) {
  throw UsageError("architecture: " + position_in(text, offset) + ": " + what);
}

void Source::fail(const std::string& place, const std::string& what) const {
  if (text_) {
    const std::string position = position_in(*text_, offset_of(*document_, place));
    throw UsageError("architecture: " + position + (place.empty() ? "" : " (" + place + ")") +
                     ": " + what);
  }
  throw UsageError("architecture: " + (place.empty() ? "" : place + ": ") + what);
}

}  // namespace ntk
