#include "src/io/zip_directory.h"

#include <algorithm>
#include <set>

#include "ntk/error.h"
#include "src/io/zip_format.h"

namespace ntk {
namespace {

using namespace zip;

// A directory entry and what only its local header can tell.
struct Entry {
  ZipMember member;
  std::uint16_t flags = 0;
  std::uint16_t method = 0;
  std::uint64_t header_offset = 0;
};

struct End {
  std::uint64_t entries = 0;
  std::uint64_t directory_size = 0;
  std::uint64_t directory_offset = 0;
  std::string comment;
};

class DirectoryReader {
 public:
  explicit DirectoryReader(const ByteSource& source) : source_(source), name_(source.name()) {}

  ZipDirectory read() {
    const End end = read_end();
    std::vector<Entry> entries = read_entries(end);
    require_distinct_names(entries);
    std::sort(entries.begin(), entries.end(),
              [](const Entry& a, const Entry& b) { return a.header_offset < b.header_offset; });
    std::uint64_t expected = 0;
    for (std::size_t i = 0; i < entries.size(); ++i) {
      if (entries[i].header_offset != expected) damaged("members overlap or leave a gap");
      expected = i + 1 < entries.size() ? entries[i + 1].header_offset : end.directory_offset;
      check_local(entries[i], expected);
    }
    if (entries.empty() && end.directory_offset != 0) damaged("bytes belong to no member");
    ZipDirectory directory;
    for (Entry& entry : entries) directory.members.push_back(std::move(entry.member));
    directory.comment = end.comment;
    return directory;
  }

 private:
  std::string read(std::uint64_t offset, std::uint64_t bytes) const {
    if (offset > source_.size() || bytes > source_.size() - offset)
      damaged("a record lies past the end of the file");
    std::string record(bytes, '\0');
    source_.read_at(offset, record.data(), record.size());
    return record;
  }

  // The end record is found from behind: its comment reaches exactly to the end of the file.
  std::uint64_t find_end() const {
    const std::uint64_t size = source_.size();
    const std::uint64_t span = std::min<std::uint64_t>(size, kEndBytes + kFull16);
    const std::string tail = read(size - span, span);
    for (std::size_t at = tail.size() < kEndBytes ? 0 : tail.size() - kEndBytes + 1; at-- > 0;) {
      if (tail.compare(at, 4, "PK\x05\x06") != 0) continue;
      const std::size_t comment =
          static_cast<unsigned char>(tail[at + 20]) |
          static_cast<std::size_t>(static_cast<unsigned char>(tail[at + 21])) << 8;
      if (at + kEndBytes + comment == tail.size()) return size - span + at;
    }
    throw DataError(name_ +
                    ": the archive has no end record; it is torn or still being written: "
                    "make it again");
  }

  End read_end() const {
    const std::uint64_t at = find_end();
    const std::string record = read(at, source_.size() - at);
    Fields fields(record, name_);
    fields.u32();
    const std::uint16_t disk = fields.u16(), directory_disk = fields.u16();
    const std::uint16_t entries_here = fields.u16(), entries = fields.u16();
    const std::uint32_t size = fields.u32(), offset = fields.u32();
    const std::uint16_t comment_length = fields.u16();
    End end{entries, size, offset, fields.text(comment_length)};
    if (disk != 0 || directory_disk != 0 || entries_here != entries)
      damaged("it is a part of an archive in several files");
    std::uint64_t directory_end = at;
    if (has_locator(at)) {
      directory_end = read_end64(at, end);
      if ((entries != kFull16 && entries != end.entries) ||
          (size != kFull32 && size != end.directory_size) ||
          (offset != kFull32 && offset != end.directory_offset))
        damaged("its two end records differ");
    } else if (size == kFull32 || offset == kFull32) {
      damaged("its ZIP64 end record is missing");
    }
    if (end.directory_offset > directory_end ||
        end.directory_size != directory_end - end.directory_offset)
      damaged("its directory is not where the end record says");
    return end;
  }

  bool has_locator(std::uint64_t end_at) const {
    return end_at >= kEnd64LocatorBytes && read(end_at - kEnd64LocatorBytes, 4) == "PK\x06\x07";
  }

  // Returns where the ZIP64 end record begins.
  std::uint64_t read_end64(std::uint64_t end_at, End& end) const {
    const std::string locator = read(end_at - kEnd64LocatorBytes, kEnd64LocatorBytes);
    Fields place(locator, name_);
    place.u32();
    const std::uint32_t disk = place.u32();
    const std::uint64_t at = place.u64();
    const std::uint32_t disks = place.u32();
    if (disk != 0 || disks > 1 || end_at < kEnd64LocatorBytes + kEnd64Bytes ||
        at != end_at - kEnd64LocatorBytes - kEnd64Bytes)
      damaged("its ZIP64 end record is not where the locator says");
    const std::string record = read(at, kEnd64Bytes);
    Fields fields(record, name_);
    const std::uint32_t signature = fields.u32();
    const std::uint64_t length = fields.u64();
    fields.u16();  // made by
    fields.u16();  // version needed
    const std::uint32_t this_disk = fields.u32(), directory_disk = fields.u32();
    const std::uint64_t entries_here = fields.u64();
    end.entries = fields.u64();
    end.directory_size = fields.u64();
    end.directory_offset = fields.u64();
    if (signature != kEnd64 || length != kEnd64Bytes - 12 || this_disk != 0 ||
        directory_disk != 0 || entries_here != end.entries)
      damaged("its ZIP64 end record is not one");
    return at;
  }

  std::vector<Entry> read_entries(const End& end) const {
    if (end.entries > end.directory_size / kCentralHeaderBytes)
      damaged("its directory is too small for its number of members");
    const std::string bytes = read(end.directory_offset, end.directory_size);
    Fields fields(bytes, name_);
    std::vector<Entry> entries;
    for (std::uint64_t i = 0; i < end.entries; ++i) entries.push_back(read_entry(fields));
    if (fields.left() != 0) damaged("its directory holds more than its members");
    return entries;
  }

  Entry read_entry(Fields& fields) const {
    Entry entry;
    ZipMember& member = entry.member;
    if (fields.u32() != kCentralHeader) damaged("its directory holds something else than members");
    fields.u16();  // made by
    fields.u16();  // version needed
    entry.flags = fields.u16();
    entry.method = fields.u16();
    fields.u32();  // time and date
    member.crc = fields.u32();
    member.stored_size = fields.u32();
    member.size = fields.u32();
    const std::uint16_t name_length = fields.u16(), extra_length = fields.u16();
    const std::uint16_t comment_length = fields.u16();
    std::uint64_t disk = fields.u16();
    fields.u16();  // internal attributes
    fields.u32();  // external attributes
    entry.header_offset = fields.u32();
    member.name = fields.text(name_length);
    const std::string extra = fields.text(extra_length);
    fields.text(comment_length);
    read_zip64_extra(extra, {&member.size, &member.stored_size, &entry.header_offset});
    if (disk != 0) damaged("it is a part of an archive in several files");
    require_readable(entry);
    return entry;
  }

  // Replaces those of the 32-bit `numbers` that are full by the 64-bit ones of the extra field.
  void read_zip64_extra(const std::string& extra,
                        const std::vector<std::uint64_t*>& numbers) const {
    Fields fields(extra, name_);
    bool found = false;
    while (fields.left() > 0) {
      const std::uint16_t id = fields.u16(), length = fields.u16();
      const std::string value = fields.text(length);
      if (id != kZip64Extra) continue;
      if (found) damaged("a member has two ZIP64 fields");
      found = true;
      Fields wide(value, name_);
      for (std::uint64_t* number : numbers)
        if (*number == kFull32) *number = wide.u64();
    }
    if (found) return;
    for (const std::uint64_t* number : numbers)
      if (*number == kFull32) damaged("a member's ZIP64 field is missing");
  }

  void require_readable(Entry& entry) const {
    ZipMember& member = entry.member;
    const std::string& name = member.name;
    const bool plain =
        std::none_of(name.begin(), name.end(), [](unsigned char c) { return c < ' ' || c == 127; });
    const bool ascii =
        std::all_of(name.begin(), name.end(), [](unsigned char c) { return c < 128; });
    if (name.empty() || !plain || (!ascii && !(entry.flags & kUtf8Name)))
      damaged("a member's name is empty or not readable text");
    if (entry.flags & kEncrypted) refuse(name, "is encrypted; save it without a password");
    constexpr std::uint16_t known = kHasDescriptor | kUtf8Name | 6;  // 6: how hard deflate tried
    if (entry.flags & ~known) refuse(name, "uses a ZIP feature that arrays are not saved with");
    if (entry.method != 0 && entry.method != 8)
      refuse(name, "is compressed by method " + std::to_string(entry.method) +
                       "; expected stored (0) or deflated (8), as numpy.savez writes");
    member.deflated = entry.method == 8;
    if (!member.deflated && member.size != member.stored_size)
      damaged("member '" + name + "' is stored, but with two sizes");
    // Deflate cannot shrink below 1 : 1032.
    if (member.deflated && member.size / 1032 > member.stored_size)
      damaged("member '" + name + "' claims more bytes than it can inflate to");
  }

  void require_distinct_names(const std::vector<Entry>& entries) const {
    std::set<std::string> names;
    for (const Entry& entry : entries)
      if (!names.insert(entry.member.name).second)
        damaged("two members are named '" + entry.member.name + "'");
  }

  // The local header repeats the directory's entry; the member ends where the next one begins.
  void check_local(Entry& entry, std::uint64_t end) const {
    ZipMember& member = entry.member;
    const std::string header = read(entry.header_offset, kLocalHeaderBytes);
    Fields fields(header, name_);
    const std::uint32_t signature = fields.u32();
    fields.u16();  // version needed
    const std::uint16_t flags = fields.u16(), method = fields.u16();
    fields.u32();  // time and date
    const std::uint32_t crc = fields.u32();
    std::uint64_t stored_size = fields.u32(), size = fields.u32();
    const std::uint16_t name_length = fields.u16(), extra_length = fields.u16();
    const std::uint64_t texts = entry.header_offset + kLocalHeaderBytes;
    if (signature != kLocalHeader || flags != entry.flags || method != entry.method ||
        read(texts, name_length) != member.name)
      differs(member);
    const bool described = flags & kHasDescriptor;
    const bool blank =
        described && crc == 0 && (size == 0 || size == kFull32) && stored_size == size;
    if (!blank) {
      read_zip64_extra(read(texts + name_length, extra_length), {&size, &stored_size});
      if (crc != member.crc || size != member.size || stored_size != member.stored_size)
        differs(member);
    }
    member.offset = texts + name_length + extra_length;
    if (member.offset > end || member.stored_size > end - member.offset)
      damaged("member '" + member.name + "' reaches into the next one");
    const std::uint64_t data_end = member.offset + member.stored_size;
    if (described && end - data_end <= kLongestDescriptorBytes)
      check_descriptor(member, read(data_end, end - data_end));
    else if (data_end != end)
      damaged("bytes after member '" + member.name + "' belong to none");
  }

  // After the data: a signature (or none), CRC, and both sizes in 32 or 64 bits.
  void check_descriptor(const ZipMember& member, const std::string& bytes) const {
    if (bytes.size() != 12 && bytes.size() != 16 && bytes.size() != 20 && bytes.size() != 24)
      differs(member);
    Fields fields(bytes, name_);
    if (bytes.size() % 8 == 0 && fields.u32() != kDescriptor) differs(member);
    const bool wide = bytes.size() >= 20;
    const std::uint32_t crc = fields.u32();
    const std::uint64_t stored_size = wide ? fields.u64() : fields.u32();
    const std::uint64_t size = wide ? fields.u64() : fields.u32();
    if (crc != member.crc || stored_size != member.stored_size || size != member.size)
      differs(member);
  }

  [[noreturn]] void differs(const ZipMember& member) const {
    damaged("the header of member '" + member.name + "' differs from the directory");
  }
  [[noreturn]] void damaged(const std::string& what) const {
    throw DataError(name_ + ": damaged archive: " + what + "; make the file again");
  }
  [[noreturn]] void refuse(const std::string& member, const std::string& what) const {
    throw DataError(name_ + ": member '" + member + "' " + what);
  }

  const ByteSource& source_;
  const std::string& name_;
};

}  // namespace

ZipDirectory read_zip_directory(const ByteSource& source) { return DirectoryReader(source).read(); }

}  // namespace ntk
