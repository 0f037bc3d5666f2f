#include "src/architecture/expression_text.h"

#include <algorithm>
#include <charconv>
#include <string_view>

#include "src/architecture/names.h"
#include "src/architecture/source.h"

namespace ntk {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

// Past white space, line ends and comments.
std::size_t past_space(const std::string& text, std::size_t at) {
  while (at < text.size() && (is_space(text[at]) || text[at] == '#'))
    at = text[at] == '#' ? std::min(text.find('\n', at), text.size()) : at + 1;
  return at;
}

class Parser {
 public:
  explicit Parser(const std::string& text) : text_(text) {}

  Value whole() {
    Value result = value();
    skip_space();
    if (at_ < text_.size())
      fail_here(text_[at_] == ','
                    ? "expected the end of the expression; several layers go into serial(...)"
                    : "expected the end of the expression");
    return result;
  }

 private:
  Value value() {
    skip_space();
    if (++count_ > kMostValues) fail_values();
    const std::size_t begin = at_;
    Value result = unplaced_value();
    result.offset = begin;
    return result;
  }

  Value unplaced_value() {
    const char c = peek();
    if (is_letter(c)) return word();
    if (is_digit(c) || c == '.' || c == '-' || c == '+') return number();
    if (c == '\'' || c == '"') return string(c);
    if (c == '[') return {sequence(']')};
    if (c == '(') return tuple();
    fail_here("expected a layer, a number, a text, None, True, False, a list or a tuple");
  }

  // None, True, False or a call.
  Value word() {
    const std::size_t begin = at_;
    const std::string dotted = dotted_name();
    skip_space();
    if (peek() == '(') return call(begin, dotted);
    if (peek() == '[') return subscript(begin, dotted);
    if (dotted == "None") return {nullptr};
    if (dotted == "True") return {true};
    if (dotted == "False") return {false};
    fail(begin, in_quotes(dotted) +
                    " is no value: layers are called, as in Relu(), and variables are "
                    "not known here, so write the number");
  }

  // The name without its prefix.
  std::string plain_name(std::size_t begin, const std::string& dotted) const {
    std::string name = last_part(dotted);
    const std::string prefix = dotted.substr(0, dotted.size() - name.size());
    if (name.empty()) fail(begin, in_quotes(dotted) + " is no layer's name");
    if (!prefix.empty() && prefix != "stax." && prefix != "nt.stax." &&
        prefix != "neural_tangents.stax.")
      fail(begin, in_quotes(dotted) +
                      " is not known: names may begin with stax., nt.stax. or "
                      "neural_tangents.stax., and nothing is evaluated");
    return name;
  }

  // Slice[:, 1:7:2, 0]: each range a list of three, null where nothing stands.
  Value subscript(std::size_t begin, const std::string& dotted) {
    if (plain_name(begin, dotted) != "Slice")
      fail(begin, in_quotes(dotted) + " takes no [...]: only Slice does, as in Slice[:, 1:7:2]");
    Object object{kSubscript, {}};
    enclosed(']', [&] { object.members.push_back({{}, range()}); });
    return {std::move(object)};
  }

  Value range() {
    skip_space();
    const std::size_t begin = at_;
    if (text_.compare(at_, 3, "...") == 0) {
      at_ += 3;
      return {std::string("..."), begin};
    }
    if (++count_ > kMostValues) fail_values();
    List parts(3, Value{nullptr});
    for (std::size_t i = 0; i < parts.size(); ++i) {
      skip_space();
      const char c = peek();
      const bool given =
          is_digit(c) || is_letter(c) || c == '-' || c == '+' || c == '\'' || c == '"';
      if (given) parts[i] = value();
      skip_space();
      if (peek() != ':' && i == 0) {
        if (!given) fail_here("expected a range such as 1:7:2, or the number of a pixel");
        return std::move(parts[0]);
      }
      if (peek() != ':' || i == 2) break;
      ++at_;
    }
    return {std::move(parts), begin};
  }

  Value call(std::size_t begin, const std::string& dotted) {
    Object object{plain_name(begin, dotted), {}};
    std::size_t keywords = 0;
    enclosed(')', [&] {
      Member member = argument(object);
      keywords += member.key.empty() ? 0 : 1;
      if (keywords > kMostKeys)
        fail(at_, "a call with more than " + std::to_string(kMostKeys) + " keywords");
      object.members.push_back(std::move(member));
    });
    return {std::move(object)};
  }

  Member argument(const Object& so_far) {
    skip_space();
    const std::size_t begin = at_;
    if (peek() == '*') fail_here("unpacking is not evaluated: write the layers out, or use Repeat");
    if (is_letter(peek())) {
      std::string key = dotted_name();
      skip_space();
      if (peek() == '=') {
        ++at_;
        if (find_member(so_far, key)) fail(begin, "the keyword " + key + " stands twice");
        return {std::move(key), value()};
      }
      at_ = begin;
    }
    if (!so_far.members.empty() && !so_far.members.back().key.empty())
      fail(begin, "a positional argument stands after the keyword " + so_far.members.back().key);
    return {{}, value()};
  }

  List sequence(char end) {
    List list;
    enclosed(end, [&] { list.push_back(value()); });
    return list;
  }

  // (1, 4) and (1,) are tuples, (1) is 1.
  Value tuple() {
    List list = sequence(')');
    if (list.size() != 1 || trailing_comma_) return {std::move(list)};
    return std::move(list.front());
  }

  // What stands in brackets, separated by commas; one more comma may follow the last.
  template <class Element>
  void enclosed(char end, Element&& element) {
    const std::size_t begin = at_++;
    if (++depth_ > kDeepestText)
      fail(begin, "brackets stand more than " + std::to_string(kDeepestText) + " deep");
    bool comma = false;
    for (skip_space(); peek() != end; skip_space()) {
      if (at_ >= text_.size())
        fail_here(std::string("expected '") + end + "' for the '" + text_[begin] + "' of " +
                  position_in(text_, begin));
      element();
      skip_space();
      comma = peek() == ',';
      if (comma) {
        ++at_;
      } else if (peek() != end && at_ < text_.size()) {
        fail_here(std::string("expected ',' or '") + end + "' (arithmetic is not evaluated)");
      }
    }
    ++at_;
    --depth_;
    trailing_comma_ = comma;
  }

  Value number() {
    const std::size_t begin = at_;
    if (peek() == '-' || peek() == '+') ++at_;
    bool whole = true;
    std::string digits = text_[begin] == '-' ? "-" : "";
    for (char previous = '0'; at_ < text_.size(); previous = text_[at_++]) {
      const char c = text_[at_];
      const bool exponent = c == 'e' || c == 'E';
      const bool sign = (c == '-' || c == '+') && (previous == 'e' || previous == 'E');
      if (!is_digit(c) && c != '.' && c != '_' && !exponent && !sign) break;
      whole = whole && (is_digit(c) || c == '_');
      if (c != '_') digits += c;
    }
    const std::string shown = in_quotes(text_.substr(begin, at_ - begin));
    std::int64_t integer = 0;
    if (whole &&
        std::from_chars(digits.data(), digits.data() + digits.size(), integer).ec == std::errc())
      return {integer};
    double result = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), result);
    if (error == std::errc::result_out_of_range)
      fail(begin, "the number " + shown + " is out of range");
    if (error != std::errc() || end != digits.data() + digits.size())
      fail(begin, shown + " is no number");
    return {result};
  }

  Value string(char quote) {
    const std::size_t begin = ++at_;
    while (at_ < text_.size() && text_[at_] != quote && text_[at_] != '\n') ++at_;
    if (peek() != quote) fail(begin - 1, "the text has no end");
    return {text_.substr(begin, at_++ - begin)};
  }

  std::string dotted_name() {
    const std::size_t begin = at_;
    while (is_letter(peek()) || is_digit(peek()) || peek() == '.') ++at_;
    return text_.substr(begin, at_ - begin);
  }

  static std::string last_part(const std::string& dotted) {
    return dotted.substr(dotted.rfind('.') + 1);  // npos + 1 is 0
  }

  void skip_space() { at_ = past_space(text_, at_); }

  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  [[noreturn]] void fail_values() const {
    fail(at_, "the text has more than " + std::to_string(kMostValues) + " values");
  }
  [[noreturn]] void fail(std::size_t offset, const std::string& what) const {
    fail_at(text_, offset, what);
  }
  [[noreturn]] void fail_here(const std::string& expected) const {
    const std::string found =
        at_ < text_.size() ? in_quotes(std::string_view(text_).substr(at_, 1)) : "the end";
    fail(at_, expected + ", found " + found);
  }

  const std::string& text_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
  std::size_t count_ = 0;
  bool trailing_comma_ = false;  // of the brackets closed last
};

}  // namespace

Value parse_expression(const std::string& text) { return Parser(text).whole(); }

bool begins_with_call(const std::string& text) {
  const std::size_t begin = past_space(text, 0);
  std::size_t end = begin;
  while (end < text.size() && (is_letter(text[end]) || is_digit(text[end]) || text[end] == '.'))
    ++end;
  const std::size_t bracket = past_space(text, end);
  return end > begin && is_letter(text[begin]) && bracket < text.size() && text[bracket] == '(';
}

}  // namespace ntk
