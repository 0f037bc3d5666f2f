// Any bytes, read as an archive, as a sealed archive, and as the compressed data of a member.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "ntk/error.h"
#include "src/io/npz.h"
#include "src/io/sealed.h"

namespace {

template <class Call>
void refused_or_done(Call call) {
  try {
    call();
  } catch (const ntk::DataError&) {
  }
}

// No sum fits random data: all that comes out must come before finish() refuses them.
void inflate(const ntk::ByteSource& source) {
  ntk::ZipMember member{"x.npy", true, 0, source.size(), 1 + source.size() * 3, 0};
  const auto stream = ntk::open_zip_member(source, member, "fuzz.npz:x");
  std::vector<char> piece(1000);
  while (stream->remaining() > 0)
    stream->read(piece.data(), std::min<std::uint64_t>(piece.size(), stream->remaining()));
  stream->finish();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ntk::MemorySource source(data, size, "fuzz.npz");
  refused_or_done([&] {
    for (const ntk::NamedArray& named : ntk::read_npz_from(source))
      if (named.name.empty()) std::abort();
  });
  refused_or_done([&] { ntk::read_sealed_npz_from(source); });
  refused_or_done([&] { inflate(source); });
  return 0;
}
