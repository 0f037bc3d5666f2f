#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/solve/matrices.h"

namespace ntk::testing {
namespace {

class CholeskyTest : public OnEachBackend {
 protected:
  static CholeskyOptions cholesky_on(Backend* backend) {
    CholeskyOptions options;
    options.backend = backend;
    return options;
  }
};
NTK_ON_EACH_BACKEND(CholeskyTest);

Array plus_identity(const Array& a, double shift) {
  Array b = a.converted_to(DType::float64);
  for (std::int64_t i = 0; i < a.shape()[0]; ++i) b.as<double>()[i * (a.shape()[0] + 1)] += shift;
  return b;
}

TEST_P(CholeskyTest, FactorsTheMatrixAndItsRidge) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  for (DType input : {DType::float32, DType::float64})
    for (std::int64_t n : {1, 2, 17, 80}) {
      const Array a = random_gram(n, 3, 0, 1, input);  // of rank 3: the ridge makes it regular
      const Cholesky cholesky(a, 0.25, cholesky_on(backend));
      const Array l = cholesky.factor();
      EXPECT_EQ(l.dtype(), DType::float64);
      const Array expected = plus_identity(a, 0.25);
      EXPECT_LE(product_error(l, false, l, true, expected),
                static_cast<double>(n + 1) * 2.3e-16 * largest(expected));
      for (std::int64_t i = 0; i < n; ++i)
        for (std::int64_t j = i + 1; j < n; ++j) EXPECT_EQ(entry(l, i, j), 0);
    }
}

TEST_P(CholeskyTest, SolvesFromTheLeftAndFromTheRight) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  constexpr std::int64_t n = 40, k = 7;
  const Array a = random_gram(n, n, 0.5, 2);
  const Cholesky cholesky(a, 0, cholesky_on(backend));
  const Array b = random_matrix(n, k, 3), c = random_matrix(k, n, 4);
  const Array x = cholesky.solve(b), y = cholesky.solve_right(c);
  ASSERT_EQ(x.shape(), (Shape{n, k}));
  ASSERT_EQ(y.shape(), (Shape{k, n}));
  const double rounding = 10 * n * 2.3e-16 * largest(a);
  EXPECT_LE(product_error(a, false, x, false, b), rounding * largest(x));
  EXPECT_LE(product_error(y, false, a, false, c), rounding * largest(y));
}

TEST_P(CholeskyTest, AVectorGivesAVector) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  const Array a = Array::of<double>({4, 0, 0, 9}, {2, 2});
  const Cholesky cholesky(a, 0, cholesky_on(backend));
  const Array b = Array::of<double>({8, 27}, {2});
  for (const Array& x : {cholesky.solve(b), cholesky.solve_right(b)}) {
    ASSERT_EQ(x.shape(), Shape{2});
    EXPECT_NEAR(value_at(x, 0), 2, 1e-15);
    EXPECT_NEAR(value_at(x, 1), 3, 1e-15);
  }
  EXPECT_NEAR(cholesky.log_determinant(), std::log(36.0), 1e-15);
}

TEST_P(CholeskyTest, NamesTheFirstMinorThatIsNotPositive) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  constexpr std::int64_t n = 30;
  Array a = random_gram(n, 2 * n, 0.5, 5);
  a.as<double>()[12 * (n + 1)] = 0;
  try {
    const Cholesky cholesky(a, 0, cholesky_on(backend));
    FAIL() << "a matrix with a zero on its diagonal was factored";
  } catch (const NotPositiveDefinite& error) {
    EXPECT_EQ(error.minor(), 13);
    EXPECT_NE(std::string(error.what()).find("minor of order 13"), std::string::npos);
  }
}

TEST_P(CholeskyTest, AddsJitterOnlyWhenAskedForAndSaysSo) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  const Array a =
      Array::of<double>({4, 4, 4, 4}, {2, 2});  // its second pivot is zero to the last bit
  EXPECT_THROW(Cholesky(a, 0, cholesky_on(backend)), NotPositiveDefinite);
  CholeskyOptions options = cholesky_on(backend);
  std::vector<std::string> said;
  options.log = [&](const std::string& sentence) { said.push_back(sentence); };
  options.first_jitter = 1e-18;  // lost in rounding: the ladder must be climbed
  options.max_jitter = 1e-6;
  const Cholesky cholesky(a, 0, options);
  EXPECT_GT(cholesky.jitter(), 0);
  EXPECT_LE(cholesky.jitter(), 4.000001e-6);
  const double steps = std::log10(cholesky.jitter() / 4 / 1e-18);
  EXPECT_NEAR(steps, std::round(steps), 1e-9) << "each step is ten times the one before";
  EXPECT_EQ(said.size(), static_cast<std::size_t>(std::lround(steps)) + 1);
}

TEST_P(CholeskyTest, GivesUpAtTheLargestJitterAllowed) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  const Array a = Array::of<double>({1, 2, 2, 1}, {2, 2});
  CholeskyOptions options = cholesky_on(backend);
  options.max_jitter = 1e-6;
  EXPECT_THROW(Cholesky(a, 0, options), NotPositiveDefinite);
}

TEST_P(CholeskyTest, AStoredFactorSolvesAsTheOriginal) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  constexpr std::int64_t n = 25;
  const Array a = random_gram(n, n, 0.5, 6);
  const Cholesky original(a, 0.1, cholesky_on(backend));
  const Array b = random_matrix(n, 2, 7), x = original.solve(b);
  const Cholesky whole = Cholesky::from_factor(original.factor(), 0, on(backend));
  const Cholesky packed = Cholesky::from_packed_factor(original.packed_factor(), 0, on(backend));
  for (std::int64_t i = 0; i < b.size(); ++i) {
    EXPECT_EQ(value_at(whole.solve(b), i), value_at(x, i));
    EXPECT_EQ(value_at(packed.solve(b), i), value_at(x, i));
  }
}

TEST_P(CholeskyTest, RefusesAFactorThatIsNone) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  const Array zero_diagonal = Array::of<double>({1, 2, 0}, {3});
  EXPECT_THROW(Cholesky::from_packed_factor(zero_diagonal, 0, on(backend)), DataError);
  EXPECT_THROW(Cholesky::from_packed_factor(Array(DType::float64, {4}), 0, on(backend)),
               UsageError);
}

TEST_P(CholeskyTest, RefusesNaNAndInfByTheirPlace) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  for (double bad :
       {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
    Array a = identity(4);
    a.as<double>()[2 * 4 + 3] = bad;
    try {
      const Cholesky cholesky(a, 0, cholesky_on(backend));
      FAIL();
    } catch (const DataError& error) {
      EXPECT_NE(std::string(error.what()).find("row 2, column 3"), std::string::npos)
          << error.what();
    }
  }
}

TEST_P(CholeskyTest, ReadsAnyStrides) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  const Array wide = random_gram(8, 20, 1, 8);
  const ArrayView inner{wide.data(), DType::float64, {5, 5}, {8, 1}, MemorySpace::host};
  const ArrayView skipping{wide.data(), DType::float64, {4, 4}, {16, 2}, MemorySpace::host};
  for (const ArrayView& view : {inner, skipping}) {
    const std::int64_t n = view.shape[0], step = view.strides[1];
    Array dense(DType::float64, view.shape);
    for (std::int64_t i = 0; i < n; ++i)
      for (std::int64_t j = 0; j < n; ++j)
        dense.as<double>()[i * n + j] = entry(wide, i * step, j * step);
    const Array l = Cholesky(view, 0, cholesky_on(backend)).factor();
    EXPECT_LE(product_error(l, false, l, true, dense), 1e-14);
  }
}

TEST_P(CholeskyTest, RefusesWhatDoesNotFit) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  EXPECT_THROW(Cholesky(Array(DType::float64, {2, 3}), 0, cholesky_on(backend)), UsageError);
  EXPECT_THROW(Cholesky(Array(DType::float64, {4}), 0, cholesky_on(backend)), UsageError);
  const Cholesky cholesky(identity(3), 0, cholesky_on(backend));
  EXPECT_THROW(cholesky.solve(Array(DType::float64, {2, 3})), UsageError);
  EXPECT_THROW(cholesky.solve_right(Array(DType::float64, {3, 2})), UsageError);
}

TEST_P(CholeskyTest, AMatrixBeyondTheMemoryAllowedIsRefusedBeforehand) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  CholeskyOptions options = cholesky_on(backend);
  options.memory_limit = 1000;
  EXPECT_THROW(Cholesky(identity(20), 0, options), MemoryError);
}

TEST_P(CholeskyTest, EmptyMatricesAreFine) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  const Cholesky empty(Array(DType::float64, {0, 0}), 1, cholesky_on(backend));
  EXPECT_EQ(empty.n(), 0);
  EXPECT_EQ(empty.log_determinant(), 0);
  EXPECT_EQ(empty.solve(Array(DType::float64, {0, 2})).shape(), (Shape{0, 2}));
  const Cholesky cholesky(identity(3), 0, cholesky_on(backend));
  EXPECT_EQ(cholesky.solve_right(Array(DType::float64, {0, 3})).shape(), (Shape{0, 3}));
}

}  // namespace
}  // namespace ntk::testing
