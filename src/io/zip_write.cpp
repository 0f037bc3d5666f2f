#include "src/io/zip_write.h"

#include <zlib.h>

#include <algorithm>
#include <set>

#include "ntk/error.h"
#include "src/io/zip_format.h"

namespace ntk {
namespace {

using namespace zip;

constexpr std::uint32_t kMidnight1980 = 0x00210000;  // no clock: equal arrays give equal files

bool is_wide(std::uint64_t number) { return number >= kFull32; }

void require_good_names(const std::vector<ZipEntry>& entries) {
  std::set<std::string> names;
  for (const ZipEntry& entry : entries) {
    const bool plain = std::none_of(entry.name.begin(), entry.name.end(),
                                    [](unsigned char c) { return c < ' ' || c == 127; });
    if (entry.name.empty() || entry.name.size() >= kFull16 || !plain)
      throw UsageError("'" + entry.name + "' cannot be the name of an array in an archive");
    if (!names.insert(entry.name).second)
      throw UsageError("two arrays of one archive are named '" + entry.name + "'");
  }
}

// Version, flags, method, time, CRC, sizes and length of the name: the same in both headers.
void append_common(Record& record, const ZipEntry& entry, bool wide, bool sizes_wide) {
  const bool ascii =
      std::all_of(entry.name.begin(), entry.name.end(), [](unsigned char c) { return c < 128; });
  const std::uint64_t size = sizes_wide ? kFull32 : entry.size;
  record.u16(wide ? 45 : 20).u16(ascii ? 0 : kUtf8Name).u16(0).u32(kMidnight1980).u32(entry.crc);
  record.u32(size).u32(size).u16(entry.name.size());
}

std::string local_header(const ZipEntry& entry) {
  const bool wide = is_wide(entry.size);
  Record record;
  record.u32(kLocalHeader);
  append_common(record, entry, wide, wide);
  record.u16(wide ? 20 : 0).text(entry.name);
  if (wide) record.u16(kZip64Extra).u16(16).u64(entry.size).u64(entry.size);
  return record.bytes();
}

std::string central_header(const ZipEntry& entry, std::uint64_t offset) {
  Record extra;
  if (is_wide(entry.size)) extra.u64(entry.size).u64(entry.size);
  if (is_wide(offset)) extra.u64(offset);
  const std::size_t extra_bytes = extra.bytes().size();
  Record record;
  record.u32(kCentralHeader).u16(extra_bytes > 0 ? 45 : 20);
  append_common(record, entry, extra_bytes > 0, is_wide(entry.size));
  record.u16(extra_bytes > 0 ? extra_bytes + 4 : 0);
  record.u16(0).u16(0).u16(0).u32(0);  // comment, disk, attributes
  record.u32(is_wide(offset) ? kFull32 : offset).text(entry.name);
  if (extra_bytes > 0) record.u16(kZip64Extra).u16(extra_bytes).text(extra.bytes());
  return record.bytes();
}

std::string end_records(std::uint64_t entries, std::uint64_t size, std::uint64_t offset,
                        std::size_t comment_length) {
  Record record;
  if (entries >= kFull16 || is_wide(size) || is_wide(offset)) {
    record.u32(kEnd64).u64(kEnd64Bytes - 12).u16(45).u16(45).u32(0).u32(0);
    record.u64(entries).u64(entries).u64(size).u64(offset);
    record.u32(kEnd64Locator).u32(0).u64(offset + size).u32(1);
  }
  const std::uint64_t count = std::min<std::uint64_t>(entries, kFull16);
  record.u32(kEnd).u16(0).u16(0).u16(count).u16(count);
  record.u32(is_wide(size) ? kFull32 : size).u32(is_wide(offset) ? kFull32 : offset);
  record.u16(comment_length);
  return record.bytes();
}

}  // namespace

std::uint32_t crc_of(const std::function<void(const ByteSink&)>& write_body) {
  unsigned long crc = 0;
  write_body([&](const void* data, std::size_t bytes) {
    if (bytes > 0) crc = crc32_z(crc, static_cast<const Bytef*>(data), bytes);
  });
  return static_cast<std::uint32_t>(crc);
}

void write_zip(const ByteSink& sink, const std::vector<ZipEntry>& entries,
               std::size_t comment_length) {
  require_good_names(entries);
  const auto write = [&](const std::string& record) { sink(record.data(), record.size()); };
  std::uint64_t offset = 0;
  std::string directory;
  for (const ZipEntry& entry : entries) {
    const std::string header = local_header(entry);
    directory += central_header(entry, offset);
    write(header);
    entry.write_body(sink);
    offset += header.size() + entry.size;
  }
  write(directory);
  write(end_records(entries.size(), directory.size(), offset, comment_length));
}

std::uint64_t zip_bytes(const std::vector<ZipEntry>& entries) {
  std::uint64_t offset = 0, directory = 0;
  for (const ZipEntry& entry : entries) {
    directory += central_header(entry, offset).size();
    offset += local_header(entry).size() + entry.size;
  }
  return offset + directory + end_records(entries.size(), directory, offset, 0).size();
}

}  // namespace ntk
