// What a series that was cut off leaves out is told to whoever asks for the kernel.
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "ntk/ntk.h"

namespace ntk {
namespace {

Kernels kernel_at(const Layer& nonlinearity, double variance, std::vector<std::string>* told) {
  Array x(DType::float64, {2, 4});
  for (std::int64_t k = 0; k < 4; ++k) {
    x.as<double>()[k] = std::sqrt(variance);
    x.as<double>()[4 + k] = k == 0 ? -std::sqrt(variance) : std::sqrt(variance);
  }
  GramOptions options;
  options.log = [told](const std::string& sentence) { told->push_back(sentence); };
  return gram(serial(Dense(1), nonlinearity, Dense(1)), x, options);
}

struct Case {
  const char* name;
  Layer layer;
  double at_100[2], at_400[2], at_800[2];  // docs/architecture.md: of K and of the derivative
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

class SeriesErrors : public ::testing::TestWithParam<Case> {};

TEST_P(SeriesErrors, AreAsTheDocumentationSays) {
  const Case& c = GetParam();
  const auto expect = [&](double variance, const double* documented) {
    std::vector<std::string> told;
    const SeriesError error = kernel_at(c.layer, variance, &told).series_error;
    EXPECT_LE(error.nngp, documented[0]) << variance;
    EXPECT_LE(error.derivative, documented[1]) << variance;
    EXPECT_EQ(told.size(), std::max(error.nngp, error.derivative) > 1e-10 ? 1 : 0) << variance;
  };
  expect(100, c.at_100);
  expect(400, c.at_400);
  expect(800, c.at_800);
}

INSTANTIATE_TEST_SUITE_P(
    Functions, SeriesErrors,
    ::testing::Values(Case{"tanh", Tanh(), {2e-14, 2e-12}, {2e-14, 2e-12}, {2e-14, 2e-12}},
                      Case{"sigmoid", Sigmoid(), {2e-14, 2e-12}, {2e-14, 2e-12}, {2e-14, 2e-12}},
                      Case{"softplus", Softplus(), {2e-14, 2e-12}, {2e-14, 2e-12}, {2e-14, 2e-12}},
                      Case{"swish", Swish(), {2e-14, 2e-12}, {2e-14, 2e-12}, {2e-14, 2e-12}},
                      Case{"mish", Mish(), {2e-14, 2e-12}, {1e-12, 9e-9}, {8e-11, 8e-7}}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(SeriesError, IsZeroWhereEveryNonlinearityHasAClosedForm) {
  std::vector<std::string> told;
  const SeriesError error = kernel_at(Relu(), 1e6, &told).series_error;
  EXPECT_EQ(error.nngp, 0);
  EXPECT_EQ(error.derivative, 0);
  EXPECT_TRUE(told.empty());
}

// Of tanh at great variances, K is that of sign x: (2 / pi) arcsin(rho).
double kernel_of_sign(double rho) { return 2 / std::acos(-1.0) * std::asin(rho); }

TEST(SeriesError, IsThatOfARoundingForMixturesAtAnyVariance) {
  std::vector<std::string> told;
  for (const double variance : {1e3, 1e8, 1e20}) {
    const Kernels tanh = kernel_at(Tanh(), variance, &told),
                  sigmoid = kernel_at(Sigmoid(), 4 * variance, &told);
    for (const Kernels* kernels : {&tanh, &sigmoid}) {
      EXPECT_LE(kernels->series_error.nngp, 1e-13);
      EXPECT_LE(kernels->series_error.derivative, 1e-13);
    }
    for (int i = 0; i < 4; ++i)
      EXPECT_NEAR(sigmoid.nngp.as<double>()[i], (1 + tanh.nngp.as<double>()[i]) / 4, 1e-15);
    EXPECT_NEAR(tanh.nngp.as<double>()[1], kernel_of_sign(0.5), 1 / variance + 1e-15);
  }
  for (const Layer& layer : {Softplus(), Swish()}) {  // of great variances that of ReLU
    const Kernels kernels = kernel_at(layer, 1e12, &told), relu = kernel_at(Relu(), 1e12, &told);
    EXPECT_LE(std::max(kernels.series_error.nngp, kernels.series_error.derivative), 2e-12);
    for (int i = 0; i < 4; ++i)
      EXPECT_NEAR(kernels.nngp.as<double>()[i], relu.nngp.as<double>()[i], 1e-5 * 1e12);
  }
  EXPECT_TRUE(told.empty());
}

TEST(SeriesError, BoundsTheErrorOfAKernelWhoseVarianceIsFarBeyondTheSeries) {
  const auto slope = [](double x) { return 1 / (std::cosh(x) * std::cosh(x)); };
  std::vector<std::string> told;
  const Kernels kernels = kernel_at(Elementwise(
                                        "tanh", [](double x) { return std::tanh(x); }, slope),
                                    1e8, &told);
  const double wanted = kernel_of_sign(0.5);
  EXPECT_GT(kernels.series_error.nngp, 1e-4);
  EXPECT_NEAR(kernels.nngp.as<double>()[1], wanted, kernels.series_error.nngp);
  EXPECT_NEAR(kernels.nngp.as<double>()[0], 1, 1e-3);
  ASSERT_EQ(told.size(), 1u);
  EXPECT_NE(told[0].find("leaves out"), std::string::npos) << told[0];
}

}  // namespace
}  // namespace ntk
