// Factorizations of kernel matrices: one interface for all that predictors need.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "ntk/array.h"
#include "ntk/device.h"

namespace ntk {

class Backend;

struct SolveOptions {
  Device device = Device::automatic;
  int threads = 0;  // of the calling thread, from this call on; 0: all cores
  // Called once with a sentence for each thing done that was asked for but is worth knowing: jitter
  // added, eigenvalues cut off.
  std::function<void(const std::string&)> log = nullptr;
  std::size_t memory_limit = 0;  // bytes this call may allocate; 0: what is free
  DType dtype = DType::float64;  // of the arithmetic and of the results, whatever the matrix's is
  Backend* backend = nullptr;    // a backend already at hand, in place of `device`
};

// Cholesky of A + ridge I. If it fails and max_jitter > 0, it is tried again with jitter growing
// tenfold from first_jitter (both relative to the mean diagonal); each step is logged. A pivot that
// is lost in rounding counts as not positive.
//
// Matrices in: finite (else DataError naming row and column), in host memory with any strides, or
// in the device's own memory with contiguous rows. Results are on the host. Const calls may run
// concurrently.
struct CholeskyOptions : SolveOptions {
  double first_jitter = 1e-12;
  double max_jitter = 0;  // 0: no jitter, ever
};

class Cholesky {
 public:
  // a: n x n, symmetric (one of its triangles is read), float32 or float64; ridge is absolute.
  // Throws NotPositiveDefinite with the failing minor, UsageError, DataError, MemoryError.
  Cholesky(const ArrayView& a, double ridge, const CholeskyOptions& options = {});
  Cholesky(Cholesky&&) noexcept;
  Cholesky& operator=(Cholesky&&) noexcept;
  ~Cholesky();

  // From a stored factor (lower triangle of `factor`, row-major), as `factor()` gave it.
  static Cholesky from_factor(const ArrayView& factor, double jitter, const SolveOptions& options);
  // The same from packed_factor().
  static Cholesky from_packed_factor(const ArrayView& packed, double jitter,
                                     const SolveOptions& options);

  std::int64_t n() const;
  Backend& backend() const;
  double jitter() const;  // what was added beyond the ridge, absolute
  double log_determinant() const;
  // (A + ridge I)^-1 B for B n x k (or n), row-major; the result has B's shape.
  Array solve(const ArrayView& b) const;
  // B (A + ridge I)^-1 for B k x n, row-major: the form in which test-train kernels come.
  Array solve_right(const ArrayView& b) const;
  // B L^-T for B k x n, row-major: half of solve_right. Its rows' products are those of B in the
  // inverse, B (A + ridge I)^-1 B^T.
  Array half_solve_right(const ArrayView& b) const;
  Array factor() const;         // n x n, L in the lower triangle, zeros above
  Array packed_factor() const;  // n (n + 1) / 2: the columns of L's lower triangle, one by one

 private:
  struct Impl;
  explicit Cholesky(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// (A + ridge I)^-1 B from a factor of less precision than float64, by iterative refinement: the
// residual in float64, the correction by the factor, until it no longer halves. Converges where the
// condition number is below the factor's 1/epsilon, about; `converged` says whether it did.
struct Refinement {
  Array solution;       // B's shape, float64
  int steps = 0;        // corrections made
  double residual = 0;  // its largest entry, over the largest entry of B
  bool converged = false;
};
// a: the matrix that was factored with this ridge, n x n; b: n x k or n. Throws UsageError for
// shapes that do not fit, DataError for NaN and Inf.
Refinement refined_solve(const Cholesky& factor, const ArrayView& a, double ridge,
                         const ArrayView& b);

// A = V diag(w) V^T once, then any number of functions f(w), ridges and right-hand sides.
class Eigen {
 public:
  explicit Eigen(const ArrayView& a, const SolveOptions& options = {});
  static Eigen from_basis(const ArrayView& eigenvalues, const ArrayView& eigenvectors,
                          const SolveOptions& options);
  Eigen(Eigen&&) noexcept;
  Eigen& operator=(Eigen&&) noexcept;
  ~Eigen();

  std::int64_t n() const;
  Backend& backend() const;
  const std::vector<double>& eigenvalues() const;  // ascending
  // V diag(f(w)) V^T B for B n x k (or n), row-major.
  Array apply(const std::function<double(double)>& f, const ArrayView& b) const;
  // B V diag(f(w)) V^T for B k x n, row-major.
  Array apply_right(const std::function<double(double)>& f, const ArrayView& b) const;
  Array eigenvectors() const;  // n x n, eigenvector i in column i

 private:
  struct Impl;
  explicit Eigen(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// A B for row-major matrices (with the transpose of either where asked), on the device, in
// options.dtype.
Array matmul(const ArrayView& a, const ArrayView& b, bool transpose_a = false,
             bool transpose_b = false, const SolveOptions& options = {});

// A A^T of a row-major matrix, exactly symmetric, on the device, in options.dtype.
Array row_products(const ArrayView& a, const SolveOptions& options = {});

// The largest eigenvalue of a symmetric positive semidefinite n x n matrix, n > 0, to 1e-12 of
// itself, without the other ones.
double largest_eigenvalue(const ArrayView& a, const SolveOptions& options = {});

}  // namespace ntk
