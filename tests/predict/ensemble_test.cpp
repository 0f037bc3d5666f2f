#include <gtest/gtest.h>

#include "tests/predict/kernels.h"

namespace ntk::testing {
namespace {

class EnsembleTest : public PredictorTest {
 protected:
  static constexpr std::int64_t kTrain = 12, kTest = 5;
  const SmallKernels k_ = small_kernels(kTrain, kTest, 1);
  const SmallKernels theta_ = small_kernels(kTrain, kTest, 2);
  const Array y_ = random_matrix(kTrain, 2, 3);

  Ensemble nngp(Backend* backend, double diag_reg = 0) const {
    return Ensemble(k_.train, {}, y_, 1, predictor_on(backend, diag_reg));
  }
  Ensemble ntk(Backend* backend, double diag_reg = 0) const {
    return Ensemble(k_.train, theta_.train, y_, 1, predictor_on(backend, diag_reg));
  }
};
NTK_ON_EACH_BACKEND(EnsembleTest);

TEST_P(EnsembleTest, TheNngpEnsembleAtInfinityIsTheGaussianProcess) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  const Prediction a =
      nngp(backend, 1e-2).test(std::nullopt, k_.test_train, {}, Cov::full, k_.test_test);
  const Prediction b = KernelRegression(k_.train, y_, predictor_on(backend, 1e-2))
                           .predict(k_.test_train, Cov::full, k_.test_test);
  EXPECT_LE(relative_error(a.mean, b.mean), 1e-13);
  EXPECT_LE(relative_error(a.cov, b.cov), 1e-13);
}

TEST_P(EnsembleTest, WithEqualKernelsBothEnsemblesAreOne) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  const Ensemble both(k_.train, k_.train, y_, 1, predictor_on(backend));
  for (const std::optional<double> t : {std::optional<double>(), std::optional<double>(7)}) {
    const Prediction a = nngp(backend).test(t, k_.test_train, {}, Cov::full, k_.test_test);
    const Prediction b = both.test(t, k_.test_train, k_.test_train, Cov::full, k_.test_test);
    EXPECT_LE(relative_error(a.mean, b.mean), 1e-12);
    EXPECT_LE(relative_error(a.cov, b.cov), 1e-10);
    const Prediction c = nngp(backend).train(t, Cov::full), d = both.train(t, Cov::full);
    EXPECT_LE(relative_error(c.mean, d.mean), 1e-12);
    EXPECT_LE(relative_error(c.cov, d.cov), 1e-12);
  }
}

TEST_P(EnsembleTest, BorrowedKernelsGiveTheSamePredictionsAsCopies) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  PredictorOptions options = predictor_on(backend, 1e-2);
  options.borrow_kernels = true;
  const Ensemble borrowing(k_.train, theta_.train, y_, 1, options);
  const GradientFlow flow(theta_.train, y_, 1, options);
  for (const std::optional<double> t : {std::optional<double>(), std::optional<double>(7)}) {
    const Prediction a =
        borrowing.test(t, k_.test_train, theta_.test_train, Cov::full, k_.test_test);
    const Prediction b =
        ntk(backend, 1e-2).test(t, k_.test_train, theta_.test_train, Cov::full, k_.test_test);
    EXPECT_LE(relative_error(a.mean, b.mean), 1e-14);
    EXPECT_LE(relative_error(a.cov, b.cov), 1e-14);
    EXPECT_LE(relative_error(borrowing.train(t, Cov::full).cov,
                             ntk(backend, 1e-2).train(t, Cov::full).cov),
              1e-14);
    EXPECT_LE(relative_error(flow.test(t, theta_.test_train), b.mean), 1e-12);
  }
}

// Until it is used nothing of a borrowed kernel has been read but its diagonal.
TEST_P(EnsembleTest, ABorrowedKernelIsTheCallersOwn) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  PredictorOptions options = predictor_on(backend, 1e-2);
  options.regularization.absolute = true;
  const auto predicted = [&](bool borrow, bool ensemble, double factor) {
    options.borrow_kernels = borrow;
    Array nngp = k_.train.clone(), ntk = theta_.train.clone();
    const Ensemble both(nngp, ntk, y_, 1, options);
    const GradientFlow flow(ntk, y_, 1, options);
    for (std::int64_t i = 0; i < ntk.size(); ++i) ntk.as<double>()[i] *= factor;
    return ensemble ? both.test(std::nullopt, k_.test_train, theta_.test_train).mean
                    : flow.test(std::nullopt, theta_.test_train);
  };
  for (const bool ensemble : {false, true}) {
    EXPECT_LE(relative_error(predicted(false, ensemble, 2), predicted(false, ensemble, 1)), 1e-14)
        << "a copy does not see what becomes of the caller's";
    EXPECT_GE(relative_error(predicted(true, ensemble, 2), predicted(true, ensemble, 1)), 0.1);
  }
}

TEST_P(EnsembleTest, BeforeTrainingItIsThePrior) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  for (const bool is_ntk : {false, true}) {
    const Ensemble ensemble = is_ntk ? ntk(backend, 1e-2) : nngp(backend, 1e-2);
    const Prediction test =
        ensemble.test(0, k_.test_train, theta_.test_train, Cov::full, k_.test_test);
    EXPECT_EQ(largest(test.mean), 0);
    EXPECT_LE(relative_error(test.cov, k_.test_test), 1e-15);
    const Prediction train = ensemble.train(0, Cov::full);
    EXPECT_EQ(largest(train.mean), 0);
    EXPECT_LE(relative_error(train.cov, k_.train), 1e-13);
  }
}

TEST_P(EnsembleTest, AfterTrainingNothingIsLeftToChanceOnTheTrainingSet) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  for (const bool is_ntk : {false, true}) {
    const Prediction end = (is_ntk ? ntk(backend) : nngp(backend)).train(std::nullopt, Cov::full);
    EXPECT_EQ(relative_error(end.mean, y_), 0);
    EXPECT_EQ(largest(end.cov), 0);
  }
}

TEST_P(EnsembleTest, TestSamplesThatAreTrainingSamplesArePredictedAsSuch) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  for (const bool is_ntk : {false, true}) {
    const Ensemble ensemble = is_ntk ? ntk(backend) : nngp(backend);
    const Prediction a = ensemble.test(20, k_.train, theta_.train, Cov::full, k_.train);
    const Prediction b = ensemble.train(20, Cov::full);
    EXPECT_LE(relative_error(a.mean, b.mean), 1e-12);
    EXPECT_LE(relative_error(a.cov, b.cov), 1e-11);
  }
}

TEST_P(EnsembleTest, TheVariancesAreTheDiagonalOfAPositiveCovariance) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  for (const bool is_ntk : {false, true})
    for (const std::optional<double> t : {std::optional<double>(), std::optional<double>(50)}) {
      const Ensemble ensemble = is_ntk ? ntk(backend, 1e-3) : nngp(backend, 1e-3);
      const Prediction full =
          ensemble.test(t, k_.test_train, theta_.test_train, Cov::full, k_.test_test);
      const Prediction diag =
          ensemble.test(t, k_.test_train, theta_.test_train, Cov::diag, k_.variances);
      EXPECT_LE(relative_error(diag.cov, diagonal(full.cov)), 1e-13);
      EXPECT_GE(smallest_eigenvalue(full.cov), -1e-13);
      const Prediction train = ensemble.train(t, Cov::full);
      EXPECT_LE(relative_error(ensemble.train(t, Cov::diag).cov, diagonal(train.cov)), 1e-13);
      EXPECT_GE(smallest_eigenvalue(train.cov), -1e-13);
    }
}

TEST_P(EnsembleTest, TheCovarianceOfTheNtkEnsembleNeedsTheNngp) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  const Ensemble ensemble({}, theta_.train, y_, 1, predictor_on(backend, 1e-3));
  EXPECT_NO_THROW(ensemble.test(std::nullopt, {}, theta_.test_train));
  expect_says(message_of<UsageError>([&] {
                ensemble.test(std::nullopt, k_.test_train, theta_.test_train, Cov::full,
                              k_.test_test);
              }),
              {"nngp_train"});
  expect_says(message_of<UsageError>([&] { ensemble.train(1, Cov::diag); }), {"nngp_train"});
  expect_says(message_of<UsageError>(
                  [&] { ntk(backend).test(1, {}, theta_.test_train, Cov::full, k_.test_test); }),
              {"nngp_test_train", "missing"});
}

TEST_P(EnsembleTest, RefusesKernelsOfDifferentSamples) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  expect_says(message_of<UsageError>([&] {
                Ensemble(identity(3), identity(4), random_matrix(4, 1, 1), 1,
                         predictor_on(backend));
              }),
              {"3x3", "4x4"});
  expect_says(message_of<UsageError>([&] {
                ntk(backend).test(1, Array(DType::float64, {2, kTrain}), theta_.test_train,
                                  Cov::full, k_.test_test);
              }),
              {"2x12", "5x12"});
}

TEST_P(EnsembleTest, OneTrainingSampleAndNoTestSamplesAreFine) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  const Array one = Array::of<double>({2}, {1, 1}), y = Array::of<double>({4}, {1});
  const Ensemble ensemble(one, one, y, 1, predictor_on(backend));
  EXPECT_NEAR(value_at(ensemble.test(1, one, one).mean, 0), 4 * (1 - std::exp(-2.0)), 1e-15);
  const Array nothing(DType::float64, {0, 1}), no_prior(DType::float64, {0, 0});
  for (const std::optional<double> t : {std::optional<double>(), std::optional<double>(1)}) {
    const Prediction p = ensemble.test(t, nothing, nothing, Cov::full, no_prior);
    EXPECT_EQ(p.mean.shape(), Shape{0});
    EXPECT_EQ(p.cov.shape(), (Shape{0, 0}));
  }
}

}  // namespace
}  // namespace ntk::testing
