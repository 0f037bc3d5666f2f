// Any bytes, read as an .npy file: refused, or an array that is written and read again the same.
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>

#include "ntk/error.h"
#include "src/io/npy.h"

namespace {

ntk::Array parse(const void* data, std::size_t size) {
  const ntk::MemorySource source(data, size, "fuzz.npy");
  ntk::RangeStream stream(source, 0, size, source.name());
  return ntk::read_npy(stream);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const ntk::Array array = parse(data, size);
    std::string file;
    ntk::write_npy_to(
        [&](const void* bytes, std::size_t n) { file.append(static_cast<const char*>(bytes), n); },
        array);
    const ntk::Array again = parse(file.data(), file.size());
    if (file.size() != ntk::npy_bytes(array) || again.shape() != array.shape() ||
        std::memcmp(again.data(), array.data(), array.bytes()) != 0)
      std::abort();
  } catch (const ntk::DataError&) {
  }
  return 0;
}
