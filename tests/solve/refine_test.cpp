// Solutions refined from a float32 factor.
#include <gtest/gtest.h>

#include <cmath>

#include "ntk/solve.h"
#include "tests/solve/matrices.h"
#include "tests/support/backends.h"

namespace ntk {
namespace {

using testing::largest;
using testing::product_error;
using testing::random_gram;
using testing::random_matrix;

class Refine : public ::testing::TestWithParam<std::string> {};

CholeskyOptions single_on(Backend& backend) {
  CholeskyOptions options;
  options.backend = &backend;
  options.dtype = DType::float32;
  return options;
}

TEST_P(Refine, GivesFloat64SolutionsFromAFloat32Factor) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  for (DType dtype : {DType::float64, DType::float32})
    for (std::int64_t n : {1, 40, 150}) {
      Array a = random_gram(n, 2 * n, 0, 3, dtype);
      const double ridge = 0.01;
      const Cholesky factor(a, ridge, single_on(*backend));
      const Array b = random_matrix(n, 3, 4);
      const Refinement refined = refined_solve(factor, a, ridge, b);
      EXPECT_TRUE(refined.converged);
      EXPECT_GE(refined.steps, 1);
      Array shifted = a.converted_to(DType::float64);
      for (std::int64_t i = 0; i < n; ++i) shifted.as<double>()[i * (n + 1)] += ridge;
      const double scale =
          largest(shifted) * largest(refined.solution) * static_cast<double>(n) + largest(b);
      const double error = product_error(shifted, false, refined.solution, false, b);
      EXPECT_LE(error, 1e-15 * scale);
      // The factor alone is digits worse.
      const Array coarse = factor.solve(b).converted_to(DType::float64);
      const double coarse_error = product_error(shifted, false, coarse, false, b);
      EXPECT_TRUE(n == 1 || coarse_error > 1e4 * error) << coarse_error << " after " << error;
    }
}

TEST_P(Refine, StopsWhereTheResidualIsSmallEnough) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  const std::int64_t n = 150;
  const Array a = random_gram(n, 2 * n, 0, 3), b = random_matrix(n, 3, 4);
  const Cholesky factor(a, 0.01, single_on(*backend));
  const Refinement all = refined_solve(factor, a, 0.01, b);
  const double enough = 1e-7;
  const Refinement some = refined_solve(factor, a, 0.01, b, enough);
  EXPECT_LT(some.steps, all.steps);
  EXPECT_TRUE(some.converged);
  Array shifted = a.clone();
  for (std::int64_t i = 0; i < n; ++i) shifted.as<double>()[i * (n + 1)] += 0.01;
  EXPECT_LE(product_error(shifted, false, some.solution, false, b), enough * largest(b));
}

TEST_P(Refine, SaysWhenTheFactorIsTooCoarse) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  const std::int64_t n = 60;
  const Array a = random_gram(n, n / 2, 0, 5);  // singular, but for the ridge
  const double ridge = 1e-5;
  // Factored with a ridge that float32 can see, solved for with another one.
  const Cholesky factor(a, 1e-2, single_on(*backend));
  const Refinement refined = refined_solve(factor, a, -ridge, random_matrix(n, 1, 6));
  EXPECT_FALSE(refined.converged);
}

TEST_P(Refine, RefusesShapesThatDoNotFit) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  const Array a = random_gram(6, 12, 0.5, 7);
  const Cholesky factor(a, 0, single_on(*backend));
  EXPECT_THROW(refined_solve(factor, random_gram(5, 9, 0.5, 8), 0, random_matrix(6, 1, 9)),
               UsageError);
  EXPECT_THROW(refined_solve(factor, a, 0, random_matrix(5, 1, 9)), UsageError);
}

INSTANTIATE_TEST_SUITE_P(Backends, Refine, ::testing::ValuesIn(testing::backend_names()));

}  // namespace
}  // namespace ntk
