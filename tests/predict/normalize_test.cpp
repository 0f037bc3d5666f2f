#include "src/predict/normalize.h"

#include <gmock/gmock.h>

#include <cmath>

#include "ntk/model.h"
#include "tests/predict/kernels.h"

namespace ntk::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::Pointwise;

constexpr double kEps = std::numeric_limits<double>::epsilon();

std::vector<double> values(const Array& a) {
  const Array wide = a.converted_to(DType::float64);
  return {wide.as<double>(), wide.as<double>() + wide.size()};
}

void expect_near(const Array& a, const std::vector<double>& expected, double tolerance) {
  EXPECT_THAT(values(a), Pointwise(::testing::DoubleNear(tolerance), expected));
}

Array normalized(Normalize kind, const Array& train, const Array& test) {
  Array result = test.clone();
  internal::apply_normalization(internal::learn_normalization(kind, train), result, "x");
  return result;
}

TEST(NormalizeSamples, UnitRowsHaveLengthOneAndZerosStay) {
  const Array x = Array::of<double>({3, 4, 0, 0, -2, 0}, {3, 2});
  expect_near(normalized(Normalize::unit, x, x), {0.6, 0.8, 0, 0, -1, 0}, kEps);
}

TEST(NormalizeSamples, UnitRowsOfAnySize) {
  const Array x = Array::of<double>({1e300, 1e300, 3e-310, 4e-310, 1.7e308, 1.7e308}, {3, 2});
  const double half = std::sqrt(0.5);
  expect_near(normalized(Normalize::unit, x, x), {half, half, 0.6, 0.8, half, half}, 1e-13);
}

TEST(NormalizeSamples, StandardFeaturesHaveMeanZeroAndDeviationOne) {
  // Means 2 and 10, deviations (over N) sqrt(2/3) and 0.
  const Array x = Array::of<double>({1, 10, 2, 10, 3, 10}, {3, 2});
  const double a = std::sqrt(1.5);
  expect_near(normalized(Normalize::standard, x, x), {-a, 0, 0, 0, a, 0}, 4 * kEps);
  const Array test = Array::of<double>({4, 11}, {1, 2});
  expect_near(normalized(Normalize::standard, x, test), {2 * a, 0}, 4 * kEps);
}

TEST(NormalizeSamples, AConstantThatIsNoBinaryFractionIsConstant) {
  Array x(DType::float64, {1000, 1});
  std::fill_n(x.as<double>(), 1000, 0.1);
  const Array result = normalized(Normalize::standard, x, x);
  for (const double value : values(result)) ASSERT_EQ(value, 0);
}

TEST(NormalizeSamples, ImagesAndSinglePrecision) {
  const Array x = Array::of<float>({1, 2, 3, 4, 3, 4, 5, 8}, {2, 2, 2});
  const Array result = normalized(Normalize::standard, x, x);
  EXPECT_EQ(result.dtype(), DType::float32);
  EXPECT_EQ(result.shape(), x.shape());
  expect_near(result, {-1, -1, -1, -1, 1, 1, 1, 1}, 0);
  expect_near(normalized(Normalize::unit, x, Array::of<float>({2, 2, 2, 2}, {1, 2, 2})),
              {0.5, 0.5, 0.5, 0.5}, 0);
}

TEST(NormalizeSamples, WhatOverflowsIsRefused) {
  const Array x = Array::of<double>({1e308, -1e308}, {2, 1});
  expect_says(message_of<DataError>([&] { normalized(Normalize::standard, x, x); }),
              {"deviations", "Inf"});
}

Architecture network() { return serial(Dense(8, {.W_std = 1.3, .b_std = 0.1}), Relu(), Dense(1)); }

// A model that normalizes is the model of what was normalized before.
TEST(NormalizeModel, IsTheModelOfNormalizedSamples) {
  const Array x = random_matrix(6, 3, 1), z = random_matrix(4, 3, 2), y = random_matrix(6, 2, 3);
  for (const Normalize how : {Normalize::unit, Normalize::standard}) {
    FitOptions options;
    options.device = Device::cpu;
    options.diag_reg = 1e-3;
    const Model plain = fit(network(), normalized(how, x, x), y, options);
    options.normalize = how;
    const Model model = fit(network(), x, y, options);
    PredictOptions asked;
    asked.device = Device::cpu;
    asked.cov = Cov::full;
    const Prediction p = model.predict(z, asked), q = plain.predict(normalized(how, x, z), asked);
    EXPECT_EQ(relative_error(p.mean, q.mean), 0);
    EXPECT_EQ(relative_error(p.cov, q.cov), 0);
    EXPECT_EQ(model.normalize(), how);
  }
}

TEST(NormalizeModel, AKernelMatrixIsRefused) {
  FitOptions options;
  options.normalize = Normalize::unit;
  options.device = Device::cpu;
  expect_says(
      message_of<UsageError>([&] { fit_gram(identity(3), random_matrix(3, 1, 1), options); }),
      {"kernel matrix", "normalize"});
}

TEST(TextLabels, AreClassesInTheirOrder) {
  std::vector<std::string> said;
  FitOptions options;
  options.device = Device::cpu;
  options.diag_reg = 1e-6;
  options.log = [&](const std::string& sentence) { said.push_back(sentence); };
  const Array x = random_matrix(5, 3, 1);
  const std::vector<std::string> labels = {"dog", "cat", "dog", "bee", "cat"};
  const Model model = fit(network(), x, labels, options);
  EXPECT_THAT(model.class_names(), ElementsAre("bee", "cat", "dog"));
  EXPECT_THAT(model.classes(), ElementsAre(0, 1, 2));
  EXPECT_THAT(model.classify(model.predict(x).mean), ElementsAre(2, 1, 2, 0, 1));
  EXPECT_THAT(said, ElementsAre(::testing::HasSubstr("y holds text")));
  const Model numbers = fit(network(), x, Array::of<std::int64_t>({2, 1, 2, 0, 1}, {5}), options);
  EXPECT_EQ(relative_error(numbers.predict(x).mean, model.predict(x).mean), 0);
}

TEST(TextLabels, MistakesAreNamed) {
  const Array x = random_matrix(2, 3, 1);
  FitOptions options;
  options.device = Device::cpu;
  using Labels = std::vector<std::string>;
  const auto fit_to = [&](const Labels& labels) {
    return [&, labels] { fit(network(), x, labels, options); };
  };
  expect_says(message_of<DataError>(fit_to({"a", "a"})), {"all labels are the same"});
  expect_says(message_of<DataError>(fit_to({"a", "\xff"})), {"row 1", "UTF-8"});
  expect_says(message_of<UsageError>(fit_to({"a", "b", "c"})), {"2 training samples"});
  options.task = Task::regression;
  expect_says(message_of<UsageError>(fit_to({"a", "b"})), {"text", "classification"});
}

}  // namespace
}  // namespace ntk::testing
