#include "src/io/utf8.h"

namespace ntk {
namespace {

bool is_scalar(std::uint32_t point) {
  return point < 0xd800 || (point > 0xdfff && point <= 0x10ffff);
}

// Takes one code point from the front.
bool take(std::string_view& text, std::uint32_t& point) {
  const auto lead = static_cast<unsigned char>(text[0]);
  const std::size_t length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if ((lead >= 0x80 && lead < 0xc2) || lead > 0xf4 || text.size() < length) return false;
  point = length == 1 ? lead : lead & (0x7fU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xc0) != 0x80) return false;
    point = point << 6 | (next & 0x3f);
  }
  constexpr std::uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
  text.remove_prefix(length);
  return point >= smallest[length] && is_scalar(point);
}

}  // namespace

bool from_utf8(std::string_view text, std::u32string& points) {
  points.clear();
  while (!text.empty()) {
    std::uint32_t point = 0;
    if (!take(text, point)) return false;
    points += static_cast<char32_t>(point);
  }
  return true;
}

bool to_utf8(std::u32string_view points, std::string& text) {
  text.clear();
  for (const char32_t point : points) {
    const auto p = static_cast<std::uint32_t>(point);
    if (!is_scalar(p)) return false;
    const int length = p < 0x80 ? 1 : p < 0x800 ? 2 : p < 0x10000 ? 3 : 4;
    constexpr std::uint32_t leads[] = {0, 0, 0xc0, 0xe0, 0xf0};
    text += static_cast<char>(leads[length] | p >> (6 * (length - 1)));
    for (int i = length - 2; i >= 0; --i) text += static_cast<char>(0x80 | (p >> (6 * i) & 0x3f));
  }
  return true;
}

bool is_plain_text(std::string_view text) {
  const bool has_more = !text.empty();
  while (!text.empty()) {
    std::uint32_t point = 0;
    if (!take(text, point) || point < 0x20 || (point >= 0x7f && point < 0xa0)) return false;
  }
  return has_more;
}

}  // namespace ntk
