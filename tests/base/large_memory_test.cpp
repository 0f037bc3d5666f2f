#include "src/base/large_memory.h"

#include <gmock/gmock.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>

#include "kernels/control_group.h"
#include "ntk/array.h"
#include "ntk/error.h"

namespace ntk {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr std::size_t kNoLimit = std::numeric_limits<std::size_t>::max();

TEST(LargeMemory, IsRefusedWhenTheSystemDoesNotHaveIt) {
  const std::size_t too_much = available_memory() + (std::size_t{1} << 40);
  EXPECT_THROW(std::free(allocate_zeroed(too_much)), MemoryError);
  EXPECT_THROW(Array(DType::float64, {std::int64_t{1} << 50}), MemoryError);
}

TEST(LargeMemory, OfNoBytesIsNotNull) {
  void* p = allocate_zeroed(0);
  EXPECT_NE(p, nullptr);
  std::free(p);
}

TEST(LargeMemory, RequirementsNameBothNumbers) {
  require_memory(1 << 20, 1 << 20, "the Gram matrix", "use fewer rows");
  try {
    require_memory(std::size_t{3} << 30, std::size_t{2} << 30, "the Gram matrix", "use fewer rows");
    FAIL();
  } catch (const MemoryError& error) {
    EXPECT_STREQ(error.what(),
                 "the Gram matrix needs 3.0 GiB, but 2.0 GiB are allowed; use fewer rows");
  }
  EXPECT_THROW(require_memory(kNoLimit, 0, "it", "do less"), MemoryError);
}

TEST(LargeMemory, BytesAreWrittenForPeople) {
  EXPECT_EQ(format_bytes(0), "0 bytes");
  EXPECT_EQ(format_bytes(1023), "1023 bytes");
  EXPECT_EQ(format_bytes(1536), "1.5 KiB");
  EXPECT_EQ(format_bytes(std::size_t{20} << 30), "20.0 GiB");
  EXPECT_EQ(format_bytes(kNoLimit), "16.0 EiB");
}

TEST(LargeMemory, RespectsTheLimitOnAddressSpace) {
  constexpr std::size_t room = std::size_t{1} << 30;
  std::ifstream file("/proc/self/statm");
  std::size_t pages = 0;
  ASSERT_TRUE(file >> pages);
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_AS, &before), 0);
  const rlimit low = {pages * static_cast<std::size_t>(sysconf(_SC_PAGESIZE)) + room,
                      before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_AS, &low), 0);
  const std::size_t available = available_memory();
  ASSERT_EQ(setrlimit(RLIMIT_AS, &before), 0);
  EXPECT_LE(available, room);
}

// A made-up hierarchy of control groups.
class ControlGroup : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "ntk_base_XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    root_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(root_); }

  void write(const std::string& name, const std::string& text) {
    const std::filesystem::path path = root_ + "/" + name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << text;
  }
  std::size_t available() { return control_group_available(root_ + "/self", root_); }

  std::string root_;
};

TEST_F(ControlGroup, WithoutALimitBoundsNothing) {
  EXPECT_EQ(available(), kNoLimit);
  write("self", "0::/user\n");
  write("user/memory.max", "max\n");
  write("user/memory.current", "1000\n");
  EXPECT_EQ(available(), kNoLimit);
}

TEST_F(ControlGroup, OfAnyAncestorBoundsTheProcess) {
  write("self", "0::/batch/job7/step0\n");
  write("batch/job7/step0/memory.max", "max\n");
  write("batch/job7/step0/memory.current", "500\n");
  write("batch/job7/memory.max", "10000\n");
  write("batch/job7/memory.current", "4000\n");
  EXPECT_EQ(available(), 6000U);
  write("memory.max", "3000\n");
  write("memory.current", "2000\n");
  EXPECT_EQ(available(), 1000U);
}

TEST_F(ControlGroup, CountsDroppableCacheAsFree) {
  write("self", "0::/\n");
  write("memory.max", "10000\n");
  write("memory.current", "9000\n");
  write("memory.stat", "anon 1000\nfile 8000\ninactive_file 5000\nactive_file 3000\n");
  EXPECT_EQ(available(), 9000U);
}

TEST_F(ControlGroup, OverItsLimitLeavesNothing) {
  write("self", "0::/\n");
  write("memory.max", "10000\n");
  write("memory.current", "12000\n");
  EXPECT_EQ(available(), 0U);
}

TEST_F(ControlGroup, OfVersion1BoundsTheProcess) {
  write("self", "12:cpu,cpuacct:/job\n4:memory:/job\n");
  write("memory/job/memory.limit_in_bytes", "7000\n");
  write("memory/job/memory.usage_in_bytes", "3000\n");
  write("memory/job/memory.stat",
        "inactive_file 1\ntotal_inactive_file 500\ntotal_active_file 500\n");
  EXPECT_EQ(available(), 5000U);
}

}  // namespace
}  // namespace ntk
