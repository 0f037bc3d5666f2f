#include "ntk/array.h"

#include <gmock/gmock.h>

#include <cmath>
#include <cstdint>

namespace ntk {
namespace {

using ::testing::HasSubstr;

template <class E, class Call>
std::string error_of(Call call) {
  try {
    call();
  } catch (const E& error) {
    return error.what();
  }
  ADD_FAILURE() << "nothing was thrown";
  return "";
}

TEST(Array, IsZeroAndAlignedWhenNew) {
  for (const std::int64_t count : {1, 1000, 600000}) {
    const Array array(DType::float64, {count});
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(array.data()) % 64, 0U);
    for (std::int64_t i = 0; i < count; ++i) ASSERT_EQ(array.as<double>()[i], 0);
  }
}

// Memory that was used before must be zero again.
TEST(Array, IsZeroInMemoryThatWasUsed) {
  for (const std::int64_t count : {5, 40000, 262144, 262145, 1000003})
    for (int round = 0; round < 3; ++round) {
      Array array(DType::float64, {count});
      std::int64_t wrong = 0;
      for (std::int64_t i = 0; i < count; ++i) {
        wrong += array.as<double>()[i] != 0;
        array.as<double>()[i] = 1;
      }
      ASSERT_EQ(wrong, 0) << count;
    }
}

TEST(Array, HasOneElementWithoutDimensions) {
  const Array scalar(DType::int64, {});
  EXPECT_EQ(scalar.size(), 1);
  EXPECT_EQ(scalar.bytes(), 8U);
}

TEST(Array, IsEmptyByDefaultAndSoAreItsViewsAndCopies) {
  const Array array;
  EXPECT_TRUE(array.empty());
  EXPECT_EQ(array.view().size(), 0);
  EXPECT_TRUE(array.clone().empty());
  EXPECT_TRUE(array.converted_to(DType::float32).empty());
}

TEST(Array, IsEmptyAfterItWasMovedFrom) {
  Array array = Array::of<float>({1, 2}, {2});
  const Array taken = std::move(array);
  EXPECT_EQ(taken.size(), 2);
  EXPECT_TRUE(array.empty());  // NOLINT(bugprone-use-after-move): this is what is tested
  EXPECT_TRUE(array.clone().empty());
}

TEST(Array, CountsElementsOrRefuses) {
  EXPECT_EQ(element_count({}), 1);
  EXPECT_EQ(element_count({3, 0, 5}), 0);
  EXPECT_EQ(element_count({3, 4, 5}), 60);
  EXPECT_THAT(error_of<UsageError>([] { element_count({3, -1}); }), HasSubstr("3x-1"));
  EXPECT_THROW(element_count({std::int64_t{1} << 32, std::int64_t{1} << 31}), UsageError);
  EXPECT_THROW(element_count({0, std::int64_t{1} << 62, 4}), UsageError);
  EXPECT_THROW(Array(DType::float64, {std::int64_t{1} << 61}), UsageError);
}

TEST(Array, HasRowMajorStrides) {
  EXPECT_EQ(row_major_strides({2, 3, 4}), (Shape{12, 4, 1}));
  EXPECT_EQ(row_major_strides({}), Shape{});
  EXPECT_EQ(row_major_strides({2, 0, 4}), (Shape{4, 4, 1}));
  EXPECT_THROW(row_major_strides({0, std::int64_t{1} << 62, 4}), UsageError);
}

TEST(Array, PrintsItsShape) {
  EXPECT_EQ(to_string(Shape{1297, 8, 8}), "1297x8x8");
  EXPECT_EQ(to_string(Shape{}), "()");
}

TEST(Array, GivesItsDataOnlyAsWhatTheyAre) {
  const Array array(DType::float32, {2});
  EXPECT_THAT(error_of<UsageError>([&] { array.as<double>(); }), HasSubstr("float32, not float64"));
}

TEST(Array, KeepsItsElementsInAnotherShape) {
  Array array = Array::of<float>({1, 2, 3, 4, 5, 6}, {2, 3}).reshaped({3, 2});
  EXPECT_EQ(array.shape(), (Shape{3, 2}));
  EXPECT_EQ(array.as<float>()[5], 6);
  EXPECT_THAT(error_of<UsageError>([&] { std::move(array).reshaped({4}); }),
              HasSubstr("3x2 cannot become 4"));
}

TEST(Array, RefusesValuesThatDoNotFillTheShape) {
  EXPECT_THROW(Array::of<float>({1, 2, 3}, {2, 2}), UsageError);
}

TEST(Array, ClonesAreIndependent) {
  Array array = Array::of<float>({1, 2}, {2});
  const Array copy = array.clone();
  array.as<float>()[0] = 9;
  EXPECT_EQ(copy.as<float>()[0], 1);
}

TEST(Array, ConvertsBetweenAllElementTypes) {
  const Array integers = Array::of<std::int64_t>({-3, 0, 7}, {3});
  for (const DType from : {DType::float32, DType::float64, DType::int64})
    for (const DType to : {DType::float32, DType::float64, DType::int64}) {
      const Array there_and_back =
          integers.converted_to(from).converted_to(to).converted_to(DType::int64);
      for (int i = 0; i < 3; ++i)
        EXPECT_EQ(there_and_back.as<std::int64_t>()[i], integers.as<std::int64_t>()[i]);
    }
  EXPECT_EQ(Array::of<double>({-2.75}, {1}).converted_to(DType::int64).as<std::int64_t>()[0], -2);
}

TEST(Array, RefusesToConvertWhatHasNoPlace) {
  const auto to_int = [](double x) {
    return error_of<DataError>([&] { Array::of<double>({0, x}, {2}).converted_to(DType::int64); });
  };
  EXPECT_THAT(to_int(1e300), HasSubstr("element 1 is 1e+300, which int64 cannot hold"));
  EXPECT_THAT(to_int(0x1p63), HasSubstr("int64 cannot hold"));
  EXPECT_THAT(to_int(NAN), HasSubstr("nan"));
  EXPECT_THAT(to_int(-HUGE_VAL), HasSubstr("-inf"));
  EXPECT_EQ(Array::of<double>({-0x1p63}, {1}).converted_to(DType::int64).as<std::int64_t>()[0],
            INT64_MIN);
  EXPECT_THAT(
      error_of<DataError>([] { Array::of<double>({1e39}, {1}).converted_to(DType::float32); }),
      HasSubstr("float32 cannot hold"));
  const Array special = Array::of<double>({HUGE_VAL, NAN}, {2}).converted_to(DType::float32);
  EXPECT_TRUE(std::isinf(special.as<float>()[0]) && std::isnan(special.as<float>()[1]));
}

TEST(ArrayView, KnowsWhetherItIsRowMajor) {
  const Array array(DType::float32, {4, 6});
  ArrayView view = array;
  EXPECT_TRUE(view.is_row_major());
  view.strides = {6, 1};
  EXPECT_TRUE(view.is_row_major());
  view.shape = {4, 5};
  EXPECT_FALSE(view.is_row_major());
}

}  // namespace
}  // namespace ntk
