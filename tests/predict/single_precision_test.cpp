// Predictors that were asked for float32 arithmetic.
#include <gtest/gtest.h>

#include <cmath>

#include "tests/predict/kernels.h"

namespace ntk::testing {
namespace {

class SinglePrecision : public PredictorTest {
 protected:
  static constexpr std::int64_t kTrain = 40, kTest = 7;

  static double largest_difference(const Array& a, const Array& b) {
    double difference = 0;
    for (std::int64_t i = 0; i < a.size(); ++i)
      difference = std::max(difference, std::abs(value_at(a, i) - value_at(b, i)));
    return difference;
  }

  static PredictorOptions in_single(PredictorOptions options, std::string* said) {
    options.dtype = DType::float32;
    options.log = [said](const std::string& sentence) { *said += sentence; };
    return options;
  }

  const SmallKernels k_ = small_kernels(kTrain, kTest, 1), theta_ = small_kernels(kTrain, kTest, 2);
  const Array y_ = random_matrix(kTrain, 3, 3);
};

TEST_P(SinglePrecision, KeepsTheMeanAndRoundsTheCovariance) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  PredictorOptions wide = predictor_on(backend, 1e-2), single = wide;
  single.dtype = DType::float32;
  for (bool ntk : {false, true})
    for (Cov cov : {Cov::full, Cov::diag}) {
      const auto predicted = [&](const PredictorOptions& options) {
        return Ensemble(k_.train, ntk ? theta_.train.view() : ArrayView{}, y_, 1, options)
            .test(std::nullopt, k_.test_train, ntk ? theta_.test_train.view() : ArrayView{}, cov,
                  cov == Cov::full ? k_.test_test : k_.variances);
      };
      const Prediction a = predicted(wide), b = predicted(single);
      EXPECT_EQ(b.mean.dtype(), DType::float64);
      EXPECT_EQ(b.cov.dtype(), DType::float64);
      EXPECT_LE(largest_difference(a.mean, b.mean), 1e-11 * (1 + largest(a.mean)));
      // As many roundings of float32 as the sums have terms.
      EXPECT_LE(largest_difference(a.cov, b.cov), kTrain * 1.2e-7 * 10);
      EXPECT_GT(largest_difference(a.cov, b.cov), 0) << "nothing was done in float32";
    }
}

TEST_P(SinglePrecision, IsLeftForFloat64WhereTheKernelIsTooIllConditioned) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  const SmallKernels singular = small_kernels(kTrain, kTest, 4, kTrain / 2);
  const PredictorOptions wide = predictor_on(backend, 1e-9);
  std::string said;
  const PredictorOptions single = in_single(wide, &said);
  const Array a = KernelRegression(singular.train, y_, wide).predict(singular.test_train).mean;
  const Array b = KernelRegression(singular.train, y_, single).predict(singular.test_train).mean;
  EXPECT_NE(said.find("float64"), std::string::npos) << said;
  EXPECT_LE(largest_difference(a, b), 1e-6 * (1 + largest(a)));
}

// The covariance then comes from the float64 factor, too, in float64.
TEST_P(SinglePrecision, GivesFloat64CovariancesWhereTheFactorIsFloat64) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  const SmallKernels singular = small_kernels(kTrain, kTest, 4, kTrain / 2);
  const PredictorOptions wide = predictor_on(backend, 1e-6);
  std::string said;
  const PredictorOptions single = in_single(wide, &said);
  for (const Cov cov : {Cov::full, Cov::diag}) {
    const auto predicted = [&](const PredictorOptions& options) {
      return Ensemble(k_.train, singular.train, y_, 1, options)
          .test(std::nullopt, k_.test_train, singular.test_train, cov,
                cov == Cov::full ? k_.test_test : k_.variances);
    };
    const Prediction a = predicted(wide), b = predicted(single);
    EXPECT_NE(said.find("float64"), std::string::npos) << said;
    EXPECT_EQ(largest_difference(a.mean, b.mean), 0);
    EXPECT_EQ(largest_difference(a.cov, b.cov), 0);
  }
}

INSTANTIATE_TEST_SUITE_P(Backends, SinglePrecision, ::testing::ValuesIn(backend_names()));

}  // namespace
}  // namespace ntk::testing
