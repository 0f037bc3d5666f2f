#include "src/io/byte_source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "ntk/error.h"

namespace ntk {
namespace {

constexpr std::size_t kLargestRead = std::size_t{1} << 30;

std::string reason(int error_number) { return std::generic_category().message(error_number); }

[[noreturn]] void throw_torn(const std::string& name, std::uint64_t size) {
  throw DataError(name + ": ended early, after " + std::to_string(size) +
                  " bytes; the file is torn or still being written: make it again");
}

}  // namespace

FileSource::FileSource(const std::string& path) : path_(path) {
  descriptor_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor_ < 0) throw DataError(path + ": cannot open: " + reason(errno));
  struct stat status {};
  const int failed = ::fstat(descriptor_, &status);
  if (failed == 0 && S_ISREG(status.st_mode)) {
    size_ = static_cast<std::uint64_t>(status.st_size);
    return;
  }
  ::close(descriptor_);
  throw DataError(path + ": is " +
                  (S_ISDIR(status.st_mode) ? "a directory" : "not a regular file") +
                  "; expected an array file");
}

FileSource::~FileSource() { ::close(descriptor_); }

void FileSource::read_at(std::uint64_t offset, void* to, std::size_t bytes) const {
  if (offset > size_ || bytes > size_ - offset) throw_torn(path_, size_);
  auto* out = static_cast<unsigned char*>(to);
  while (bytes > 0) {
    const ssize_t got =
        ::pread(descriptor_, out, std::min(bytes, kLargestRead), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0)
      throw DataError(path_ + ": cannot read at byte " + std::to_string(offset) + ": " +
                      reason(errno));
    if (got == 0) throw_torn(path_, offset);
    out += got;
    offset += static_cast<std::uint64_t>(got);
    bytes -= static_cast<std::size_t>(got);
  }
}

void MemorySource::read_at(std::uint64_t offset, void* to, std::size_t bytes) const {
  if (offset > size_ || bytes > size_ - offset) throw_torn(name_, size_);
  if (bytes > 0) std::memcpy(to, data_ + offset, bytes);
}

void RangeStream::read(void* to, std::size_t bytes) {
  if (bytes > remaining_)
    throw DataError(name() + ": torn: " + std::to_string(bytes) + " bytes expected, " +
                    std::to_string(remaining_) + " are left");
  source_.read_at(offset_, to, bytes);
  offset_ += bytes;
  remaining_ -= bytes;
}

}  // namespace ntk
