#include "src/io/sealed.h"

#include <algorithm>
#include <string_view>

#include "ntk/error.h"
#include "src/io/atomic_file.h"
#include "src/io/npz.h"
#include "src/io/sha256.h"

namespace ntk {
namespace {

constexpr std::string_view kFormat = "libntk sealed archive ";
constexpr std::string_view kSeal = "libntk sealed archive 1, sha256 ";
constexpr std::size_t kSealBytes = kSeal.size() + 64;
constexpr std::size_t kLongestSeal = 256;  // of any version
constexpr const char* kMetadataName = "ntk_model.json";

ZipEntry text_entry(const std::string& name, const std::string& text) {
  const auto body = [&text](const ByteSink& sink) { sink(text.data(), text.size()); };
  return {name, text.size(), crc_of(body), body};
}

std::string digest_of(const ByteSource& source, std::uint64_t bytes) {
  Sha256 sum;
  std::vector<char> piece(std::min<std::uint64_t>(bytes, 1 << 20));
  for (std::uint64_t at = 0; at < bytes;) {
    const auto length = static_cast<std::size_t>(std::min<std::uint64_t>(piece.size(), bytes - at));
    source.read_at(at, piece.data(), length);
    sum.update(piece.data(), length);
    at += length;
  }
  return sum.hex_digest();
}

void require_seal(const ByteSource& source) {
  const std::uint64_t size = source.size();
  std::string tail(std::min<std::uint64_t>(size, kLongestSeal), '\0');
  source.read_at(size - tail.size(), tail.data(), tail.size());
  const std::size_t at = tail.rfind(kFormat);
  if (at == std::string::npos)
    throw DataError(source.name() +
                    ": is torn, or no model: expected a file that ntk fit wrote, with '" +
                    std::string(kFormat) + "...' at its end");
  const std::string seal = tail.substr(at);
  if (!seal.starts_with(kSeal))
    throw DataError(source.name() + ": is sealed as '" + seal.substr(0, seal.find(',')) +
                    "'; this libntk reads '" + std::string(kSeal.substr(0, kSeal.find(','))) +
                    "': use the libntk that wrote it, or make it again");
  if (seal.size() != kSealBytes ||
      digest_of(source, size - kSealBytes) != seal.substr(kSeal.size()))
    throw DataError(source.name() +
                    ": damaged: its SHA-256 is not the one it was sealed with; copy "
                    "or make it again");
}

std::string read_text(const ByteSource& source, const ZipMember& member) {
  const auto stream = open_zip_member(source, member, source.name() + ":" + member.name);
  std::string text(stream->remaining(), '\0');
  stream->read(text.data(), text.size());
  stream->finish();
  return text;
}

}  // namespace

void write_sealed_npz(const std::string& path,
                      const std::vector<std::pair<std::string, ArrayView>>& arrays,
                      const std::string& metadata) {
  std::vector<ZipEntry> entries = {text_entry(kMetadataName, metadata)};
  for (const auto& [name, array] : arrays) entries.push_back(npz_entry(name, array));
  AtomicFile file(path, zip_bytes(entries) + kSealBytes);
  Sha256 sum;
  const auto write = [&](const void* data, std::size_t bytes) {
    sum.update(data, bytes);
    file.write(data, bytes);
  };
  write_zip(write, entries, kSealBytes);
  file.write(std::string(kSeal) + sum.hex_digest());
  file.commit();
}

SealedArchive read_sealed_npz(const std::string& path) {
  return read_sealed_npz_from(FileSource(path));
}

SealedArchive read_sealed_npz_from(const ByteSource& source) {
  require_seal(source);
  const ZipDirectory directory = read_zip_directory(source);
  SealedArchive archive;
  bool has_metadata = false;
  for (const ZipMember& member : directory.members) {
    const std::string name = array_name_of(member);
    if (member.name == kMetadataName) {
      archive.metadata = read_text(source, member);
      has_metadata = true;
    } else if (!name.empty()) {
      archive.arrays.push_back({name, read_zip_array(source, member)});
    } else {
      throw DataError(source.name() + ": member '" + member.name + "' is neither an array nor " +
                      kMetadataName);
    }
  }
  if (!has_metadata) throw DataError(source.name() + ": has no member '" + kMetadataName + "'");
  return archive;
}

}  // namespace ntk
