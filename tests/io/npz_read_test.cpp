#include <gmock/gmock.h>

#include "io/io_support.h"
#include "ntk/io.h"

namespace ntk::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

void expect_a_and_b(const std::vector<NamedArray>& arrays, const std::string& file) {
  ASSERT_EQ(arrays.size(), 2U) << file;
  EXPECT_EQ(arrays[0].name, "a");
  EXPECT_EQ(arrays[0].array.shape(), (Shape{3, 5}));
  EXPECT_EQ(values_of(arrays[0].array), series('f', 15)) << file;
  EXPECT_EQ(arrays[1].name, "b");
  EXPECT_EQ(arrays[1].array.dtype(), DType::int64);
  EXPECT_EQ(values_of(arrays[1].array), series('i', 4)) << file;
}

// The names are such as "u2_be_f": kind and size, byte order, order of the elements.
TEST(NpzRead, ReadsEveryElementTypeStoredAndDeflated) {
  for (const char* file : {"types.npz", "types_deflated.npz"}) {
    const std::vector<NamedArray> arrays = read_npz(fixture(file));
    EXPECT_EQ(arrays.size(), 48U);
    for (const NamedArray& named : arrays) {
      const std::string type = named.name.substr(0, 2);
      EXPECT_EQ(named.array.dtype(), type == "f8"     ? DType::float64
                                     : type[0] == 'f' ? DType::float32
                                                      : DType::int64)
          << named.name;
      EXPECT_EQ(named.array.shape(), (Shape{2, 3, 4})) << named.name;
      EXPECT_EQ(values_of(named.array), series(type[0], 24)) << file << ":" << named.name;
    }
  }
}

TEST(NpzRead, ReadsEveryWayOfWritingAnArchive) {
  for (const char* file :
       {"deflated.npz", "plain.npz", "plain_deflated.npz", "streamed.npz", "streamed_zip64.npz",
        "streamed_deflated.npz", "streamed_deflated_zip64.npz"})
    expect_a_and_b(read_npz(fixture(file)), file);
}

TEST(NpzRead, PicksAnArrayByName) {
  EXPECT_EQ(values_of(read_array(fixture("plain.npz") + ":b")), series('i', 4));
  EXPECT_EQ(values_of(read_array(fixture("refused_member.npz") + ":a")), series('f', 15));
}

TEST(NpzRead, NeedsNoNameForTheOnlyArray) {
  EXPECT_EQ(values_of(read_array(fixture("one.npz"))), series('f', 4));
}

TEST(NpzRead, ListsTheNamesThatThereAre) {
  EXPECT_THAT(error_of([] { read_array(fixture("plain.npz") + ":c"); }),
              HasSubstr("there is no array 'c'; it holds a, b"));
  EXPECT_THAT(error_of([] { read_array(fixture("plain.npz")); }),
              AllOf(HasSubstr("it holds a, b"), HasSubstr("plain.npz:name")));
  EXPECT_THAT(error_of([] { read_array(fixture("types.npz") + ":x"); }), HasSubstr("and 28 more"));
  EXPECT_THAT(error_of([] { read_array(fixture("plain.npz") + ":"); }),
              HasSubstr("expected the name of an array or a column after ':'"));
  EXPECT_THAT(error_of([] { read_array(fixture("scalar.npy") + ":a"); }),
              HasSubstr("leave out ':a'"));
}

TEST(NpzRead, TakesAFileWithAColonInItsName) {
  const TemporaryFolder folder;
  const std::string file = folder.write("a.npz:b", bytes_of_file(fixture("scalar.npy")));
  EXPECT_EQ(values_of(read_array(file)), std::vector<double>{4.5});
  const std::string archive = folder.write("run:7.npz", bytes_of_file(fixture("plain.npz")));
  EXPECT_EQ(values_of(read_array(archive + ":b")), series('i', 4));
  const std::vector<std::pair<std::string, ArrayView>> odd = {
      {"x:y", view_of<double>(nullptr, {0})}};
  write_npz(folder / "odd.npz", odd);
  EXPECT_EQ(read_array(folder / "odd.npz:x:y").shape(), (Shape{0}));
}

TEST(NpzRead, ReadsAnArchiveWithoutArrays) {
  const TemporaryFolder folder;
  write_npz(folder / "none.npz", {});
  EXPECT_TRUE(read_npz(folder / "none.npz").empty());
  EXPECT_THAT(error_of([&] { read_array(folder / "none.npz"); }), HasSubstr("it holds no array"));
}

}  // namespace
}  // namespace ntk::testing
