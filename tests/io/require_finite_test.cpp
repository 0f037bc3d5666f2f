#include <gmock/gmock.h>

#include <cmath>
#include <limits>

#include "io/io_support.h"
#include "ntk/io.h"

namespace ntk::testing {
namespace {

using ::testing::StartsWith;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInf = std::numeric_limits<double>::infinity();

template <class T>
std::string refusal(double value, const Shape& shape, std::int64_t at) {
  Array array(dtype_of<T>(), shape);
  array.as<T>()[at] = static_cast<T>(value);
  return error_of([&] { require_finite(array, "x1"); });
}

TEST(RequireFinite, NamesRowAndColumnOfAMatrix) {
  EXPECT_THAT(refusal<double>(kNaN, {5, 10}, 37), StartsWith("x1: NaN at row 3, column 7;"));
  EXPECT_THAT(refusal<float>(kInf, {5, 10}, 37), StartsWith("x1: Inf at row 3, column 7;"));
  EXPECT_THAT(refusal<float>(-kInf, {5, 10}, 0), StartsWith("x1: -Inf at row 0, column 0;"));
}

TEST(RequireFinite, NamesThePlaceInOtherShapes) {
  EXPECT_THAT(refusal<double>(kInf, {4, 3, 2}, 22), StartsWith("x1: Inf at [3, 2, 0];"));
  EXPECT_THAT(refusal<double>(kNaN, {4}, 2), StartsWith("x1: NaN at [2];"));
  EXPECT_THAT(refusal<double>(kNaN, {}, 0), StartsWith("x1: NaN;"));
}

TEST(RequireFinite, FindsOneInEveryPlace) {
  for (std::int64_t at = 0; at < 77; ++at) {
    const std::string place =
        "x1: NaN at row " + std::to_string(at / 11) + ", column " + std::to_string(at % 11) + ";";
    EXPECT_THAT(refusal<float>(kNaN, {7, 11}, at), StartsWith(place));
    EXPECT_THAT(refusal<double>(kNaN, {7, 11}, at), StartsWith(place));
  }
}

TEST(RequireFinite, NamesTheFirstOfSeveral) {
  const Array array = Array::of<double>({0, 1, kInf, 3, kNaN, 5}, {2, 3});
  EXPECT_THAT(error_of([&] { require_finite(array, "y"); }),
              StartsWith("y: Inf at row 0, column 2"));
}

TEST(RequireFinite, AcceptsEveryFiniteNumber) {
  const double big = std::numeric_limits<double>::max(),
               tiny = std::numeric_limits<double>::denorm_min();
  require_finite(Array::of<double>(std::vector<double>(100, big), {10, 10}), "x");
  require_finite(Array::of<double>({-big, tiny, -tiny, 0, -0.0}, {5}), "x");
  require_finite(Array::of<std::int64_t>({INT64_MAX, INT64_MIN}, {2}), "x");
  require_finite(Array(DType::float64, {0, 3}), "x");
  require_finite(Array(), "x");
  require_finite(ArrayView{}, "x");
}

TEST(RequireFinite, LooksAtNoMoreThanTheView) {
  Array array(DType::float32, {6, 8});
  array.as<float>()[7] = HUGE_VALF;          // row 0, column 7: outside
  array.as<float>()[3 * 8 + 4] = HUGE_VALF;  // row 3, column 4
  ArrayView columns = array.view();
  columns.strides = {8, 1};
  columns.shape = {3, 7};
  require_finite(columns, "x");
  columns.shape = {6, 7};
  EXPECT_THAT(error_of([&] { require_finite(columns, "x"); }),
              StartsWith("x: Inf at row 3, column 4;"));
}

TEST(RequireFinite, SeesThroughStrides) {
  Array array(DType::float64, {6, 8});
  array.as<double>()[3 * 8 + 4] = kNaN;
  ArrayView transposed = array.view();
  transposed.shape = {8, 6};
  transposed.strides = {1, 8};
  EXPECT_THAT(error_of([&] { require_finite(transposed, "x"); }),
              StartsWith("x: NaN at row 4, column 3;"));
  ArrayView every_second = array.view();
  every_second.shape = {6, 4};
  every_second.strides = {8, 2};
  EXPECT_THAT(error_of([&] { require_finite(every_second, "x"); }),
              StartsWith("x: NaN at row 3, column 2;"));
  every_second.data = array.as<double>() + 1;  // the odd columns
  require_finite(every_second, "x");
}

TEST(RequireFinite, RefusesViewsThatItCannotLookAt) {
  ArrayView on_device = view_of<float>(nullptr, {2});
  on_device.space = MemorySpace::cuda;
  EXPECT_THROW(require_finite(on_device, "x"), UsageError);
  ArrayView crooked = view_of<float>(nullptr, {2});
  crooked.strides = {1, 1};
  EXPECT_THROW(require_finite(crooked, "x"), UsageError);
}

}  // namespace
}  // namespace ntk::testing
