// Iterative refinement: solutions to float64 accuracy from a factor of less.
#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <string>
#include <utility>

#include "src/solve/operand.h"

namespace ntk {
namespace {

constexpr int kMostSteps = 30;

// The matrix where the backend can read it, in float32 if it is that: it is copied only where it is
// strided or in another memory.
class Matrix {
 public:
  Matrix(Backend& backend, const ArrayView& a, const SolveOptions& options)
      : backend_(backend),
        dtype_(a.dtype == DType::float32 ? DType::float32 : DType::float64),
        n_(a.shape[0]),
        entries_(with_room(backend, a, dtype_, options), a, dtype_, kWhat) {}

  // b - (A + shift I) x in float64.
  Array residual(double shift, const Array& x, const Array& b) const {
    const std::int64_t k = x.shape()[1];
    if (n_ == 0 || k == 0) return Array(DType::float64, {n_, k});
    Array residual = product(x, k);
    const double *const from = b.as<double>(), *const at = x.as<double>();
    double* const r = residual.as<double>();
    for (std::int64_t i = 0; i < n_ * k; ++i) r[i] = from[i] - r[i] - shift * at[i];
    return residual;
  }

 private:
  static constexpr const char* kWhat = "refined_solve: the matrix";

  static Backend& with_room(Backend& backend, const ArrayView& a, DType dtype,
                            const SolveOptions& options) {
    if (a.space != backend.space())
      internal::require_backend_memory(
          backend, internal::matrix_bytes(a.shape[0], a.shape[1], dtype), options,
          "the matrix of the residuals on " + std::string(name_of(backend.device())),
          "use fewer training samples");
    return backend;
  }

  // A x, n x k row-major: column-major, (A x)^T = x^T A^T.
  Array product(const Array& x, std::int64_t k) const {
    internal::Result result(backend_, DType::float64, {n_, k});
    if (dtype_ == DType::float32) {
      const Array by_columns = internal::transposed(backend_, x, DType::float64, kWhat);
      const internal::Operand columns(backend_, by_columns, DType::float64, kWhat);
      backend_.wide_multiply(k, n_, n_, static_cast<const float*>(entries_.data()), entries_.ld(),
                             static_cast<const double*>(columns.data()), n_,
                             static_cast<double*>(result.data()), k);
    } else {
      const internal::Operand rows(backend_, x, DType::float64, kWhat);
      backend_.multiply(DType::float64, false, false, k, n_, n_, 1, rows.data(), k, entries_.data(),
                        entries_.ld(), 0, result.data(), k);
    }
    return std::move(result).to_array();
  }

  Backend& backend_;
  DType dtype_;
  std::int64_t n_;
  internal::Operand entries_;
};

double largest(const Array& a) {
  const double* const entries = a.as<double>();
  return std::accumulate(entries, entries + a.size(), 0.0,
                         [](double most, double entry) { return std::max(most, std::abs(entry)); });
}

}  // namespace

Refinement refined_solve(const Cholesky& factor, const ArrayView& a, double ridge,
                         const ArrayView& b, double enough) {
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
  const Matrix kernel(factor.backend(), a, {});
  Refinement result;
  Array x = factor.solve(right).converted_to(DType::float64);
  const double scale = std::max(largest(right), 1e-300);
  constexpr double kRounding = 1e-11, kNothingLeft = 1e-18;
  const auto bound = [&](double relative) { return relative * (1 + largest(x) / scale); };
  for (double before = 1;; ++result.steps) {  // the residual of x = 0
    const Array residual = kernel.residual(shift, x, right);
    result.residual = largest(residual) / scale;
    const double contraction = result.residual / before;
    // Until it no longer halves: rounding is all that is left, or the factor is too coarse.
    if (!(contraction < 0.5) || result.steps == kMostSteps) break;
    before = result.residual;
    const Array correction = factor.solve(residual).converted_to(DType::float64);
    std::transform(x.as<double>(), x.as<double>() + x.size(), correction.as<double>(),
                   x.as<double>(), std::plus<>());
    // Another residual would be rounding alone (or less than was asked for), with some digits to
    // spare for a contraction that is not the same each time: it is not worth a pass over the
    // matrix.
    if (contraction * result.residual <= std::max(enough, bound(kNothingLeft))) {
      result.residual *= contraction;
      ++result.steps;
      break;
    }
  }
  result.converged = result.residual <= bound(kRounding);
  result.solution = std::move(x).reshaped(b.shape);
  return result;
}

}  // namespace ntk
