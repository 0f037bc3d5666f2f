#include <gtest/gtest.h>

#include <cmath>

#include "tests/solve/matrices.h"

namespace ntk::testing {
namespace {

class EigenTest : public OnEachBackend {};
NTK_ON_EACH_BACKEND(EigenTest);

TEST_P(EigenTest, DecomposesTheMatrix) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  for (DType input : {DType::float32, DType::float64})
    for (std::int64_t n : {1, 2, 30}) {
      const Array a = random_gram(n, 2 * n, 0, 1, input);
      const Eigen eigen(a, on(backend));
      const Array v = eigen.eigenvectors();
      Array vw = v.clone();
      for (std::int64_t i = 0; i < n; ++i)
        for (std::int64_t j = 0; j < n; ++j)
          vw.as<double>()[i * n + j] *= eigen.eigenvalues()[static_cast<std::size_t>(j)];
      const double rounding = 3 * static_cast<double>(n + 5) * 2.3e-16;
      EXPECT_LE(product_error(v, true, v, false, identity(n)), rounding);
      EXPECT_LE(product_error(vw, false, v, true, a), rounding * largest(a) * std::sqrt(n));
    }
}

TEST_P(EigenTest, AFunctionOfTheMatrixActsFromBothSides) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  constexpr std::int64_t n = 20;
  const Array a = random_gram(n, n, 0.5, 2);
  const Eigen eigen(a, on(backend));
  const auto inverse = [](double w) { return 1 / w; };
  const Array b = random_matrix(n, 3, 3), c = random_matrix(3, n, 4);
  const Array x = eigen.apply(inverse, b), y = eigen.apply_right(inverse, c);
  EXPECT_LE(product_error(a, false, x, false, b), 1e-13 * largest(x));
  EXPECT_LE(product_error(y, false, a, false, c), 1e-13 * largest(y));
}

TEST_P(EigenTest, TheSquareRootTwiceIsTheMatrix) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  const Array a = random_gram(12, 12, 0.1, 5);
  const Eigen eigen(a, on(backend));
  const auto root = [](double w) { return std::sqrt(w); };
  const Array twice = eigen.apply(root, eigen.apply(root, identity(12)));
  EXPECT_LE(relative_error(twice, a), 1e-14);
}

TEST_P(EigenTest, AVectorGivesAVector) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  const Array a = Array::of<double>({2, 1, 1, 2}, {2, 2});
  const Eigen eigen(a, on(backend));
  const Array b = Array::of<double>({1, 1}, {2});  // an eigenvector, of 3
  for (const Array& x : {eigen.apply([](double w) { return w * w; }, b),
                         eigen.apply_right([](double w) { return w * w; }, b)}) {
    ASSERT_EQ(x.shape(), Shape{2});
    EXPECT_NEAR(value_at(x, 0), 9, 1e-14);
    EXPECT_NEAR(value_at(x, 1), 9, 1e-14);
  }
}

TEST_P(EigenTest, AStoredBasisAnswersAsTheOriginal) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  const Array a = random_gram(15, 15, 0.1, 6), b = random_matrix(15, 2, 7);
  const Eigen original(a, on(backend));
  const Array w = Array::of(original.eigenvalues(), {15});
  const Eigen stored = Eigen::from_basis(w, original.eigenvectors(), on(backend));
  const auto f = [](double x) { return std::exp(-x); };
  const Array x = original.apply(f, b), y = stored.apply(f, b);
  for (std::int64_t i = 0; i < b.size(); ++i) EXPECT_EQ(value_at(x, i), value_at(y, i));
}

TEST_P(EigenTest, RefusesABasisThatIsNone) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  const Array descending = Array::of<double>({2, 1}, {2});
  EXPECT_THROW(Eigen::from_basis(descending, identity(2), on(backend)), DataError);
  EXPECT_THROW(Eigen::from_basis(descending, identity(3), on(backend)), UsageError);
}

TEST_P(EigenTest, RefusesNaNByItsPlace) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  Array a = identity(3);
  a.as<double>()[1 * 3 + 2] = std::nan("");
  try {
    const Eigen eigen(a, on(backend));
    FAIL();
  } catch (const DataError& error) {
    EXPECT_NE(std::string(error.what()).find("row 1, column 2"), std::string::npos);
  }
}

TEST_P(EigenTest, EmptyMatricesAreFine) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  const Eigen empty(Array(DType::float64, {0, 0}), on(backend));
  EXPECT_TRUE(empty.eigenvalues().empty());
  const Eigen eigen(identity(3), on(backend));
  const auto same = [](double w) { return w; };
  EXPECT_EQ(eigen.apply_right(same, Array(DType::float64, {0, 3})).shape(), (Shape{0, 3}));
  EXPECT_EQ(eigen.apply(same, Array(DType::float64, {3, 0})).shape(), (Shape{3, 0}));
}

TEST_P(EigenTest, AnEigendecompositionBeyondTheMemoryAllowedIsRefusedBeforehand) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  SolveOptions options = on(backend);
  options.memory_limit = 1000;
  EXPECT_THROW(Eigen(identity(20), options), MemoryError);
}

TEST_P(EigenTest, TheLargestEigenvalueAloneAgreesWithTheWholeSpectrum) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  for (std::int64_t n : {1, 2, 7, 60})
    for (std::int64_t rank : {std::int64_t{1}, n, 4 * n}) {
      const Array a = random_gram(n, rank, 0, 8);
      const double expected = Eigen(a, on(backend)).eigenvalues().back();
      EXPECT_NEAR(largest_eigenvalue(a, on(backend)), expected, 1e-12 * expected);
    }
}

TEST_P(EigenTest, TheLargestEigenvalueOfDegenerateMatricesIsFound) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  EXPECT_EQ(largest_eigenvalue(Array(DType::float64, {5, 5}), on(backend)), 0);
  EXPECT_NEAR(largest_eigenvalue(identity(50), on(backend)), 1, 1e-14);
  Array two_equal = identity(40);
  two_equal.as<double>()[0] = two_equal.as<double>()[41] = 1 + 1e-9;
  EXPECT_NEAR(largest_eigenvalue(two_equal, on(backend)), 1 + 1e-9, 1e-12);
  EXPECT_THROW(largest_eigenvalue(Array(DType::float64, {0, 0}), on(backend)), UsageError);
}

}  // namespace
}  // namespace ntk::testing
