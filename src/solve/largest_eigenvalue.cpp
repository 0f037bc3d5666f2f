// Lanczos iteration with full reorthogonalization: a kernel matrix has a large eigenvalue well
// apart from the others (the mean), so that a few dozen products with it say what that is, where an
// eigendecomposition would need 9 n^3 operations.
#include <cmath>
#include <vector>

#include "src/solve/backend_memory.h"
#include "src/solve/operand.h"

namespace ntk {
namespace {

constexpr double kTolerance = 1e-12;
constexpr int kCheckEvery = 8;
constexpr int kMaxSteps = 400;

// Reproducible and, for every eigenvector in practice, not orthogonal to it.
std::vector<double> start_vector(std::int64_t n) {
  std::uint64_t state = 0x9E3779B97F4A7C15;
  std::vector<double> v(static_cast<std::size_t>(n));
  for (double& x : v) {
    state ^= state << 13, state ^= state >> 7, state ^= state << 17;
    x = static_cast<double>(state >> 11) * 0x1p-53 - 0.5;
  }
  return v;
}

double dot(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

void subtract(double factor, const std::vector<double>& b, std::vector<double>& a) {
  for (std::size_t i = 0; i < a.size(); ++i) a[i] -= factor * b[i];
}

// The largest Ritz value of the tridiagonal matrix, and the last component of its vector.
struct Ritz {
  double value, last;
};
Ritz largest_ritz(const std::vector<double>& diagonal, const std::vector<double>& off,
                  const SolveOptions& options) {
  const auto k = static_cast<std::int64_t>(diagonal.size());
  Array t(DType::float64, {k, k});
  for (std::int64_t i = 0; i < k; ++i) {
    t.as<double>()[i * k + i] = diagonal[i];
    if (i + 1 < k) t.as<double>()[i * k + i + 1] = t.as<double>()[(i + 1) * k + i] = off[i];
  }
  const Eigen eigen(t, options);
  return {eigen.eigenvalues().back(), eigen.eigenvectors().as<double>()[k * k - 1]};
}

}  // namespace

double largest_eigenvalue(const ArrayView& a, const SolveOptions& options) {
  const std::int64_t n = internal::order_of(a, "largest_eigenvalue: the matrix");
  if (n == 0) throw UsageError("largest_eigenvalue: the matrix is empty");
  Backend& backend = internal::backend_of(options);
  SolveOptions in_double = options;
  in_double.dtype = DType::float64;
  const internal::Operand matrix(backend, a, DType::float64, "largest_eigenvalue: the matrix");
  const std::size_t bytes = static_cast<std::size_t>(n) * sizeof(double);
  const internal::Buffer x(backend, bytes), y(backend, bytes);

  std::vector<std::vector<double>> basis;
  std::vector<double> diagonal, off, v = start_vector(n);
  double norm = std::sqrt(dot(v, v));
  for (;;) {
    for (double& entry : v) entry /= norm;
    basis.push_back(v);
    backend.copy(x.data(), v.data(), bytes);
    backend.multiply(DType::float64, true, false, n, 1, n, 1, matrix.data(), matrix.ld(), x.data(),
                     n, 0, y.data(), n);
    backend.copy(v.data(), y.data(), bytes);
    diagonal.push_back(dot(v, basis.back()));
    for (int pass = 0; pass < 2; ++pass)  // twice is enough
      for (const auto& q : basis) subtract(dot(v, q), q, v);
    norm = std::sqrt(dot(v, v));
    const auto steps = static_cast<std::int64_t>(basis.size());
    // The products have run out of new directions: what is left of v is rounding.
    const bool complete = steps == n || norm <= kTolerance * std::abs(diagonal.front());
    if (steps % kCheckEvery == 0 || complete) {
      const Ritz ritz = largest_ritz(diagonal, off, in_double);
      // An eigenvalue lies within norm |last| of the Ritz value.
      if (complete || norm * std::abs(ritz.last) <= kTolerance * std::abs(ritz.value))
        return ritz.value;
    }
    if (steps == kMaxSteps) return Eigen(a, in_double).eigenvalues().back();
    off.push_back(norm);
  }
}

}  // namespace ntk
