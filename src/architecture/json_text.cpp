#include "src/architecture/json_text.h"

#include <limits>
#include <nlohmann/json.hpp>

#include "ntk/error.h"
#include "src/architecture/names.h"
#include "src/architecture/source.h"

namespace ntk {
namespace {

// Receives the parser's events (the member names are nlohmann's) and builds the tree from them.
class Builder {
 public:
  explicit Builder(const std::string& text) : text_(text) {}
  Value take() { return std::move(root_); }

  bool null() { return put({nullptr}); }
  bool boolean(bool value) { return put({value}); }
  bool number_integer(std::int64_t value) { return put({value}); }
  bool number_unsigned(std::uint64_t value) {
    if (value <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
      return put({static_cast<std::int64_t>(value)});
    return put({static_cast<double>(value)});
  }
  bool number_float(double value, const std::string&) { return put({value}); }
  bool string(std::string& value) { return put({std::move(value)}); }
  bool binary(nlohmann::json::binary_t&) { return false; }  // JSON text has none

  bool start_object(std::size_t) { return open({Object{}}); }
  bool start_array(std::size_t) { return open({List{}}); }
  bool end_object() { return close(); }
  bool end_array() { return close(); }

  bool key(std::string& name) {
    const Object& object = std::get<Object>(open_.back().value->data);
    if (find_member(object, name)) fail("the key " + in_quotes(name) + " stands twice");
    if (object.members.size() >= kMostKeys)
      fail("an object with more than " + std::to_string(kMostKeys) + " keys");
    open_.back().key = std::move(name);
    return true;
  }

  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::json::exception& error) {
    // "[json...] parse error at line 1, column 5: syntax error ..." or "[json...] number overflow
    // ..."
    std::string what = error.what();
    what.erase(0, what.find("] ") + 2);
    if (what.rfind("parse error", 0) == 0) what.erase(0, what.find(": ") + 2);
    if (what.find("invalid literal") != std::string::npos)
      what += " (the only words of JSON are true, false and null: no NaN, no Infinity)";
    if (what.size() > 200) what = what.substr(0, 200) + "...";
    const std::string here = place();
    throw UsageError("architecture: not JSON at " +
                     position_in(text_, position == 0 ? 0 : position - 1) +
                     (here.empty() ? "" : " (" + here + ")") + ": " + what);
  }

 private:
  struct Open {
    Value* value;
    std::string key;  // of the member whose value comes next
  };

  bool put(Value value) {
    add(std::move(value));
    return true;
  }

  bool open(Value value) {
    if (open_.size() >= kDeepestText)
      fail("brackets stand more than " + std::to_string(kDeepestText) + " deep");
    open_.push_back({add(std::move(value)), {}});
    return true;
  }

  bool close() {
    open_.pop_back();
    return true;
  }

  Value* add(Value value) {
    if (++count_ > kMostValues)
      fail("the text has more than " + std::to_string(kMostValues) + " values");
    if (open_.empty()) {
      root_ = std::move(value);
      return &root_;
    }
    // Nothing is added around an open value, so that its address stays.
    Value& around = *open_.back().value;
    if (List* list = std::get_if<List>(&around.data)) return &list->emplace_back(std::move(value));
    auto& members = std::get<Object>(around.data).members;
    members.push_back({std::exchange(open_.back().key, {}), std::move(value)});
    return &members.back().value;
  }

  std::string place() const {
    std::string text;
    for (const Open& open : open_) {
      const bool innermost = &open == &open_.back();
      if (const List* list = std::get_if<List>(&open.value->data)) {
        text = join_index(text, innermost ? list->size() : list->size() - 1);
      } else {
        const auto& members = std::get<Object>(open.value->data).members;
        const std::string& name = innermost ? open.key : members.back().key;
        if (!name.empty()) text = join_key(text, name);
      }
    }
    return text;
  }

  [[noreturn]] void fail(const std::string& what) const { Source().fail(place(), what); }

  const std::string& text_;
  Value root_;
  std::vector<Open> open_;
  std::size_t count_ = 0;
};

}  // namespace

Value parse_json(const std::string& text) {
  Builder builder(text);
  nlohmann::json::sax_parse(text, &builder);
  return builder.take();
}

}  // namespace ntk
