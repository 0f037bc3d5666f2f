// The directory of a ZIP archive (PKWARE APPNOTE 6.3), as strict as an archive of arrays allows.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "src/io/byte_source.h"

namespace ntk {

struct ZipMember {
  std::string name;
  bool deflated = false;
  std::uint32_t crc = 0;
  std::uint64_t stored_size = 0;  // bytes in the archive
  std::uint64_t size = 0;         // bytes when inflated
  std::uint64_t offset = 0;       // of its first byte in the archive
};

struct ZipDirectory {
  std::vector<ZipMember> members;
  std::string comment;
};

// Throws DataError unless every byte of the archive is accounted for: headers, members and
// descriptors tile it without gap or overlap, and local headers agree with the directory.
ZipDirectory read_zip_directory(const ByteSource& source);

// What a member holds. finish() checks its CRC-32. The source must outlive the stream.
std::unique_ptr<ByteStream> open_zip_member(const ByteSource& source, const ZipMember& member,
                                            const std::string& stream_name);

}  // namespace ntk
