/// \file
/// Factorizations of kernel matrices: one interface for all that predictors need.
///
/// Matrices in: finite (else DataError naming row and column), float32 or float64, in host memory
/// with any strides, or in the device's own memory with contiguous rows. Results are on the host,
/// row-major. All throw UsageError for shapes that do not fit, MemoryError, DeviceError.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "ntk/api.h"
#include "ntk/array.h"
#include "ntk/device.h"

namespace ntk {

/// A device that is at work; what it can do is libntk's own affair.
class Backend;

/// Where and how a matrix is worked on.
struct SolveOptions {
  Device device = Device::automatic;  ///< where
  int threads = 0;                    ///< of the calling thread, from this call on; 0: all cores
  /// Called once with a sentence for each thing done that was asked for but is worth knowing:
  /// jitter added, eigenvalues cut off.
  std::function<void(const std::string&)> log = nullptr;
  std::size_t memory_limit = 0;  ///< bytes this call may allocate; 0: what is free
  DType dtype = DType::float64;  ///< of the arithmetic and of the results, whatever the matrix's is
  Backend* backend = nullptr;    ///< a backend already at hand, in place of `device`
};

/// How a Cholesky factorization that fails is tried again.
struct CholeskyOptions : SolveOptions {
  double first_jitter = 1e-12;  ///< relative to the mean of the diagonal
  double max_jitter = 0;        ///< relative to the mean of the diagonal; 0: no jitter, ever
};

/// Cholesky of A + ridge I = L L^T. If it fails and max_jitter > 0, it is tried again with jitter
/// growing tenfold from first_jitter; each step is logged. A pivot that is lost in rounding counts
/// as not positive. Const calls may run concurrently.
class NTK_API Cholesky {
 public:
  /// a: n x n, symmetric (one of its triangles is read); ridge is absolute. Throws
  /// NotPositiveDefinite with the failing minor.
  Cholesky(const ArrayView& a, double ridge, const CholeskyOptions& options = {});
  /// Takes what the other one holds, which may then only be assigned to.
  Cholesky(Cholesky&&) noexcept;
  /// Takes what the other one holds, which may then only be assigned to.
  Cholesky& operator=(Cholesky&&) noexcept;
  ~Cholesky();

  /// From a stored factor (n x n, lower triangle, row-major), as factor() gave it. Throws DataError
  /// for a diagonal that is not positive.
  static Cholesky from_factor(const ArrayView& factor, double jitter, const SolveOptions& options);
  /// The same from packed_factor().
  static Cholesky from_packed_factor(const ArrayView& packed, double jitter,
                                     const SolveOptions& options);

  /// Order of the matrix.
  std::int64_t n() const;
  /// Of the factor: float32 or float64.
  DType dtype() const;
  /// What holds the factor.
  Backend& backend() const;
  /// What was added beyond the ridge, absolute.
  double jitter() const;
  /// log det(A + ridge I), jitter included.
  double log_determinant() const;
  /// (A + ridge I)^-1 B for B n x k (or n); the result has B's shape.
  Array solve(const ArrayView& b) const;
  /// B (A + ridge I)^-1 for B k x n: the form in which test-train kernels come.
  Array solve_right(const ArrayView& b) const;
  /// B L^-T for B k x n: half of solve_right. Its rows' products are those of B in the inverse,
  /// B (A + ridge I)^-1 B^T.
  Array half_solve_right(const ArrayView& b) const;
  /// n x n, L in the lower triangle, zeros above.
  Array factor() const;
  /// n (n + 1) / 2: the columns of L's lower triangle, one by one.
  Array packed_factor() const;

 private:
  struct NTK_LOCAL Impl;
  explicit Cholesky(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// What refined_solve gives.
struct Refinement {
  Array solution;  ///< of B's shape, float64
  int steps = 0;   ///< corrections made
  /// Its largest entry, over the largest entry of B; after a last correction that is known to leave
  /// rounding alone it is estimated from the contraction of the step before.
  double residual = 0;
  bool converged = false;  ///< whether rounding is all that is left
};
/// (A + ridge I)^-1 B from a factor of less precision than float64, by iterative refinement
/// (Wilkinson 1963; Higham 2002, chapter 12): the residual in float64, the correction by the
/// factor, until rounding is all that is left or the residual no longer halves. It converges where
/// the condition number is below 1/epsilon of the factor, about. a: the matrix that was factored
/// with this ridge, n x n; b: n x k or n; enough: a residual, over the largest entry of B, that
/// need not become less. Throws UsageError for shapes that do not fit, DataError for NaN and Inf.
NTK_API Refinement refined_solve(const Cholesky& factor, const ArrayView& a, double ridge,
                                 const ArrayView& b, double enough = 0);

/// A = V diag(w) V^T once, then any number of functions f(w), ridges and right-hand sides. Const
/// calls may run concurrently.
class NTK_API Eigen {
 public:
  /// a: n x n, symmetric (one of its triangles is read). Throws NumericalError if it does not
  /// converge.
  explicit Eigen(const ArrayView& a, const SolveOptions& options = {});
  /// From n eigenvalues, ascending, and the n x n matrix of eigenvectors(). Throws DataError for
  /// eigenvalues in another order.
  static Eigen from_basis(const ArrayView& eigenvalues, const ArrayView& eigenvectors,
                          const SolveOptions& options);
  /// Takes what the other one holds, which may then only be assigned to.
  Eigen(Eigen&&) noexcept;
  /// Takes what the other one holds, which may then only be assigned to.
  Eigen& operator=(Eigen&&) noexcept;
  ~Eigen();

  /// Order of the matrix.
  std::int64_t n() const;
  /// What holds the eigenvectors.
  Backend& backend() const;
  /// Ascending.
  const std::vector<double>& eigenvalues() const;
  /// V diag(f(w)) V^T B for B n x k (or n); the result has B's shape.
  Array apply(const std::function<double(double)>& f, const ArrayView& b) const;
  /// B V diag(f(w)) V^T for B k x n.
  Array apply_right(const std::function<double(double)>& f, const ArrayView& b) const;
  /// n x n, eigenvector i in column i.
  Array eigenvectors() const;

 private:
  struct NTK_LOCAL Impl;
  explicit Eigen(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// A B for matrices m x k and k x n (or the transposes of such where asked), in options.dtype.
NTK_API Array matmul(const ArrayView& a, const ArrayView& b, bool transpose_a = false,
                     bool transpose_b = false, const SolveOptions& options = {});

/// A A^T of a matrix of any strides, exactly symmetric, on the device, in options.dtype.
NTK_API Array row_products(const ArrayView& a, const SolveOptions& options = {});

/// The largest eigenvalue of a symmetric positive semidefinite n x n matrix, n > 0, to 1e-12 of
/// itself, without the other ones (a Lanczos iteration, in float64).
NTK_API double largest_eigenvalue(const ArrayView& a, const SolveOptions& options = {});

}  // namespace ntk
