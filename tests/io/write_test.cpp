#include <gmock/gmock.h>

#include <cstdlib>
#include <map>

#include "io/io_support.h"
#include "ntk/io.h"
#include "src/io/npz.h"
#include "src/io/zip_format.h"
#include "src/io/zip_write.h"

namespace ntk::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

template <class T>
Array counting(Shape shape) {
  Array array(dtype_of<T>(), std::move(shape));
  for (std::int64_t i = 0; i < array.size(); ++i) array.as<T>()[i] = static_cast<T>(i) / 2 - 2;
  return array;
}

void expect_equal(const Array& a, const Array& b) {
  EXPECT_EQ(a.dtype(), b.dtype());
  EXPECT_EQ(a.shape(), b.shape());
  EXPECT_EQ(values_of(a), values_of(b));
}

TEST(Write, ArraysComeBackAsTheyWere) {
  const TemporaryFolder folder;
  for (const Shape& shape :
       {Shape{}, Shape{0}, Shape{5}, Shape{3, 4}, Shape{2, 0, 3}, Shape{2, 3, 4, 5}})
    for (const Array& array :
         {counting<float>(shape), counting<double>(shape), counting<std::int64_t>(shape)}) {
      write_npy(folder / "x.npy", array);
      expect_equal(read_array(folder / "x.npy"), array);
      write_npz(folder / "x.npz", {{"one", array}, {"two", array}});
      expect_equal(read_array(folder / "x.npz:two"), array);
    }
  EXPECT_THAT(folder.entries(), ::testing::UnorderedElementsAre("x.npy", "x.npz"));
}

TEST(Write, TheNpyFileIsTheOneThatNumPyWrites) {
  const TemporaryFolder folder;
  write_npy(folder / "x.npy", counting<double>({2, 3, 4}));
  EXPECT_EQ(bytes_of_file(folder / "x.npy"), bytes_of_file(fixture("version1.npy")));
  write_npy(folder / "x.npy", counting<double>({}));
  EXPECT_EQ(bytes_of_file(folder / "x.npy").size() % 64, 8U);
}

TEST(Write, StridedViewsAreWrittenInRowOrder) {
  const TemporaryFolder folder;
  const Array whole = counting<float>({40, 30, 50});
  ArrayView view = whole.view();
  view.shape = {20, 30, 10};
  view.strides = {3000, 50, 5};
  write_npy(folder / "x.npy", view);
  const Array back = read_array(folder / "x.npy");
  ASSERT_EQ(back.shape(), view.shape);
  for (std::int64_t i = 0, n = 0; i < 20; ++i)
    for (std::int64_t j = 0; j < 30; ++j)
      for (std::int64_t k = 0; k < 10; ++k, ++n)
        ASSERT_EQ(back.as<float>()[n], whole.as<float>()[i * 3000 + j * 50 + k * 5]);
}

TEST(Write, ReversedAndLargeViewsAreWrittenInRowOrder) {
  const TemporaryFolder folder;
  const Array whole = counting<double>({700, 600});
  ArrayView transposed = whole.view();
  transposed.data = whole.as<double>() + 699 * 600;  // columns first, rows backwards
  transposed.shape = {600, 700};
  transposed.strides = {1, -600};
  write_npz(folder / "x.npz", {{"x", transposed}});
  const Array back = read_array(folder / "x.npz");
  for (std::int64_t i = 0; i < 600; ++i)
    for (std::int64_t j = 0; j < 700; ++j)
      ASSERT_EQ(back.as<double>()[i * 700 + j], whole.as<double>()[(699 - j) * 600 + i]);
}

TEST(Write, TheSameArraysGiveTheSameBytes) {
  const TemporaryFolder folder;
  const Array array = counting<float>({3, 3});
  write_npz(folder / "x.npz", {{"a", array}, {"b", array}});
  write_npz(folder / "y.npz", {{"a", array}, {"b", array}});
  EXPECT_EQ(bytes_of_file(folder / "x.npz"), bytes_of_file(folder / "y.npz"));
}

TEST(Write, TheAnnouncedSizeIsTheWrittenSize) {
  const Array array = counting<float>({3, 3});
  const std::vector<ZipEntry> entries = {npz_entry("a", array), npz_entry("b\xc3\xa9", array)};
  std::string bytes;
  write_zip(
      [&](const void* data, std::size_t n) { bytes.append(static_cast<const char*>(data), n); },
      entries);
  EXPECT_EQ(bytes.size(), zip_bytes(entries));
  EXPECT_EQ(read_npz_from(MemorySource(bytes.data(), bytes.size(), "memory"))[1].name, "b\xc3\xa9");
}

// Members past 4 GiB are too large for a test: a sink that keeps only what is not data.
class Sparse : public ByteSource {
 public:
  static constexpr std::uint64_t kMember = (std::uint64_t{1} << 32) + 5;
  void append(const void* data, std::size_t bytes) {
    if (data != nullptr) kept_[size_] = {static_cast<const char*>(data), bytes};
    size_ += bytes;
  }
  const std::string& name() const override { return name_; }
  std::uint64_t size() const override { return size_; }
  void read_at(std::uint64_t offset, void* to, std::size_t bytes) const override {
    auto* out = static_cast<char*>(to);
    for (; bytes > 0; ++offset, --bytes) *out++ = at(offset);
  }

 private:
  char at(std::uint64_t offset) const {
    auto record = kept_.upper_bound(offset);
    if (record == kept_.begin()) return 0;
    --record;
    const std::uint64_t within = offset - record->first;
    return within < record->second.size() ? record->second[within] : '\0';
  }
  std::string name_ = "sparse";
  std::map<std::uint64_t, std::string> kept_;
  std::uint64_t size_ = 0;
};

TEST(Write, MembersAndOffsetsPast4GiBUseZip64) {
  const auto body = [](const ByteSink& sink) { sink(nullptr, Sparse::kMember); };
  const std::vector<ZipEntry> entries = {{"a", Sparse::kMember, 1, body},
                                         {"b", Sparse::kMember, 2, body}};
  Sparse archive;
  write_zip([&](const void* data, std::size_t n) { archive.append(data, n); }, entries);
  EXPECT_EQ(archive.size(), zip_bytes(entries));
  const ZipDirectory directory = read_zip_directory(archive);
  ASSERT_EQ(directory.members.size(), 2U);
  EXPECT_EQ(directory.members[1].size, Sparse::kMember);
  EXPECT_EQ(directory.members[1].crc, 2U);
  EXPECT_GT(directory.members[1].offset, Sparse::kMember);
}

TEST(Write, ManyMembersUseZip64) {
  std::vector<ZipEntry> entries;
  for (int i = 0; i < 65536; ++i)
    entries.push_back({std::to_string(i), 0, 0, [](const ByteSink&) {}});
  std::string bytes;
  write_zip(
      [&](const void* data, std::size_t n) { bytes.append(static_cast<const char*>(data), n); },
      entries);
  EXPECT_EQ(read_zip_directory(MemorySource(bytes.data(), bytes.size(), "memory")).members.size(),
            65536U);
}

TEST(Write, RefusesNamesAndViewsThatCannotBeWritten) {
  const TemporaryFolder folder;
  const Array array = counting<float>({2});
  const auto write = [&](std::vector<std::pair<std::string, ArrayView>> arrays) {
    return error_of<UsageError>([&] { write_npz(folder / "x.npz", arrays); });
  };
  EXPECT_THAT(write({{"", array}}), HasSubstr("needs a name"));
  EXPECT_THAT(write({{"a\n", array}}), HasSubstr("cannot be the name"));
  EXPECT_THAT(write({{"a", array}, {"a", array}}), HasSubstr("two arrays"));
  ArrayView on_device = array.view();
  on_device.space = MemorySpace::cuda;
  EXPECT_THAT(write({{"a", on_device}}), HasSubstr("must be in host memory"));
  ArrayView no_data = view_of<float>(nullptr, {3});
  EXPECT_THAT(write({{"a", no_data}}), HasSubstr("no data"));
  EXPECT_THAT(folder.entries(), ElementsAre());
}

TEST(Write, NumPyReadsWhatIsWritten) {
  if (std::system("python3 -c 'import numpy' >/dev/null 2>&1") != 0)
    GTEST_SKIP() << "there is no python3 with numpy on the PATH";
  const TemporaryFolder folder;
  const Array scalar = counting<double>({}), empty = counting<float>({0, 3}),
              matrix = counting<float>({4, 6}), cube = counting<std::int64_t>({2, 3, 4});
  write_npz(folder / "x.npz",
            {{"scalar", scalar}, {"empty", empty}, {"matrix", matrix}, {"b\xc3\xa9ta/cube", cube}});
  write_npy(folder / "x.npy", matrix);
  const std::string script = folder.write("check.py", R"(
import sys, zipfile, numpy as np
x = np.load(sys.argv[1] + '/x.npz')
assert zipfile.ZipFile(sys.argv[1] + '/x.npz').testzip() is None
assert list(x) == ['scalar', 'empty', 'matrix', 'b\u00e9ta/cube'], list(x)
assert x['scalar'].shape == () and x['scalar'] == -2 and x['scalar'].dtype == '<f8'
assert x['empty'].shape == (0, 3) and x['empty'].dtype == '<f4'
matrix = (np.arange(24) / 2 - 2).reshape(4, 6).astype('<f4')
assert np.array_equal(x['matrix'], matrix) and x['matrix'].dtype == '<f4'
assert np.array_equal(np.load(sys.argv[1] + '/x.npy', mmap_mode='r'), matrix)
cube = x['b\u00e9ta/cube']
assert cube.dtype == '<i8' and np.array_equal(cube.ravel(), np.arange(24) // 2 - 2)
)");
  EXPECT_EQ(std::system(("python3 " + script + " " + folder.path()).c_str()), 0);
}

}  // namespace
}  // namespace ntk::testing
