// A file that appears whole or not at all.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace ntk {

// Writes to path + ".partial"; commit() brings it to the disk and renames it. Without a commit
// nothing is left behind. Throws DataError (path, the system's reason, bytes needed). Two writers
// of one path exclude each other, in one process or in several.
class AtomicFile {
 public:
  // Refused before a byte is written when `bytes_needed` do not fit in the file system, when `path`
  // exists and is not a regular file (a device, a directory), or may not be written. A symbolic
  // link is followed. 0: not known.
  explicit AtomicFile(const std::string& path, std::uint64_t bytes_needed = 0);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(const void* data, std::size_t bytes);
  void write(const std::string& text) { write(text.data(), text.size()); }
  void commit();

  const std::string& path() const { return path_; }
  std::uint64_t written() const { return written_; }

 private:
  void open_partial();
  void require_space();
  void abandon() noexcept;
  [[noreturn]] void fail(const std::string& verb, int error_number) const;

  std::string path_;     // as the caller named it
  std::string target_;   // absolute, links followed
  std::string partial_;  // target_ + ".partial"
  std::uint64_t bytes_needed_;
  std::uint64_t written_ = 0;
  int descriptor_ = -1;
  int slot_ = -1;  // in the registry of remove_partial_files()
};

// Unlinks every partial file that is being written. For a handler of SIGINT or SIGTERM, which must
// end the process next (_exit): it takes no lock, allocates nothing and calls only unlink.
void remove_partial_files() noexcept;

}  // namespace ntk
