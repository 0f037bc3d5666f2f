#include <gmock/gmock.h>

#include "io/io_support.h"
#include "ntk/io.h"
#include "src/io/npz.h"
#include "src/io/zip_format.h"

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

// As if its members lay past 4 GiB: every number that can be is in a ZIP64 field.
std::string zip64_everywhere(const std::string& member, std::uint32_t crc, std::uint64_t claimed) {
  using namespace zip;
  const std::string name = "x.npy";
  Record archive, directory, end;
  archive.u32(kLocalHeader).u16(45).u16(0).u16(0).u32(0).u32(crc).u32(kFull32).u32(kFull32);
  archive.u16(name.size()).u16(20).text(name).u16(kZip64Extra).u16(16).u64(claimed).u64(claimed);
  archive.text(member);
  directory.u32(kCentralHeader).u16(45).u16(45).u16(0).u16(0).u32(0).u32(crc).u32(kFull32);
  directory.u32(kFull32).u16(name.size()).u16(28).u16(0).u16(0).u16(0).u32(0).u32(kFull32);
  directory.text(name).u16(kZip64Extra).u16(24).u64(claimed).u64(claimed).u64(0);
  const std::uint64_t at = archive.bytes().size(), bytes = directory.bytes().size();
  end.u32(kEnd64)
      .u64(kEnd64Bytes - 12)
      .u16(45)
      .u16(45)
      .u32(0)
      .u32(0)
      .u64(1)
      .u64(1)
      .u64(bytes)
      .u64(at);
  end.u32(kEnd64Locator).u32(0).u64(at + bytes).u32(1);
  end.u32(kEnd).u16(0).u16(0).u16(kFull16).u16(kFull16).u32(kFull32).u32(kFull32).u16(0);
  return archive.bytes() + directory.bytes() + end.bytes();
}

TEST(NpzRead, ReadsNumbersFromZip64Fields) {
  const TemporaryFolder folder;
  const std::string member = bytes_of_file(fixture("version1.npy"));
  const std::uint32_t crc =
      crc_of([&](const ByteSink& sink) { sink(member.data(), member.size()); });
  const std::string whole = zip64_everywhere(member, crc, member.size());
  EXPECT_EQ(values_of(read_array(folder.write("x.npz", whole))), series('f', 24));
  // Sizes that the file does not bear out cost nothing.
  for (const std::uint64_t claimed : {member.size() + 1, std::size_t{1} << 40, SIZE_MAX}) {
    const std::string forged = zip64_everywhere(member, crc, claimed);
    EXPECT_THAT(error_of([&] { read_array(folder.write("x.npz", forged)); }),
                HasSubstr("damaged archive"));
  }
}

}  // namespace
}  // namespace ntk::testing
