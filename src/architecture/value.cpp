#include "src/architecture/value.h"

#include <charconv>

#include "src/architecture/names.h"

namespace ntk {

const Value* find_member(const Object& object, const std::string& key) {
  for (const Member& member : object.members)
    if (member.key == key) return &member.value;
  return nullptr;
}

std::string describe(const Value& value) {
  struct Words {
    std::string operator()(std::nullptr_t) const { return "null"; }
    std::string operator()(bool b) const { return b ? "true" : "false"; }
    std::string operator()(std::int64_t i) const { return "the number " + std::to_string(i); }
    std::string operator()(double d) const {
      const std::string text = number_text(d);
      const bool looks_whole = text.find_first_not_of("-0123456789") == std::string::npos;
      return "the number " + text + (looks_whole ? ".0" : "");
    }
    std::string operator()(const std::string& s) const { return "the text " + in_quotes(s); }
    std::string operator()(const List&) const { return "a list"; }
    std::string operator()(const Object& o) const {
      return o.name.empty() ? "an object" : o.name + "(...)";
    }
  };
  return std::visit(Words{}, value.data);
}

std::string number_text(double value) {
  char buffer[32];
  const auto result = std::to_chars(buffer, buffer + sizeof buffer, value);
  return std::string(buffer, result.ptr);
}

}  // namespace ntk
