// Arrays of text in .npy files: code points of 32 bits, filled up with zeros.
#include <algorithm>
#include <cstring>

#include "ntk/error.h"
#include "src/io/npy.h"
#include "src/io/number_text.h"
#include "src/io/utf8.h"

namespace ntk {
namespace {

std::string decode_text(const unsigned char* from, const NpyHeader& header,
                        const std::string& where) {
  std::u32string points(header.element.size / sizeof(char32_t), U'\0');
  std::memcpy(points.data(), from, header.element.size);
  if (header.element.big_endian)
    for (char32_t& point : points)
      point = static_cast<char32_t>(__builtin_bswap32(static_cast<std::uint32_t>(point)));
  points.resize(points.find_last_not_of(U'\0') + 1);
  std::string text;
  if (!to_utf8(points, text) || !is_plain_text(text))
    throw DataError(where + " is no label; expected text without control characters");
  if (is_missing(text)) throw DataError(where + " " + complaint_about(NumberText::missing, text));
  return text;
}

}  // namespace

std::vector<std::string> read_npy_texts(ByteStream& stream, const NpyHeader& header) {
  const Shape& shape = header.shape;
  if (shape.empty() || shape.size() > 2 || (shape.size() == 2 && shape[1] != 1))
    throw DataError(stream.name() + ": holds text of the shape " + to_string(shape) +
                    "; expected one label for each sample");
  std::vector<std::string> texts;
  std::vector<unsigned char> raw(shape[0] > 0 ? header.element.size : 0);
  for (std::int64_t i = 0; i < shape[0]; ++i) {
    stream.read(raw.data(), raw.size());
    texts.push_back(decode_text(raw.data(), header, stream.name() + ": row " + std::to_string(i)));
  }
  stream.finish();
  return texts;
}

void write_npy_texts_to(const ByteSink& sink, const std::vector<std::string>& texts) {
  std::vector<std::u32string> all(texts.size());
  std::size_t longest = 1;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (!from_utf8(texts[i], all[i]))
      throw UsageError("a text to be written is not UTF-8: " + quoted_for_message(texts[i]));
    longest = std::max(longest, all[i].size());
  }
  const std::string header =
      npy_header_text("<U" + std::to_string(longest), {static_cast<std::int64_t>(texts.size())});
  sink(header.data(), header.size());
  for (std::u32string& points : all) {
    points.resize(longest, U'\0');
    sink(points.data(), points.size() * sizeof(char32_t));
  }
}

}  // namespace ntk
