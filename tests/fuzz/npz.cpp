// Any bytes as an archive, as a sealed archive, and as the compressed data of a member.
#include <algorithm>
#include <vector>

#include "ntk/error.h"
#include "src/io/npz.h"
#include "src/io/sealed.h"
#include "targets.h"

namespace ntk::fuzz {
namespace {

// No sum fits random data: all that comes out must come before finish() refuses them.
void inflate(const ByteSource& source) {
  ZipMember member{"x.npy", true, 0, source.size(), 1 + source.size() * 3, 0};
  const auto stream = open_zip_member(source, member, "fuzz.npz:x");
  std::vector<char> piece(1000);
  while (stream->remaining() > 0)
    stream->read(piece.data(), std::min<std::uint64_t>(piece.size(), stream->remaining()));
  stream->finish();
}

}  // namespace

bool npz(const std::uint8_t* data, std::size_t size) {
  const MemorySource source(data, size, "fuzz.npz");
  const bool plain = refused_or_done<DataError>([&] {
    for (const NamedArray& named : read_npz_from(source))
      require(!named.name.empty(), "an array has a name");
  });
  const bool sealed = refused_or_done<DataError>([&] { read_sealed_npz_from(source); });
  refused_or_done<DataError>([&] { inflate(source); });
  return plain || sealed;
}

}  // namespace ntk::fuzz
