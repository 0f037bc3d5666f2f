#include <gmock/gmock.h>

#include <cmath>

#include "io/io_support.h"
#include "ntk/io.h"
#include "src/io/npy.h"

namespace ntk::testing {
namespace {

using ::testing::ElementsAre;

Array parse(const std::string& bytes) {
  const MemorySource source(bytes.data(), bytes.size(), "memory");
  RangeStream stream(source, 0, source.size(), source.name());
  return read_npy(stream);
}

TEST(NpyRead, ReadsAllThreeVersions) {
  for (const char* name : {"version1.npy", "version2.npy", "version3.npy"}) {
    const Array array = read_array(fixture(name));
    EXPECT_EQ(array.dtype(), DType::float64) << name;
    EXPECT_EQ(array.shape(), (Shape{2, 3, 4})) << name;
    EXPECT_EQ(values_of(array), series('f', 24)) << name;
  }
}

TEST(NpyRead, TurnsColumnOrderIntoRowOrder) {
  const Array array = read_array(fixture("fortran.npy"));
  EXPECT_EQ(array.dtype(), DType::float32);
  EXPECT_EQ(array.shape(), (Shape{5, 3}));
  EXPECT_EQ(values_of(array), series('f', 15));
}

// Larger than a chunk of reading, in two and three dimensions.
TEST(NpyRead, TurnsLargeColumnOrderIntoRowOrder) {
  for (const Shape& shape : {Shape{1500, 1201}, Shape{7, 1100, 193}, Shape{1500007, 2}}) {
    const Shape strides = row_major_strides(shape);
    const std::int64_t count = element_count(shape);
    std::vector<float> column_order(static_cast<std::size_t>(count));
    for (std::int64_t i = 0; i < count; ++i) {
      std::int64_t rest = i, place = 0;
      for (std::size_t axis = 0; axis < shape.size(); ++axis) {
        place += rest % shape[axis] * strides[axis];
        rest /= shape[axis];
      }
      column_order[static_cast<std::size_t>(i)] = static_cast<float>(place);
    }
    std::string extents;
    for (std::int64_t extent : shape) extents += std::to_string(extent) + ", ";
    const Array array = parse(npy_file(
        "{'descr': '<f4', 'fortran_order': True, 'shape': (" + extents + ")}",
        {reinterpret_cast<const char*>(column_order.data()), column_order.size() * sizeof(float)}));
    std::int64_t wrong = 0;
    for (std::int64_t i = 0; i < count; ++i) wrong += array.as<float>()[i] != static_cast<float>(i);
    EXPECT_EQ(wrong, 0) << to_string(shape);
  }
}

TEST(NpyRead, ReadsBigEndianNumbers) {
  EXPECT_EQ(values_of(read_array(fixture("big_endian.npy"))), series('f', 15));
}

TEST(NpyRead, WidensHalfPrecisionExactly) {
  const Array array = read_array(fixture("half_values.npy"));
  ASSERT_EQ(array.dtype(), DType::float32);
  const float* x = array.as<float>();
  EXPECT_EQ(x[0], 0);
  EXPECT_TRUE(x[1] == 0 && std::signbit(x[1]));
  EXPECT_EQ(x[3], -2.5F);
  EXPECT_EQ(x[4], 65504);
  EXPECT_EQ(x[5], 0x1p-24F);
  EXPECT_EQ(x[6], 0x1p-14F);
  EXPECT_EQ(x[7], 1023 * 0x1p-24F);
  EXPECT_EQ(x[8], HUGE_VALF);
  EXPECT_EQ(x[9], -HUGE_VALF);
  EXPECT_TRUE(std::isnan(x[10]));
  EXPECT_EQ(x[11], 1365 * 0x1p-12F);
}

TEST(NpyRead, ReadsAScalarAndAnEmptyArray) {
  const Array scalar = read_array(fixture("scalar.npy"));
  EXPECT_TRUE(scalar.shape().empty());
  EXPECT_THAT(values_of(scalar), ElementsAre(4.5));
  const Array empty = read_array(fixture("empty.npy"));
  EXPECT_EQ(empty.shape(), (Shape{0, 3}));
  EXPECT_EQ(empty.dtype(), DType::int64);
  EXPECT_TRUE(empty.empty());
}

TEST(NpyRead, TakesKeysInAnyOrderAndBothQuotes) {
  const Array array = parse(
      npy_file("{\"shape\":(2L,),'fortran_order' : False,\n'descr':\"|u1\"}   \n", "\x05\xff"));
  EXPECT_THAT(values_of(array), ElementsAre(5, 255));
}

TEST(NpyRead, NamesTheUnsignedNumberThatInt64CannotHold) {
  EXPECT_THAT(error_of([] { read_array(fixture("uint64_past_int64.npy")); }),
              ::testing::HasSubstr("9223372036854775808 at [1, 0] is past 2^63 - 1"));
}

TEST(NpyRead, NamesTheByteThatIsNoBoolean) {
  const std::string file =
      npy_file("{'descr': '|b1', 'fortran_order': False, 'shape': (2, 2)}", {"\0\1\0\2", 4});
  EXPECT_THAT(error_of([&] { parse(file); }),
              ::testing::HasSubstr("byte 2 at [1, 1] is no boolean"));
}

}  // namespace
}  // namespace ntk::testing
