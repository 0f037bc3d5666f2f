// The dense entries of every backend, by their residuals: column-major, with leading dimensions
// larger than the matrix, in both precisions.
#include <gtest/gtest.h>

#include <limits>

#include "tests/solve/matrices.h"

namespace ntk::testing {
namespace {

class Dense : public OnEachBackend {};
NTK_ON_EACH_BACKEND(Dense);

const DType kPrecisions[] = {DType::float32, DType::float64};
constexpr double kFiller = 777;

// The matrix as columns with `ld` entries each, the rest filled with kFiller: as an array ld x
// columns in column-major order, which is columns x ld in row-major order.
Array padded(const Array& a, std::int64_t ld) {
  const std::int64_t rows = a.shape()[0], columns = a.shape()[1];
  Array result(DType::float64, {columns, ld});
  for (std::int64_t j = 0; j < columns; ++j)
    for (std::int64_t i = 0; i < ld; ++i)
      result.as<double>()[j * ld + i] = i < rows ? entry(a, i, j) : kFiller;
  return result.converted_to(a.dtype());
}

Array unpadded(const Array& columns, std::int64_t rows) {
  Array result(DType::float64, {rows, columns.shape()[0]});
  for (std::int64_t i = 0; i < rows; ++i)
    for (std::int64_t j = 0; j < columns.shape()[0]; ++j)
      result.as<double>()[i * columns.shape()[0] + j] = entry(columns, j, i);
  return result;
}

void expect_padding_untouched(const Array& columns, std::int64_t rows) {
  for (std::int64_t j = 0; j < columns.shape()[0]; ++j)
    for (std::int64_t i = rows; i < columns.shape()[1]; ++i)
      ASSERT_EQ(entry(columns, j, i), kFiller) << "row " << i << ", column " << j;
}

TEST_P(Dense, CholeskyFactorTimesItsTransposeGivesTheMatrix) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  for (DType dtype : kPrecisions)
    for (std::int64_t n : {1, 2, 7, 33, 100}) {
      const std::int64_t ld = n + 3;
      const Array a = random_gram(n, 2 * n, 0.1, 1, dtype);
      const OnBackend device(*backend, padded(a, ld));
      ASSERT_EQ(backend->cholesky(dtype, n, device.data(), ld), 0);
      const Array columns = device.back(dtype, {n, ld});
      expect_padding_untouched(columns, n);
      Array l = unpadded(columns, n);
      for (std::int64_t i = 0; i < n; ++i)
        for (std::int64_t j = i + 1; j < n; ++j) {
          EXPECT_EQ(entry(l, i, j), entry(a, i, j)) << "the upper triangle is not ours";
          l.as<double>()[i * n + j] = 0;
        }
      EXPECT_LE(product_error(l, false, l, true, a),
                static_cast<double>(n + 1) * epsilon(dtype) * largest(a));
    }
}

TEST_P(Dense, CholeskyNamesTheFailingMinor) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  for (DType dtype : kPrecisions)
    for (std::int64_t bad : {1, 2, 5, 40, 60}) {
      constexpr std::int64_t n = 60;
      Array a = random_gram(n, 2 * n, 0.5, 2);
      a.as<double>()[(bad - 1) * (n + 1)] = -1;
      const OnBackend device(*backend, a.converted_to(dtype));
      EXPECT_EQ(backend->cholesky(dtype, n, device.data(), n), bad);
    }
}

TEST_P(Dense, AZeroMatrixFailsAtItsFirstMinor) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  const OnBackend device(*backend, Array(DType::float64, {4, 4}));
  EXPECT_EQ(backend->cholesky(DType::float64, 4, device.data(), 4), 1);
}

TEST_P(Dense, CholeskySolveLeavesASmallResidual) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  for (DType dtype : kPrecisions)
    for (std::int64_t n : {1, 5, 64})
      for (std::int64_t k : {1, 3, 70}) {
        const Array a = random_gram(n, 2 * n, 0.5, 3, dtype);
        const Array b = random_matrix(n, k, 4, dtype);
        const OnBackend l(*backend, padded(a, n + 1)), x(*backend, padded(b, n + 2));
        ASSERT_EQ(backend->cholesky(dtype, n, l.data(), n + 1), 0);
        backend->cholesky_solve(dtype, n, k, l.data(), n + 1, x.data(), n + 2);
        const Array columns = x.back(dtype, {k, n + 2});
        expect_padding_untouched(columns, n);
        const Array solution = unpadded(columns, n);
        const double scale = largest(a) * largest(solution) * static_cast<double>(n);
        EXPECT_LE(product_error(a, false, solution, false, b), 10 * epsilon(dtype) * scale);
      }
}

TEST_P(Dense, ATriangularSolveIsHalfOfACholeskySolve) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  for (DType dtype : kPrecisions)
    for (std::int64_t n : {1, 5, 64})
      for (std::int64_t k : {1, 3, 70}) {
        const Array a = random_gram(n, 2 * n, 0.5, 3, dtype);
        const Array b = random_matrix(n, k, 4, dtype);
        const OnBackend l(*backend, padded(a, n + 1)), x(*backend, padded(b, n + 2));
        ASSERT_EQ(backend->cholesky(dtype, n, l.data(), n + 1), 0);
        backend->triangular_solve(dtype, n, k, l.data(), n + 1, x.data(), n + 2);
        const Array columns = x.back(dtype, {k, n + 2});
        expect_padding_untouched(columns, n);
        const Array solution = unpadded(columns, n);
        Array lower = unpadded(l.back(dtype, {n, n + 1}), n);
        for (std::int64_t i = 0; i < n; ++i)
          for (std::int64_t j = i + 1; j < n; ++j) lower.as<double>()[i * n + j] = 0;
        const double scale = largest(lower) * largest(solution) * static_cast<double>(n);
        EXPECT_LE(product_error(lower, false, solution, false, b), 10 * epsilon(dtype) * scale);
      }
}

TEST_P(Dense, AGramOfColumnsFillsItsLowerTriangle) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  for (DType dtype : kPrecisions)
    for (std::int64_t n : {1, 6, 65})
      for (std::int64_t k : {1, 4, 90}) {
        const Array a = random_matrix(k, n, 8, dtype);
        const OnBackend in(*backend, padded(a, k + 2)),
            out(*backend, padded(random_matrix(n, n, 9, dtype), n + 1));
        const Array before = unpadded(out.back(dtype, {n, n + 1}), n);
        backend->gram_of_columns(dtype, n, k, in.data(), k + 2, out.data(), n + 1);
        const Array columns = out.back(dtype, {n, n + 1});
        expect_padding_untouched(columns, n);
        Array c = unpadded(columns, n);
        for (std::int64_t i = 0; i < n; ++i)
          for (std::int64_t j = i + 1; j < n; ++j) {
            EXPECT_EQ(entry(c, i, j), entry(before, i, j)) << "the upper triangle is not ours";
            c.as<double>()[i * n + j] = entry(c, j, i);
          }
        EXPECT_LE(product_error(a, true, a, false, c),
                  2 * static_cast<double>(k) * epsilon(dtype) * largest(a) * largest(a));
      }
}

TEST_P(Dense, AWideMultiplyTakesAFloat32MatrixToFloat64Accuracy) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  for (std::int64_t m : {1, 7, 10})
    for (std::int64_t n : {1, 5, 66})
      for (std::int64_t k : {1, 31, 90}) {
        const Array a = random_matrix(k, n, 10, DType::float32);
        const Array b = random_matrix(k, m, 11);
        const OnBackend left(*backend, padded(a, k + 3)), right(*backend, padded(b, k + 1)),
            out(*backend, padded(random_matrix(m, n, 12), m + 2));
        backend->wide_multiply(m, n, k, static_cast<const float*>(left.data()), k + 3,
                               static_cast<const double*>(right.data()), k + 1,
                               static_cast<double*>(out.data()), m + 2);
        const Array columns = out.back(DType::float64, {n, m + 2});
        expect_padding_untouched(columns, m);
        EXPECT_LE(
            product_error(b, true, a.converted_to(DType::float64), false, unpadded(columns, m)),
            2 * static_cast<double>(k) * epsilon(DType::float64) * largest(a) * largest(b));
      }
}

TEST_P(Dense, EigenvectorsAreOrthonormalAndDiagonalizeTheMatrix) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  for (DType dtype : kPrecisions)
    for (std::int64_t n : {1, 2, 9, 50}) {
      const std::int64_t ld = n + 2;
      const Array a = random_gram(n, std::max<std::int64_t>(1, n / 2), 0, 5, dtype);  // singular
      const OnBackend device(*backend, padded(a, ld)), values(*backend, Array(dtype, {n}));
      backend->eigen(dtype, n, device.data(), ld, values.data());
      const Array w = values.back(dtype, {n});
      const Array columns = device.back(dtype, {n, ld});
      expect_padding_untouched(columns, n);
      const Array v = unpadded(columns, n);
      Array vw = v.clone();
      for (std::int64_t i = 0; i < n; ++i)
        for (std::int64_t j = 0; j < n; ++j) vw.as<double>()[i * n + j] *= value_at(w, j);
      for (std::int64_t j = 1; j < n; ++j) EXPECT_LE(value_at(w, j - 1), value_at(w, j));
      const double rounding = static_cast<double>(n + 5) * epsilon(dtype);
      EXPECT_LE(product_error(v, true, v, false, identity(n)), 3 * rounding);
      EXPECT_LE(product_error(a, false, v, false, vw), 3 * rounding * largest(w));
    }
}

TEST_P(Dense, EigenReadsTheLowerTriangleOnly) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  const Array a = Array::of<double>({2, 1, kFiller, 2}, {2, 2});  // column-major
  const OnBackend device(*backend, a), values(*backend, Array(DType::float64, {2}));
  backend->eigen(DType::float64, 2, device.data(), 2, values.data());
  const Array w = values.back(DType::float64, {2});
  EXPECT_NEAR(value_at(w, 0), 1, 1e-14);
  EXPECT_NEAR(value_at(w, 1), 3, 1e-14);
}

TEST_P(Dense, ProductsAgreeWithPlainSumsForEveryTranspose) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  struct Size {
    std::int64_t m, n, k;
  };
  for (DType dtype : kPrecisions)
    for (const Size& s : {Size{1, 1, 1}, Size{5, 1, 7}, Size{1, 6, 7}, Size{13, 9, 31}})
      for (bool ta : {false, true})
        for (bool tb : {false, true}) {
          const Array a = random_matrix(ta ? s.k : s.m, ta ? s.m : s.k, 6, dtype);
          const Array b = random_matrix(tb ? s.n : s.k, tb ? s.k : s.n, 7, dtype);
          const std::int64_t lda = a.shape()[0] + 1, ldb = b.shape()[0] + 2, ldc = s.m + 3;
          const OnBackend da(*backend, padded(a, lda)), db(*backend, padded(b, ldb));
          const OnBackend dc(*backend, padded(Array(dtype, {s.m, s.n}), ldc));
          backend->multiply(dtype, ta, tb, s.m, s.n, s.k, 1, da.data(), lda, db.data(), ldb, 0,
                            dc.data(), ldc);
          const Array columns = dc.back(dtype, {s.n, ldc});
          expect_padding_untouched(columns, s.m);
          EXPECT_LE(product_error(a, ta, b, tb, unpadded(columns, s.m)),
                    2 * static_cast<double>(s.k) * epsilon(dtype) * largest(a) * largest(b))
              << s.m << "x" << s.n << "x" << s.k << (ta ? " T" : " N") << (tb ? "T" : "N");
        }
}

TEST_P(Dense, ProductsAreScaledAndAddedTo) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  for (std::int64_t n : {1, 2}) {  // a vector has its own path in BLAS
    const Array a = Array::of<double>({1, 2, 3, 4}, {2, 2});
    const Array b = Array::of<double>(std::vector<double>(2 * n, 1), {n, 2});
    const Array c = Array::of<double>(std::vector<double>(2 * n, 10), {n, 2});
    const OnBackend da(*backend, a), db(*backend, b), dc(*backend, c);
    backend->multiply(DType::float64, false, false, 2, n, 2, 0.5, da.data(), 2, db.data(), 2, -1,
                      dc.data(), 2);
    const Array result = dc.back(DType::float64, {n, 2});
    EXPECT_EQ(value_at(result, 0), 0.5 * (1 + 3) - 10);
    EXPECT_EQ(value_at(result, 1), 0.5 * (2 + 4) - 10);
  }
}

TEST_P(Dense, WithBetaZeroWhatStoodInTheResultDoesNotMatter) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (std::int64_t n : {1, 2}) {
    const Array a = Array::of<double>({1, 2, 3, 4}, {2, 2});
    const OnBackend da(*backend, a);
    const OnBackend dc(*backend, Array::of<double>(std::vector<double>(2 * n, nan), {n, 2}));
    backend->multiply(DType::float64, false, false, 2, n, 2, 1, da.data(), 2, da.data(), 2, 0,
                      dc.data(), 2);
    EXPECT_EQ(value_at(dc.back(DType::float64, {n, 2}), 0), 7);
  }
}

TEST_P(Dense, NothingIsDoneForEmptyMatrices) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  const OnBackend nothing(*backend, Array(DType::float64, {0, 0}));
  EXPECT_EQ(backend->cholesky(DType::float64, 0, nothing.data(), 1), 0);
  backend->cholesky_solve(DType::float64, 0, 3, nothing.data(), 1, nothing.data(), 1);
  backend->eigen(DType::float64, 0, nothing.data(), 1, nothing.data());
  backend->multiply(DType::float64, false, false, 0, 0, 0, 1, nothing.data(), 1, nothing.data(), 1,
                    0, nothing.data(), 1);
}

}  // namespace
}  // namespace ntk::testing
