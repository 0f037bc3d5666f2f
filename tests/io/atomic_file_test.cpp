#include "src/io/atomic_file.h"

#include <gmock/gmock.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "io/io_support.h"
#include "ntk/io.h"

namespace ntk::testing {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(AtomicFile, AppearsWhenItIsCommitted) {
  const TemporaryFolder folder;
  AtomicFile file(folder / "x");
  file.write("whole");
  EXPECT_THAT(folder.entries(), ElementsAre("x.partial"));
  file.commit();
  EXPECT_THAT(folder.entries(), ElementsAre("x"));
  EXPECT_EQ(bytes_of_file(folder / "x"), "whole");
  EXPECT_THROW(file.write("more"), UsageError);
  EXPECT_THROW(file.commit(), UsageError);
}

TEST(AtomicFile, LeavesNothingWithoutACommit) {
  const TemporaryFolder folder;
  folder.write("x", "before");
  try {
    AtomicFile file(folder / "x");
    file.write("half");
    throw Cancelled("stopped");
  } catch (const Cancelled&) {
  }
  EXPECT_THAT(folder.entries(), ElementsAre("x"));
  EXPECT_EQ(bytes_of_file(folder / "x"), "before");
}

TEST(AtomicFile, TakesOverWhatACrashLeft) {
  const TemporaryFolder folder;
  folder.write("x.partial", "a long and useless rest");
  AtomicFile file(folder / "x");
  file.write("new");
  file.commit();
  EXPECT_EQ(bytes_of_file(folder / "x"), "new");
  EXPECT_THAT(folder.entries(), ElementsAre("x"));
}

TEST(AtomicFile, KeepsASecondWriterOut) {
  const TemporaryFolder folder;
  AtomicFile first(folder / "x");
  first.write("first");
  EXPECT_THAT(error_of([&] { AtomicFile second(folder / "x"); }), HasSubstr("another writer"));
  first.commit();
  EXPECT_EQ(bytes_of_file(folder / "x"), "first");
  AtomicFile third(folder / "x");
  third.commit();
  EXPECT_EQ(bytes_of_file(folder / "x"), "");
}

TEST(AtomicFile, FollowsASymbolicLink) {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder / "elsewhere");
  std::filesystem::create_symlink("elsewhere/target", folder / "link");
  AtomicFile file(folder / "link");
  file.write("data");
  file.commit();
  EXPECT_TRUE(std::filesystem::is_symlink(folder / "link"));
  EXPECT_EQ(bytes_of_file(folder / "elsewhere/target"), "data");
}

TEST(AtomicFile, NeverReplacesWhatIsNoFile) {
  const TemporaryFolder folder;
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  EXPECT_THAT(error_of([&] { AtomicFile file(folder / "pipe"); }), HasSubstr("not a regular file"));
  EXPECT_THAT(error_of([] { AtomicFile file("/dev/full"); }), HasSubstr("not a regular file"));
  EXPECT_THAT(error_of([&] { AtomicFile file(folder.path()); }), HasSubstr("a directory"));
  EXPECT_THAT(error_of([] { AtomicFile file(""); }), HasSubstr("without a name"));
  EXPECT_THAT(folder.entries(), ElementsAre("pipe"));
}

TEST(AtomicFile, SaysWhyAFolderCannotBeWritten) {
  const TemporaryFolder folder;
  EXPECT_THAT(error_of([&] { AtomicFile file(folder / "absent/x.npy", 1000); }),
              AllOf(HasSubstr("absent/x.npy"), HasSubstr(folder / "absent does not exist"),
                    HasSubstr("mkdir")));
  folder.write("file", "");
  EXPECT_THAT(error_of([&] { AtomicFile file(folder / "file/x"); }), HasSubstr("Not a directory"));
  EXPECT_THAT(error_of([&] { AtomicFile file(folder / std::string(300, 'x')); }),
              HasSubstr("name too long"));
  EXPECT_THAT(error_of([&] { AtomicFile file(folder / std::string(5000, 'x')); }),
              HasSubstr("longer than the system allows"));
}

// Root may write anywhere: it becomes somebody else for this.
TEST(AtomicFile, RespectsPermissions) {
  const TemporaryFolder folder;
  folder.write("kept", "kept");
  ::chmod((folder / "kept").c_str(), 0444);
  ::chmod(folder.path().c_str(), 0555);
  const bool root = ::geteuid() == 0;
  if (root) {
    ASSERT_EQ(::seteuid(65534), 0);
  }
  EXPECT_THAT(error_of([&] { AtomicFile file(folder / "x"); }), HasSubstr("Permission denied"));
  EXPECT_THAT(error_of([&] { AtomicFile file(folder / "kept"); }), HasSubstr("Permission denied"));
  if (root) {
    ASSERT_EQ(::seteuid(0), 0);
  }
  ::chmod(folder.path().c_str(), 0755);
  EXPECT_THAT(folder.entries(), ElementsAre("kept"));
}

// The limit on file sizes stands in for a full disk: the system refuses a write in the middle.
class SizeLimit {
 public:
  explicit SizeLimit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit small = {bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &small);
  }
  ~SizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  void (*handler_)(int);
  rlimit before_ = {};
};

TEST(AtomicFile, LeavesNothingWhenAWriteFails) {
  const TemporaryFolder folder;
  std::string message;
  {
    const SizeLimit limit(4096);
    message = error_of([&] {
      AtomicFile file(folder / "x.npz");
      for (int i = 0; i < 100; ++i) file.write(std::string(100, 'x'));
      file.commit();
    });
  }
  EXPECT_THAT(message, AllOf(HasSubstr("x.npz"), HasSubstr("File too large"),
                             HasSubstr("4096 bytes (4.0 KiB) written")));
  EXPECT_THAT(folder.entries(), IsEmpty());
}

TEST(AtomicFile, RefusesBeforehandWhatTheLimitForbids) {
  const TemporaryFolder folder;
  const Array array(DType::float64, {1000});
  std::string message;
  {
    const SizeLimit limit(4096);
    message = error_of([&] { write_npy(folder / "x.npy", array); });
  }
  EXPECT_THAT(message, AllOf(HasSubstr("8128 bytes"), HasSubstr("ulimit -f")));
  EXPECT_THAT(folder.entries(), IsEmpty());
}

TEST(AtomicFile, RefusesBeforehandWhatTheDiskCannotHold) {
  const TemporaryFolder folder;
  constexpr std::uint64_t exbibyte = std::uint64_t{1} << 60;
  EXPECT_THAT(error_of([&] { AtomicFile file(folder / "x", exbibyte); }),
              AllOf(HasSubstr("1152921504606846976 bytes (1.0 EiB) needed"),
                    HasSubstr("free some or write elsewhere")));
  EXPECT_THAT(folder.entries(), IsEmpty());
}

TEST(AtomicFile, LeavesNothingOnAFullDisk) {
  const TemporaryFolder folder;
  if (::mount("tmpfs", folder.path().c_str(), "tmpfs", 0, "size=64k") != 0)
    GTEST_SKIP() << "a file system of its own can only be mounted by root";
  const std::string message = error_of([&] {
    AtomicFile file(folder / "x");
    for (int i = 0; i < 100; ++i) file.write(std::string(4096, 'x'));
  });
  const std::string beforehand =
      error_of([&] { write_npy(folder / "x", Array(DType::float64, {100000})); });
  const std::vector<std::string> left = folder.entries();
  ::umount(folder.path().c_str());
  EXPECT_THAT(message, HasSubstr("No space left on device"));
  EXPECT_THAT(beforehand,
              AllOf(HasSubstr("800128 bytes"), HasSubstr("65536 bytes (64.0 KiB) free")));
  EXPECT_THAT(left, IsEmpty());
}

void stop(int) {
  remove_partial_files();
  ::_exit(130);
}

TEST(AtomicFile, IsRemovedByAnInterruptsHandler) {
  const TemporaryFolder folder;
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    std::signal(SIGINT, stop);
    AtomicFile done(folder / "done"), first(folder / "first"), second(folder / "second");
    done.commit();
    first.write("half");
    if (::write(ready[1], "x", 1) != 1) ::_exit(1);
    for (;;) ::pause();
  }
  char byte = 0;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  ASSERT_EQ(::kill(child, SIGINT), 0);
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(WEXITSTATUS(status), 130);
  EXPECT_THAT(folder.entries(), ElementsAre("done"));
  ::close(ready[0]);
  ::close(ready[1]);
}

TEST(AtomicFile, FailsRatherThanCommitWhatWasRemoved) {
  const TemporaryFolder folder;
  AtomicFile file(folder / "x");
  remove_partial_files();
  EXPECT_THAT(error_of([&] { file.commit(); }), HasSubstr("cannot rename"));
  EXPECT_THAT(folder.entries(), IsEmpty());
}

}  // namespace
}  // namespace ntk::testing
