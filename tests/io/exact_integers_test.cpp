#include "src/io/exact_integers.h"

#include <gmock/gmock.h>

#include "io/io_support.h"
#include "ntk/io.h"

namespace ntk::testing {
namespace {

using ::testing::HasSubstr;

constexpr std::int64_t kPower = std::int64_t{1} << 53;

TEST(ExactIntegers, ThoseThatFloat64HoldsPass) {
  require_exact_in_float64(
      Array::of<std::int64_t>({0, -kPower, kPower, kPower + 2, -4 * kPower, INT64_MIN}, {2, 3}),
      "x");
  require_exact_in_float64(Array::of<double>({0.5}, {1}), "x");
}

TEST(ExactIntegers, OthersAreNamedByTheirPlace) {
  for (const std::int64_t value : {kPower + 1, -kPower - 1, INT64_MAX, INT64_MIN + 1}) {
    const Array x = Array::of<std::int64_t>({1, 2, 3, 4, value, 6}, {2, 3});
    EXPECT_THAT(error_of([&] { require_exact_in_float64(x, "x"); }),
                HasSubstr("x: " + std::to_string(value) + " at [1, 1]"));
    ArrayView transposed = x.view();
    transposed.shape = {3, 2};
    transposed.strides = {1, 3};
    EXPECT_THAT(error_of([&] { require_exact_in_float64(transposed, "x"); }),
                HasSubstr("at [1, 1]"));
    ArrayView others = x.view();
    others.shape = {2, 2};
    others.strides = {3, 2};
    require_exact_in_float64(others, "x");
  }
}

// Of every width and sign, at the ends of its range.
TEST(ExactIntegers, WidthsAreReadToTheirEnds) {
  const TemporaryFolder folder;
  const auto read = [&](const std::string& descr, const std::string& bytes) {
    const std::string file =
        npy_file("{'descr': '" + descr + "', 'fortran_order': False, 'shape': (2,)}", bytes);
    const Array a = read_array(folder.write("x.npy", file));
    return std::vector<std::int64_t>(a.as<std::int64_t>(), a.as<std::int64_t>() + 2);
  };
  using Pair = std::vector<std::int64_t>;
  const std::string low("\x80\0\0\0\0\0\0\0", 8), high("\x7f\xff\xff\xff\xff\xff\xff\xff", 8);
  EXPECT_EQ(read("|i1", low.substr(0, 1) + high.substr(0, 1)), (Pair{INT8_MIN, INT8_MAX}));
  EXPECT_EQ(read(">i2", low.substr(0, 2) + high.substr(0, 2)), (Pair{INT16_MIN, INT16_MAX}));
  EXPECT_EQ(read(">i4", low.substr(0, 4) + high.substr(0, 4)), (Pair{INT32_MIN, INT32_MAX}));
  EXPECT_EQ(read(">i8", low + high), (Pair{INT64_MIN, INT64_MAX}));
  const std::string full(8, '\xff');
  EXPECT_EQ(read("|u1", low.substr(0, 1) + full.substr(0, 1)), (Pair{128, UINT8_MAX}));
  EXPECT_EQ(read(">u2", low.substr(0, 2) + full.substr(0, 2)), (Pair{32768, UINT16_MAX}));
  EXPECT_EQ(read(">u4", low.substr(0, 4) + full.substr(0, 4)), (Pair{2147483648, UINT32_MAX}));
  EXPECT_EQ(read(">u8", high + high), (Pair{INT64_MAX, INT64_MAX}));
  EXPECT_THAT(error_of([&] { read(">u8", high + full); }),
              HasSubstr("18446744073709551615 at [1] is past 2^63 - 1"));
}

}  // namespace
}  // namespace ntk::testing
