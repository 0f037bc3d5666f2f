#include "src/predict/posterior.h"

#include <algorithm>
#include <utility>

#include "src/predict/targets.h"
#include "src/solve/operand.h"

namespace ntk::internal {
namespace {

// covariance += factor P for a symmetric P in either precision.
void add_product(Array& covariance, double factor, const Array& product) {
  if (product.dtype() == DType::float64) return add_scaled(covariance, factor, product);
  const float* const from = product.as<float>();
  double* const to = covariance.as<double>();
  for (std::int64_t i = 0; i < product.size(); ++i) to[i] += factor * static_cast<double>(from[i]);
}

// covariance -= the dot products of the rows of A and B, for the variances alone.
void subtract_row_products(Array& covariance, const Array& a, const Array& b) {
  const std::int64_t m = a.shape()[0], n = a.shape()[1];
  with_float_type(a.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const T *p = a.as<T>(), *q = b.as<T>();
    for (std::int64_t i = 0; i < m; ++i) {
      double sum = 0;
      for (std::int64_t j = 0; j < n; ++j) sum += static_cast<double>(p[i * n + j]) * q[i * n + j];
      covariance.as<double>()[i] -= sum;
    }
  });
}

// 2 A - B, into B.
void reflect(const Array& a, Array& b) {
  with_float_type(b.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const T* const p = a.as<T>();
    T* const q = b.as<T>();
    for (std::int64_t i = 0; i < b.size(); ++i) q[i] = 2 * p[i] - q[i];
  });
}

// A covariance is worked out in the precision of the factor it came from, which may not be the one
// that was asked for.
SolveOptions in_precision_of(const Array& solved, SolveOptions options) {
  options.dtype = solved.dtype();
  return options;
}

}  // namespace

SolveOptions in_double(const SolveOptions& options) {
  SolveOptions result = options;
  result.dtype = DType::float64;
  return result;
}

void symmetrize(Array& a) {
  constexpr std::int64_t kTile = 64;
  const std::int64_t n = a.shape()[0];
  double* const p = a.as<double>();
  for (std::int64_t ti = 0; ti < n; ti += kTile)
    for (std::int64_t tj = 0; tj <= ti; tj += kTile)
      for (std::int64_t i = ti; i < std::min(ti + kTile, n); ++i)
        for (std::int64_t j = tj; j < std::min(tj + kTile, i); ++j)
          p[i * n + j] = p[j * n + i] = (p[i * n + j] + p[j * n + i]) / 2;
}

std::int64_t test_count(const ArrayView& k_test_train, std::int64_t n, const std::string& what) {
  if (k_test_train.shape.size() != 2 || k_test_train.shape[1] != n)
    throw UsageError(what + " must be M x " + std::to_string(n) +
                     " (test by training samples), but " +
                     (is_absent(k_test_train) ? "it is missing"
                                              : "its shape is " + to_string(k_test_train.shape)));
  return k_test_train.shape[0];
}

Array prior_covariance(const ArrayView& k_test_test, std::int64_t m, Cov cov,
                       const SolveOptions& options, const std::string& what) {
  const Shape expected = cov == Cov::full ? Shape{m, m} : Shape{m};
  if (k_test_test.shape == expected) return finite_copy(k_test_test, options, what);
  throw UsageError(
      what + " must have the shape " + to_string(expected) +
      (cov == Cov::full ? " for a full covariance" : " (the diagonal) for the variances") +
      ", but it " +
      (is_absent(k_test_test) ? "is missing" : "has the shape " + to_string(k_test_test.shape)));
}

Array nngp_covariance(const TrainKernel& k, const FlowTime& time, const ArrayView& k_test_train,
                      Array prior, Cov cov, const SolveOptions& options) {
  const Array root = k.root_gain_right(time.doubled(), k_test_train);
  if (cov == Cov::full)
    add_product(prior, -1, row_products(root, in_precision_of(root, options)));
  else
    subtract_row_products(prior, root, root);
  return prior;
}

Array ntk_covariance(const TrainKernel& theta, const FlowTime& time, const ArrayView& nngp_train,
                     const ArrayView& nngp_test_train, const ArrayView& ntk_test_train, Array prior,
                     Cov cov, const SolveOptions& options) {
  const Array b = theta.gain_right(time, ntk_test_train);
  const SolveOptions how = in_precision_of(b, options);
  // B K B^T - B K_*^T - K_* B^T is minus the symmetric part of (2 K_* - B K) B^T.
  Array inner = matmul(b, nngp_train, false, false, how);
  reflect(host_copy(backend_of(how), nngp_test_train, how.dtype, "the NNGP test-train kernel"),
          inner);
  if (cov == Cov::full) {
    add_product(prior, -1, matmul(inner, b, false, true, how));
    symmetrize(prior);
  } else {
    subtract_row_products(prior, inner, b);
  }
  return prior;
}

}  // namespace ntk::internal
