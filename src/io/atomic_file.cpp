#include "src/io/atomic_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <climits>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "ntk/error.h"
#include "src/base/large_memory.h"

namespace ntk {
namespace {

constexpr std::size_t kLargestWrite = std::size_t{1} << 30;

// What remove_partial_files() unlinks. Fixed memory, because a signal handler reads it.
struct Slot {
  enum State { kFree, kFilling, kReady };
  std::atomic<int> state{kFree};
  char path[PATH_MAX] = {};
};
constexpr int kSlots = 32;
Slot registry[kSlots];
static_assert(std::atomic<int>::is_always_lock_free);

int enter_registry(const std::string& partial) {
  if (partial.size() >= sizeof Slot::path)
    throw DataError(partial + ": cannot write: the path is longer than the system allows");
  for (int i = 0; i < kSlots; ++i) {
    int expected = Slot::kFree;
    if (!registry[i].state.compare_exchange_strong(expected, Slot::kFilling)) continue;
    std::memcpy(registry[i].path, partial.c_str(), partial.size() + 1);
    registry[i].state.store(Slot::kReady);
    return i;
  }
  throw DataError(partial + ": cannot write: " + std::to_string(kSlots) +
                  " files are being written already");
}

// Where a rename must land so that a link stays a link.
std::filesystem::path follow_links(const std::string& path) {
  namespace fs = std::filesystem;
  std::error_code ignored;  // whatever is wrong with the path, opening it says it better
  fs::path target = fs::absolute(path, ignored);
  for (int links = 0; links < 40 && fs::is_symlink(target, ignored); ++links)
    target = target.parent_path() / fs::read_symlink(target, ignored);
  return target;
}

// A crash may have left a partial file; its lock died with its writer, so it is taken over. A
// partial file renamed or unlinked by its writer between open and lock is not ours: try again.
bool is_still_at(int descriptor, const std::string& path) {
  struct stat opened {};
  struct stat named {};
  return ::fstat(descriptor, &opened) == 0 && ::lstat(path.c_str(), &named) == 0 &&
         opened.st_ino == named.st_ino && opened.st_dev == named.st_dev;
}

std::uint64_t allowed_file_size() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_FSIZE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return UINT64_MAX;
  return limit.rlim_cur;
}

// Looked at before anything is opened, because "No such file" is no answer to the name of a new
// one.
void require_folder(const std::string& path, const std::filesystem::path& target) {
  const std::string folder = target.parent_path();
  struct stat status {};
  if (::stat(folder.c_str(), &status) != 0 && errno == ENOENT)
    throw DataError(path + ": cannot write it: the folder " + folder +
                    " does not exist; make it first (mkdir -p), or name another one");
}

std::string in_bytes(std::uint64_t bytes) {
  const std::string exact = std::to_string(bytes) + " bytes";
  return bytes < 1024 ? exact : exact + " (" + format_bytes(bytes) + ")";
}

}  // namespace

AtomicFile::AtomicFile(const std::string& path, std::uint64_t bytes_needed)
    : path_(path), target_(follow_links(path)), bytes_needed_(bytes_needed) {
  if (path_.empty()) throw DataError("cannot write a file without a name");
  partial_ = target_ + ".partial";
  require_folder(path_, target_);
  struct stat status {};
  if (::stat(target_.c_str(), &status) == 0) {
    if (!S_ISREG(status.st_mode))
      throw DataError(path_ + ": cannot write: it is " +
                      (S_ISDIR(status.st_mode) ? "a directory" : "not a regular file") +
                      "; name a file");
    if (::access(target_.c_str(), W_OK) != 0) fail("write", errno);
  }
  slot_ = enter_registry(partial_);
  try {
    open_partial();
    require_space();
  } catch (...) {
    abandon();
    throw;
  }
}

AtomicFile::~AtomicFile() { abandon(); }

void AtomicFile::open_partial() {
  for (int attempt = 0; attempt < 100; ++attempt) {
    const int opened =
        ::open(partial_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0666);
    if (opened < 0) fail("write", errno);
    // Some network file systems have no locks: there, two writers are the user's care.
    if (::flock(opened, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
      ::close(opened);
      throw DataError(path_ + ": cannot write: another writer is at work on " + partial_);
    }
    if (!is_still_at(opened, partial_)) {
      ::close(opened);
      continue;
    }
    descriptor_ = opened;
    if (::ftruncate(descriptor_, 0) != 0) fail("write", errno);
    return;
  }
  fail("write", EAGAIN);
}

void AtomicFile::require_space() {
  const std::uint64_t allowed = allowed_file_size();
  if (bytes_needed_ > allowed)
    throw DataError(path_ + ": cannot write: " + in_bytes(bytes_needed_) +
                    " needed, but the limit on file sizes (ulimit -f) is " + in_bytes(allowed));
  struct statvfs status {};
  if (::fstatvfs(descriptor_, &status) != 0 || status.f_blocks == 0) return;  // it does not say
  const std::uint64_t free = std::uint64_t{status.f_bavail} * status.f_frsize;
  if (bytes_needed_ > free)
    throw DataError(path_ + ": cannot write: " + in_bytes(bytes_needed_) +
                    " needed, but the file system has " + in_bytes(free) +
                    " free; free some or write elsewhere");
}

void AtomicFile::write(const void* data, std::size_t bytes) {
  if (descriptor_ < 0) throw UsageError(path_ + ": written to after it was committed");
  const auto* from = static_cast<const unsigned char*>(data);
  while (bytes > 0) {
    const ssize_t done = ::write(descriptor_, from, std::min(bytes, kLargestWrite));
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) fail("write", errno);
    from += done;
    bytes -= static_cast<std::size_t>(done);
    written_ += static_cast<std::uint64_t>(done);
  }
}

void AtomicFile::commit() {
  if (descriptor_ < 0) throw UsageError(path_ + ": committed twice");
  if (::fsync(descriptor_) != 0) fail("bring to the disk", errno);
  if (::rename(partial_.c_str(), target_.c_str()) != 0) fail("rename " + partial_ + " to", errno);
  registry[slot_].state.store(Slot::kFree);
  slot_ = -1;
  ::close(descriptor_);  // nothing is left that could fail: the bytes are on the disk
  descriptor_ = -1;
  // The rename itself reaches the disk with its directory, where the file system can do that.
  const std::string directory = std::filesystem::path(target_).parent_path();
  const int parent = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (parent < 0) return;
  ::fsync(parent);
  ::close(parent);
}

void AtomicFile::abandon() noexcept {
  if (descriptor_ >= 0) {
    ::unlink(partial_.c_str());
    ::close(descriptor_);
    descriptor_ = -1;
  }
  if (slot_ >= 0) registry[slot_].state.store(Slot::kFree);
  slot_ = -1;
}

void AtomicFile::fail(const std::string& verb, int error_number) const {
  std::string text =
      path_ + ": cannot " + verb + " it: " + std::generic_category().message(error_number);
  if (written_ > 0) {
    text += " (" + in_bytes(written_) + " written";
    if (bytes_needed_ > 0) text += " of " + in_bytes(bytes_needed_);
    text += ")";
  } else if (bytes_needed_ > 0) {
    text += " (" + in_bytes(bytes_needed_) + " needed)";
  }
  throw DataError(text);
}

void remove_partial_files() noexcept {
  for (Slot& slot : registry)
    if (slot.state.load() == Slot::kReady) ::unlink(slot.path);
}

}  // namespace ntk
