#include "src/io/npy_header.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <string_view>

#include "ntk/error.h"

namespace ntk {
namespace {

static_assert(std::endian::native == std::endian::little, "array files are written as they lie");

constexpr std::size_t kLongestDictionary = 65536;
constexpr std::size_t kMostDimensions = 64;  // as NumPy 2
constexpr std::size_t kCodePointBytes = 4;
constexpr std::string_view kMagic = "\x93NUMPY";

// Reads a Python dictionary of the kinds of value that an .npy header holds.
class DictionaryParser {
 public:
  DictionaryParser(const std::string& text, const std::string& file_name)
      : text_(text), file_name_(file_name) {}

  NpyHeader parse() {
    expect('{', "a dictionary");
    while (!accept('}')) {
      parse_entry();
      if (accept(',')) continue;
      expect('}', "',' or '}'");
      break;
    }
    skip_spaces();
    if (at_ != text_.size()) fail("expected nothing after the dictionary");
    require(has_descr_, "descr");
    require(has_order_, "fortran_order");
    require(has_shape_, "shape");
    return header_;
  }

 private:
  void parse_entry() {
    const std::string key = parse_string("a key in quotes");
    expect(':', "':' after the key");
    if (key == "descr") {
      mark(has_descr_, key);
      parse_descr();
    } else if (key == "fortran_order") {
      mark(has_order_, key);
      header_.fortran_order = parse_bool();
    } else if (key == "shape") {
      mark(has_shape_, key);
      parse_shape();
    } else {
      fail("unknown key '" + key + "'; expected 'descr', 'fortran_order' and 'shape'");
    }
  }

  void mark(bool& seen, const std::string& key) {
    if (seen) fail("key '" + key + "' occurs twice");
    seen = true;
  }

  void require(bool seen, const char* key) {
    if (!seen) fail(std::string("key '") + key + "' is missing");
  }

  void parse_descr() {
    if (peek() == '[' || peek() == '(')
      refuse_type("a structured type", "save each field as an array of its own");
    const std::string descr = parse_string("the element type in quotes");
    const char order = descr.empty() ? ' ' : descr[0];
    const std::string type = descr.empty() ? "" : descr.substr(1);
    if (type.starts_with("O"))
      refuse_type("Python objects (" + descr + ")",
                  "convert it, for example with astype('float64')");
    if (type.starts_with("U") && parse_text_type(type.substr(1), order)) return;
    if (type.starts_with("S") || type.starts_with("U") || type.starts_with("a"))
      refuse_type("text (" + descr + ")",
                  "convert labels with astype('U'), or save numbers instead");
    if (type.starts_with("c"))
      refuse_type("complex numbers (" + descr + ")", "save .real and .imag as arrays of their own");
    if (type.starts_with("V"))
      refuse_type("a structured or raw type (" + descr + ")", "save plain numbers");
    if (type.starts_with("M") || type.starts_with("m"))
      refuse_type("dates or times (" + descr + ")", "convert it with astype('int64')");
    const bool known = type == "f2" || type == "f4" || type == "f8" || type == "b1" ||
                       type == "i1" || type == "i2" || type == "i4" || type == "i8" ||
                       type == "u1" || type == "u2" || type == "u4" || type == "u8";
    const bool order_fits = order == '<' || order == '>' || (order == '|' && type.ends_with('1'));
    if (!known || !order_fits)
      refuse_type("of type '" + descr + "'",
                  "expected f2, f4, f8, i1 to i8, u1 to u8 with byte order < or >, or |b1");
    header_.element = {type[0], static_cast<std::size_t>(type[1] - '0'), order == '>'};
  }

  // <U5: five code points of four bytes.
  bool parse_text_type(const std::string& digits, char order) {
    constexpr std::size_t kMostDigits = 6;  // a million characters
    if (order != '<' && order != '>') return false;
    if (digits.empty() || digits.size() > kMostDigits || digits[0] == '0') return false;
    std::size_t length = 0;
    for (const char c : digits) {
      if (c < '0' || c > '9') return false;
      length = 10 * length + static_cast<std::size_t>(c - '0');
    }
    header_.element = {'U', length * kCodePointBytes, order == '>'};
    return true;
  }

  bool parse_bool() {
    if (accept_word("True")) return true;
    if (accept_word("False")) return false;
    fail("expected True or False");
  }

  // (), (3,), (3, 4), (3, 4,)
  void parse_shape() {
    expect('(', "a tuple, such as (3, 4)");
    while (!accept(')')) {
      if (header_.shape.size() == kMostDimensions)
        fail("the shape has more than " + std::to_string(kMostDimensions) + " dimensions");
      header_.shape.push_back(parse_extent());
      if (accept(',')) continue;
      if (header_.shape.size() == 1) fail("expected ',' after the only extent, as in (3,)");
      expect(')', "',' or ')'");
      break;
    }
  }

  std::int64_t parse_extent() {
    if (peek() == '-') fail("the shape has a negative extent");
    const std::size_t first = at_;
    std::int64_t value = 0;
    for (; is_digit(at_); ++at_)
      if (__builtin_mul_overflow(value, std::int64_t{10}, &value) ||
          __builtin_add_overflow(value, std::int64_t{text_[at_] - '0'}, &value))
        fail("the shape has an extent past 2^63 - 1");
    if (at_ == first) fail("expected an extent, such as 3");
    if (text_[first] == '0' && at_ > first + 1) fail("the shape has an extent with a leading 0");
    if (at_ < text_.size() && text_[at_] == 'L') ++at_;  // as Python 2 wrote them
    return value;
  }

  std::string parse_string(const char* expected) {
    const char quote = peek();
    if (quote != '\'' && quote != '"') fail(std::string("expected ") + expected);
    const std::size_t first = at_ + 1;
    const std::size_t end = text_.find(quote, first);
    if (end == std::string::npos) fail("a quote is not closed");
    std::string value = text_.substr(first, end - first);
    for (char c : value)
      if (c < ' ' || c > '~' || c == '\\') fail("a string holds other than plain characters");
    at_ = end + 1;
    return value;
  }

  void skip_spaces() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != std::string::npos)
      ++at_;
  }
  char peek() {
    skip_spaces();
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  bool is_digit(std::size_t at) const {
    return at < text_.size() && text_[at] >= '0' && text_[at] <= '9';
  }
  bool accept(char c) {
    if (peek() != c || at_ >= text_.size()) return false;
    ++at_;
    return true;
  }
  bool accept_word(std::string_view word) {
    skip_spaces();
    if (text_.compare(at_, word.size(), word) != 0) return false;
    at_ += word.size();
    return true;
  }
  void expect(char c, const std::string& expected) {
    if (!accept(c)) fail("expected " + expected);
  }

  [[noreturn]] void fail(const std::string& what) const {
    throw DataError(file_name_ + ": header, character " + std::to_string(at_ + 1) + ": " + what +
                    "; save the array again with numpy.save");
  }
  [[noreturn]] void refuse_type(const std::string& what, const std::string& advice) const {
    throw DataError(file_name_ + ": holds " + what + ", which cannot be read; " + advice);
  }

  const std::string& text_;
  const std::string& file_name_;
  std::size_t at_ = 0;
  NpyHeader header_;
  bool has_descr_ = false, has_order_ = false, has_shape_ = false;
};

std::size_t read_dictionary_length(ByteStream& stream, int version) {
  unsigned char bytes[4] = {};
  stream.read(bytes, version == 1 ? 2 : 4);
  return bytes[0] | bytes[1] << 8 | bytes[2] << 16 | std::size_t{bytes[3]} << 24;
}

std::uint64_t count_data_bytes(const NpyHeader& header, const std::string& name) {
  std::int64_t bytes = 0;
  try {
    bytes = element_count(header.shape);
  } catch (const UsageError&) {
    bytes = -1;
  }
  // Also as read, where elements may be wider.
  const std::size_t size = std::max(header.element.size, sizeof(double));
  std::int64_t widest = 0;
  if (bytes < 0 || __builtin_mul_overflow(bytes, static_cast<std::int64_t>(size), &widest))
    throw DataError(name + ": header: the shape " + to_string(header.shape) +
                    " has more elements than any file holds");
  return static_cast<std::uint64_t>(bytes) * header.element.size;
}

}  // namespace

DType StoredElement::read_as() const {
  if (kind != 'f') return DType::int64;
  return size == 8 ? DType::float64 : DType::float32;
}

NpyHeader parse_npy_dictionary(const std::string& text, const std::string& file_name) {
  NpyHeader header = DictionaryParser(text, file_name).parse();
  header.data_bytes = count_data_bytes(header, file_name);
  return header;
}

NpyHeader read_npy_header(ByteStream& stream) {
  const std::string& name = stream.name();
  char start[8] = {};
  if (stream.remaining() < sizeof start + 2)
    throw DataError(name + ": torn: " + std::to_string(stream.remaining()) +
                    " bytes are too few for an .npy header");
  stream.read(start, sizeof start);
  if (std::string_view(start, kMagic.size()) != kMagic)
    throw DataError(name + ": is not an .npy array: expected it to begin with \\x93NUMPY");
  const int major = static_cast<unsigned char>(start[6]);
  const int minor = static_cast<unsigned char>(start[7]);
  if (major < 1 || major > 3 || minor != 0)
    throw DataError(name + ": .npy version " + std::to_string(major) + "." + std::to_string(minor) +
                    " is not known; expected 1.0, 2.0 or 3.0");
  const std::size_t length = read_dictionary_length(stream, major);
  if (length > kLongestDictionary)
    throw DataError(name + ": header: its length is given as " + std::to_string(length) +
                    " bytes; expected at most " + std::to_string(kLongestDictionary));
  std::string text(length, '\0');
  stream.read(text.data(), length);
  return parse_npy_dictionary(text, name);
}

std::string npy_header_text(DType dtype, const Shape& shape) {
  return npy_header_text(dtype == DType::float32   ? "<f4"
                         : dtype == DType::float64 ? "<f8"
                                                   : "<i8",
                         shape);
}

std::string npy_header_text(const std::string& descr, const Shape& shape) {
  std::string text = "{'descr': '" + descr + "', 'fortran_order': False, 'shape': (";
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (i > 0) text += ", ";
    text += std::to_string(shape[i]);
  }
  text += shape.size() == 1 ? ",), }" : "), }";
  constexpr std::size_t before = 10;  // magic, version, length
  text.append(63 - (before + text.size()) % 64, ' ');
  text += '\n';
  std::string header(kMagic);
  header +=
      {'\x01', '\0', static_cast<char>(text.size() & 255), static_cast<char>(text.size() >> 8)};
  return header + text;
}

}  // namespace ntk
