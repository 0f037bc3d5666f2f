#include <gtest/gtest.h>

#include <cmath>

#include "ntk/io.h"
#include "tests/predict/kernels.h"

namespace ntk::testing {
namespace {

class Regression : public PredictorTest {};
NTK_ON_EACH_BACKEND(Regression);

TEST_P(Regression, SolvesTheRegularizedEquations) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  // K + r I = [[3, 1], [1, 3]]: the inverse is [[3, -1], [-1, 3]] / 8.
  const Array k = Array::of<double>({2, 1, 1, 2}, {2, 2}), y = Array::of<double>({8, 16}, {2});
  const Array k_test = Array::of<double>({1, 2}, {1, 2}), prior = Array::of<double>({5}, {1, 1});
  const KernelRegression regression(k, y, predictor_on(backend, 0.5));
  EXPECT_NEAR(regression.ridge(), 1, 1e-15) << "0.5 of the mean diagonal, which is 2";
  const Prediction p = regression.predict(k_test, Cov::full, prior);
  ASSERT_EQ(p.mean.shape(), Shape{1});
  EXPECT_NEAR(value_at(p.mean, 0), 1 * 1 + 2 * 5, 1e-13);
  EXPECT_NEAR(value_at(p.cov, 0), 5 - 11.0 / 8, 1e-14);
}

TEST_P(Regression, AnAbsoluteRidgeIsTakenAsItIs) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  PredictorOptions options = predictor_on(backend, 0.5);
  options.regularization.absolute = true;
  const Array k = Array::of<double>({2, 1, 1, 2}, {2, 2}), y = Array::of<double>({1, 2}, {2});
  EXPECT_EQ(KernelRegression(k, y, options).ridge(), 0.5);
}

TEST_P(Regression, TheVariancesAreTheDiagonalOfAPositiveCovariance) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  const SmallKernels k = small_kernels(25, 9, 1);
  const Array y = random_matrix(25, 1, 2);
  for (const Solver solver : {Solver::cholesky, Solver::eigen}) {
    PredictorOptions options = predictor_on(backend, 1e-3);
    options.solver = solver;
    const KernelRegression regression(k.train, y, options);
    const Prediction full = regression.predict(k.test_train, Cov::full, k.test_test);
    const Prediction diag = regression.predict(k.test_train, Cov::diag, k.variances);
    EXPECT_LE(relative_error(diag.cov, diagonal(full.cov)), 1e-13);
    EXPECT_EQ(relative_error(diag.mean, full.mean), 0);
    EXPECT_GE(smallest_eigenvalue(full.cov), -1e-13);
    for (std::int64_t i = 0; i < 9; ++i)
      for (std::int64_t j = 0; j < i; ++j) EXPECT_EQ(entry(full.cov, i, j), entry(full.cov, j, i));
  }
}

TEST_P(Regression, OutputsShareOneKernel) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  const SmallKernels k = small_kernels(12, 4, 3);
  const Array y = random_matrix(12, 3, 4);
  const Prediction all =
      KernelRegression(k.train, y, predictor_on(backend, 1e-2)).predict(k.test_train);
  ASSERT_EQ(all.mean.shape(), (Shape{4, 3}));
  for (std::int64_t output = 0; output < 3; ++output) {
    const ArrayView column{y.as<double>() + output, DType::float64, {12}, {3}, MemorySpace::host};
    const Prediction one =
        KernelRegression(k.train, column, predictor_on(backend, 1e-2)).predict(k.test_train);
    ASSERT_EQ(one.mean.shape(), Shape{4});
    for (std::int64_t i = 0; i < 4; ++i)
      EXPECT_NEAR(value_at(one.mean, i), entry(all.mean, i, output), 1e-12);
  }
}

TEST_P(Regression, ASingularKernelIsAnErrorThatSaysWhatToDo) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  Array k = identity(5);
  k.as<double>()[1 * 5 + 3] = k.as<double>()[3 * 5 + 1] = 1;  // sample 3 is sample 1
  const Array y = random_matrix(5, 1, 5);
  try {
    KernelRegression(k, y, predictor_on(backend));
    FAIL() << "a singular kernel was solved with";
  } catch (const NotPositiveDefinite& error) {
    EXPECT_EQ(error.minor(), 4);
    expect_says(error.what(), {"order 4", "diag_reg", "duplicate", "pseudo_inverse_cutoff"});
  }
  PredictorOptions options = predictor_on(backend);
  options.solver = Solver::eigen;
  expect_says(message_of<NotPositiveDefinite>([&] { KernelRegression(k, y, options); }),
              {"singular", "diag_reg", "pseudo_inverse_cutoff"});
}

TEST_P(Regression, JitterThatWasAllowedIsLoggedAndCounted) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  const Array k = Array::of<double>({4, 4, 4, 4}, {2, 2}), y = Array::of<double>({1, 1}, {2});
  PredictorOptions options = predictor_on(backend);
  options.max_jitter = 1e-6;
  std::string said;
  options.log = [&](const std::string& sentence) { said += sentence; };
  const KernelRegression regression(k, y, options);
  EXPECT_GT(regression.ridge(), 0);
  expect_says(said, {"jitter", "minor of order 2"});
}

TEST_P(Regression, TheRidgelessLimitIsScipysPseudoInverse) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  std::map<std::string, Array> a;
  for (NamedArray& named : read_npz(std::string(NTK_TEST_DATA) + "/predict/ridgeless.npz"))
    a.emplace(named.name, std::move(named.array));
  PredictorOptions options = predictor_on(backend);
  options.pseudo_inverse_cutoff = 1e-10;
  std::string said;
  options.log = [&](const std::string& sentence) { said += sentence; };
  const KernelRegression regression(a.at("k_train"), a.at("y"), options);
  expect_says(said, {"6 of 10 eigenvalues", "1e-10"});
  const Prediction p = regression.predict(a.at("k_test_train"), Cov::full, a.at("k_test_test"));
  EXPECT_LE(relative_error(p.mean, a.at("mean")), 1e-12);
  const double scale = largest(a.at("k_test_test"));  // the covariance itself is all rounding
  for (std::int64_t i = 0; i < p.cov.size(); ++i)
    EXPECT_NEAR(value_at(p.cov, i), value_at(a.at("cov"), i), 1e-12 * scale);
}

TEST_P(Regression, OneSampleAndNoTestSamplesAreFine) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  const Array k = Array::of<double>({2}, {1, 1}), y = Array::of<double>({6}, {1, 1});
  const KernelRegression regression(k, y, predictor_on(backend));
  const Array k_test = Array::of<double>({1}, {1, 1});
  EXPECT_DOUBLE_EQ(value_at(regression.predict(k_test).mean, 0), 3);
  const Prediction none =
      regression.predict(Array(DType::float64, {0, 1}), Cov::full, Array(DType::float64, {0, 0}));
  EXPECT_EQ(none.mean.shape(), (Shape{0, 1}));
  EXPECT_EQ(none.cov.shape(), (Shape{0, 0}));
}

TEST_P(Regression, RefusesShapesThatDoNotFitNamingBoth) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  const auto fitted = [&](std::int64_t rows) {
    return KernelRegression(identity(3), random_matrix(rows, 2, 1), predictor_on(backend));
  };
  expect_says(message_of<UsageError>([&] { fitted(4); }), {"3", "4x2"});
  expect_says(message_of<UsageError>([&] {
                KernelRegression(Array(DType::float64, {2, 3}), Array(DType::float64, {2}),
                                 predictor_on(backend));
              }),
              {"square", "2x3"});
  expect_says(message_of<UsageError>([&] {
                KernelRegression(Array(DType::float64, {0, 0}), Array(DType::float64, {0}),
                                 predictor_on(backend));
              }),
              {"no training samples"});
  const KernelRegression regression = fitted(3);
  const Array cross(DType::float64, {2, 3});
  expect_says(message_of<UsageError>([&] {
                regression.predict(Array(DType::float64, {2, 4}));
              }),
              {"M x 3", "2x4"});
  expect_says(message_of<UsageError>([&] { regression.predict(cross, Cov::full); }),
              {"2x2", "missing"});
  expect_says(message_of<UsageError>([&] {
                regression.predict(cross, Cov::diag, Array(DType::float64, {2, 2}));
              }),
              {"shape 2 ", "2x2"});
}

TEST_P(Regression, RefusesNaNNamingRowAndColumn) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  Array y = random_matrix(3, 2, 1);
  y.as<double>()[2 * 2 + 1] = std::nan("");
  expect_says(
      message_of<DataError>([&] { KernelRegression(identity(3), y, predictor_on(backend)); }),
      {"y: NaN", "row 2, column 1"});
}

TEST_P(Regression, RefusesOptionsThatContradictEachOther) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  const Array y = random_matrix(3, 1, 1);
  const auto fit = [&](const PredictorOptions& options) {
    return message_of<UsageError>([&] { KernelRegression(identity(3), y, options); });
  };
  PredictorOptions options = predictor_on(backend, 0.1);
  options.pseudo_inverse_cutoff = 1e-10;
  expect_says(fit(options), {"ridgeless", "diag_reg", "0.1"});
  options = predictor_on(backend);
  options.pseudo_inverse_cutoff = 1.5;
  expect_says(fit(options), {"pseudo_inverse_cutoff", "1.5"});
  options.pseudo_inverse_cutoff = 0.1;
  options.solver = Solver::cholesky;
  expect_says(fit(options), {"eigenbasis"});
  expect_says(fit(predictor_on(backend, -1)), {"diag_reg", "-1"});
  expect_says(fit(predictor_on(backend, std::nan(""))), {"diag_reg"});
}

}  // namespace
}  // namespace ntk::testing
