// Iterative refinement: solutions to float64 accuracy from a factor of less.
#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "src/solve/operand.h"

namespace ntk {
namespace {

constexpr int kMostSteps = 30;

// b - (A + shift I) x in float64. A is read as it is: few right-hand sides do not pay for a copy of
// it in float64.
Array residual_of(const ArrayView& a, double shift, const Array& x, const Array& b) {
  const std::int64_t n = x.shape()[0], k = x.shape()[1];
  const internal::Strides strides = internal::strides_of(a);
  std::vector<double> columns(static_cast<std::size_t>(n * k));  // x by columns
  for (std::int64_t i = 0; i < n; ++i)
    for (std::int64_t c = 0; c < k; ++c)
      columns[static_cast<std::size_t>(c * n + i)] = x.as<double>()[i * k + c];
  Array residual(DType::float64, {n, k});
  internal::with_float_type(a.dtype, [&](auto zero) {
    using T = decltype(zero);
    const T* const entries = static_cast<const T*>(a.data);
#pragma omp parallel
    {
      std::vector<double> row(static_cast<std::size_t>(n));
#pragma omp for schedule(static)
      for (std::int64_t i = 0; i < n; ++i) {
        const T* const from = entries + i * strides.row;
        for (std::int64_t j = 0; j < n; ++j)
          row[static_cast<std::size_t>(j)] = static_cast<double>(from[j * strides.column]);
        for (std::int64_t c = 0; c < k; ++c) {
          const double* const column = columns.data() + c * n;
          double sum = shift * column[i];
#pragma omp simd reduction(+ : sum)
          for (std::int64_t j = 0; j < n; ++j) sum += row[static_cast<std::size_t>(j)] * column[j];
          residual.as<double>()[i * k + c] = b.as<double>()[i * k + c] - sum;
        }
      }
    }
  });
  return residual;
}

double largest(const Array& a) {
  double result = 0;
  for (std::int64_t i = 0; i < a.size(); ++i)
    result = std::max(result, std::abs(a.as<double>()[i]));
  return result;
}

}  // namespace

Refinement refined_solve(const Cholesky& factor, const ArrayView& a, double ridge,
                         const ArrayView& b) {
  const std::int64_t n = internal::order_of(a, "refined_solve: the matrix");
  if (n != factor.n() || b.shape.empty() || b.shape.size() > 2 || b.shape[0] != n)
    throw UsageError("refined_solve: the factor is of order " + std::to_string(factor.n()) +
                     ", the matrix " + to_string(a.shape) + ", the right-hand side " +
                     to_string(b.shape));
  const Shape matrix{n, b.shape.size() == 2 ? b.shape[1] : 1};
  const Array right =
      internal::host_copy(factor.backend(), b, DType::float64, "refined_solve: the right-hand side")
          .reshaped(matrix);
  const double shift = ridge + factor.jitter();
  const Array from_device =
      a.space == MemorySpace::host
          ? Array()
          : internal::host_copy(factor.backend(), a, DType::float64, "refined_solve: the matrix");
  const ArrayView kernel = a.space == MemorySpace::host ? a : from_device.view();
  Refinement result;
  Array x = factor.solve(right).converted_to(DType::float64);
  double before = HUGE_VAL;
  for (;;) {
    const Array residual = residual_of(kernel, shift, x, right);
    result.residual = largest(residual) / std::max(largest(right), 1e-300);
    // Until it no longer halves: rounding is all that is left, or the factor is too coarse.
    if (!(result.residual < before / 2) || result.steps == kMostSteps) break;
    before = result.residual;
    const Array correction = factor.solve(residual).converted_to(DType::float64);
    for (std::int64_t i = 0; i < x.size(); ++i) x.as<double>()[i] += correction.as<double>()[i];
    ++result.steps;
  }
  constexpr double kRounding = 1e-11;
  result.converged =
      result.residual <= kRounding * (1 + largest(x) / std::max(largest(right), 1e-300));
  result.solution = std::move(x).reshaped(b.shape);
  return result;
}

}  // namespace ntk
