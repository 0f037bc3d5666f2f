// Writes ZIP archives of stored members; the same members give the same bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "src/io/npy.h"

namespace ntk {

struct ZipEntry {
  std::string name;
  std::uint64_t size = 0;
  std::uint32_t crc = 0;
  std::function<void(const ByteSink&)> write_body;  // `size` bytes
};

// CRC-32 of what `write_body` writes.
std::uint32_t crc_of(const std::function<void(const ByteSink&)>& write_body);

// Everything but the comment's text, which the caller appends (0: none). ZIP64 where it is needed.
// Throws UsageError for names that are empty, too long, not text, or not distinct.
void write_zip(const ByteSink& sink, const std::vector<ZipEntry>& entries,
               std::size_t comment_length = 0);

// Bytes that write_zip writes.
std::uint64_t zip_bytes(const std::vector<ZipEntry>& entries);

}  // namespace ntk
