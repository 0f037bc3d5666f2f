// Any bytes as an .npy file, of numbers or of text.
#include <cstring>
#include <string>

#include "ntk/error.h"
#include "src/io/npy.h"
#include "targets.h"

namespace ntk::fuzz {
namespace {

template <class Write>
std::string written(Write write) {
  std::string file;
  write([&](const void* bytes, std::size_t n) { file.append(static_cast<const char*>(bytes), n); });
  return file;
}

template <class Read>
auto read(const void* data, std::size_t size, Read how) {
  const MemorySource source(data, size, "fuzz.npy");
  RangeStream stream(source, 0, size, source.name());
  return how(stream);
}

std::vector<std::string> texts_of(ByteStream& stream) {
  const NpyHeader header = read_npy_start(stream);
  return header.element.is_text() ? read_npy_texts(stream, header) : std::vector<std::string>{};
}

}  // namespace

bool npy(const std::uint8_t* data, std::size_t size) {
  const bool numbers = refused_or_done<DataError>([&] {
    const Array array = read(data, size, read_npy);
    const std::string file = written([&](const ByteSink& sink) { write_npy_to(sink, array); });
    require(file.size() == npy_bytes(array), "the size is the announced one");
    const Array again = read(file.data(), file.size(), read_npy);
    require(again.shape() == array.shape() &&
                std::memcmp(again.data(), array.data(), array.bytes()) == 0,
            "an array is read as it was written");
  });
  const bool other = refused_or_done<DataError>([&] {
    const std::vector<std::string> texts = read(data, size, texts_of);
    if (texts.empty()) return;
    const std::string file =
        written([&](const ByteSink& sink) { write_npy_texts_to(sink, texts); });
    require(read(file.data(), file.size(), texts_of) == texts, "text is read as it was written");
  });
  return numbers || other;
}

}  // namespace ntk::fuzz
