#include "kernels/reference/dense.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "ntk/error.h"

namespace ntk::reference {
namespace {

using Real = long double;
using Index = std::int64_t;

template <class F>
auto with_type(DType dtype, const F& f) {
  switch (dtype) {
    case DType::float32:
      return f(float{});
    case DType::float64:
      return f(double{});
    case DType::int64:
      break;
  }
  throw UsageError("dense linear algebra: the elements must be float32 or float64, not int64");
}

template <class T>
Index cholesky_of(Index n, T* a, Index lda) {
  for (Index j = 0; j < n; ++j) {
    Real pivot = a[j + j * lda];
    for (Index k = 0; k < j; ++k) pivot -= static_cast<Real>(a[j + k * lda]) * a[j + k * lda];
    // Rounded as it is stored: a pivot that vanishes in T is not positive. NaN is not either.
    if (!(static_cast<T>(pivot) > 0)) return j + 1;
    const Real root = std::sqrt(pivot);
    a[j + j * lda] = static_cast<T>(root);
    for (Index i = j + 1; i < n; ++i) {
      Real sum = a[i + j * lda];
      for (Index k = 0; k < j; ++k) sum -= static_cast<Real>(a[i + k * lda]) * a[j + k * lda];
      a[i + j * lda] = static_cast<T>(sum / root);
    }
  }
  return 0;
}

template <class T>
void solve_lower(Index n, const T* l, Index lda, T* x) {  // L z = b
  for (Index i = 0; i < n; ++i) {
    Real sum = x[i];
    for (Index k = 0; k < i; ++k) sum -= static_cast<Real>(l[i + k * lda]) * x[k];
    x[i] = static_cast<T>(sum / l[i + i * lda]);
  }
}

template <class T>
void solve_column(Index n, const T* l, Index lda, T* x) {
  solve_lower(n, l, lda, x);
  for (Index i = n; i-- > 0;) {  // L^T x = z
    Real sum = x[i];
    for (Index k = i + 1; k < n; ++k) sum -= static_cast<Real>(l[k + i * lda]) * x[k];
    x[i] = static_cast<T>(sum / l[i + i * lda]);
  }
}

// A symmetric matrix and the product of the rotations that were applied to it, both row-major.
struct JacobiState {
  Index n;
  std::vector<Real> a, v;

  Real off_diagonal() const {
    Real sum = 0;
    for (Index i = 0; i < n; ++i)
      for (Index j = 0; j < i; ++j) sum += 2 * a[i * n + j] * a[i * n + j];
    return std::sqrt(sum);
  }
  Real norm() const {
    return std::sqrt(std::inner_product(a.begin(), a.end(), a.begin(), Real{0}));
  }

  // The rotation of rows and columns p and q that makes a(p, q) zero.
  void rotate(Index p, Index q) {
    const Real off = a[p * n + q];
    if (off == 0) return;
    const Real theta = (a[q * n + q] - a[p * n + p]) / (2 * off);
    const Real t = (theta >= 0 ? 1 : -1) / (std::abs(theta) + std::hypot(theta, Real{1}));
    const Real c = 1 / std::sqrt(t * t + 1), s = t * c;
    auto turn = [c, s](Real& x, Real& y) {
      const Real old = x;
      x = c * old - s * y;
      y = s * old + c * y;
    };
    for (Index k = 0; k < n; ++k) turn(a[k * n + p], a[k * n + q]);
    for (Index k = 0; k < n; ++k) turn(a[p * n + k], a[q * n + k]);
    for (Index k = 0; k < n; ++k) turn(v[k * n + p], v[k * n + q]);
    a[p * n + q] = a[q * n + p] = 0;
  }
};

template <class T>
JacobiState jacobi(Index n, const T* a, Index lda) {
  constexpr int kMaxSweeps = 60;
  JacobiState state{n, std::vector<Real>(n * n), std::vector<Real>(n * n)};
  for (Index i = 0; i < n; ++i) {
    state.v[i * n + i] = 1;
    for (Index j = 0; j <= i; ++j) state.a[i * n + j] = state.a[j * n + i] = a[i + j * lda];
  }
  const Real small = state.norm() * std::numeric_limits<Real>::epsilon() * static_cast<Real>(n);
  for (int sweep = 0; state.off_diagonal() > small; ++sweep) {
    if (sweep == kMaxSweeps)
      throw NumericalError("eigendecomposition of a " + to_string(Shape{n, n}) +
                           " matrix did not converge (Jacobi, " + std::to_string(sweep) +
                           " sweeps)");
    for (Index p = 0; p < n; ++p)
      for (Index q = p + 1; q < n; ++q) state.rotate(p, q);
  }
  return state;
}

template <class T>
void eigen_of(Index n, T* a, Index lda, T* eigenvalues) {
  const JacobiState state = jacobi(n, a, lda);
  std::vector<Index> order(n);
  std::iota(order.begin(), order.end(), Index{0});
  std::sort(order.begin(), order.end(),
            [&](Index i, Index j) { return state.a[i * n + i] < state.a[j * n + j]; });
  for (Index j = 0; j < n; ++j) {
    const Index from = order[j];
    eigenvalues[j] = static_cast<T>(state.a[from * n + from]);
    for (Index i = 0; i < n; ++i) a[i + j * lda] = static_cast<T>(state.v[i * n + from]);
  }
}

}  // namespace

std::int64_t cholesky(DType dtype, std::int64_t n, void* a, std::int64_t lda) {
  return with_type(dtype,
                   [&](auto zero) { return cholesky_of(n, static_cast<decltype(zero)*>(a), lda); });
}

void cholesky_solve(DType dtype, std::int64_t n, std::int64_t columns, const void* l,
                    std::int64_t lda, void* b, std::int64_t ldb) {
  with_type(dtype, [&](auto zero) {
    using T = decltype(zero);
    for (Index j = 0; j < columns; ++j)
      solve_column(n, static_cast<const T*>(l), lda, static_cast<T*>(b) + j * ldb);
  });
}

void triangular_solve(DType dtype, std::int64_t n, std::int64_t columns, const void* l,
                      std::int64_t lda, void* b, std::int64_t ldb) {
  with_type(dtype, [&](auto zero) {
    using T = decltype(zero);
    for (Index j = 0; j < columns; ++j)
      solve_lower(n, static_cast<const T*>(l), lda, static_cast<T*>(b) + j * ldb);
  });
}

void eigen(DType dtype, std::int64_t n, void* a, std::int64_t lda, void* eigenvalues) {
  with_type(dtype, [&](auto zero) {
    using T = decltype(zero);
    eigen_of(n, static_cast<T*>(a), lda, static_cast<T*>(eigenvalues));
  });
}

void multiply(DType dtype, bool transpose_a, bool transpose_b, std::int64_t m, std::int64_t n,
              std::int64_t k, double alpha, const void* a, std::int64_t lda, const void* b,
              std::int64_t ldb, double beta, void* c, std::int64_t ldc) {
  with_type(dtype, [&](auto zero) {
    using T = decltype(zero);
    const T *pa = static_cast<const T*>(a), *pb = static_cast<const T*>(b);
    T* const pc = static_cast<T*>(c);
    for (Index j = 0; j < n; ++j)
      for (Index i = 0; i < m; ++i) {
        Real sum = 0;
        for (Index l = 0; l < k; ++l)
          sum += static_cast<Real>(transpose_a ? pa[l + i * lda] : pa[i + l * lda]) *
                 (transpose_b ? pb[j + l * ldb] : pb[l + j * ldb]);
        // As in BLAS: with beta = 0 what stood in C does not matter, not even NaN.
        const Real old = beta == 0 ? Real{0} : static_cast<Real>(beta) * pc[i + j * ldc];
        pc[i + j * ldc] = static_cast<T>(alpha * sum + old);
      }
  });
}

void wide_multiply(std::int64_t m, std::int64_t n, std::int64_t k, const float* a, std::int64_t lda,
                   const double* b, std::int64_t ldb, double* c, std::int64_t ldc) {
  for (std::int64_t j = 0; j < n; ++j)
    for (std::int64_t i = 0; i < m; ++i) {
      Real sum = 0;
      for (std::int64_t l = 0; l < k; ++l)
        sum += static_cast<Real>(a[j * lda + l]) * b[i * ldb + l];
      c[j * ldc + i] = static_cast<double>(sum);
    }
}

void gram_of_columns(DType dtype, std::int64_t n, std::int64_t k, const void* a, std::int64_t lda,
                     void* c, std::int64_t ldc) {
  with_type(dtype, [&](auto zero) {
    using T = decltype(zero);
    const T* const pa = static_cast<const T*>(a);
    for (Index j = 0; j < n; ++j)
      for (Index i = j; i < n; ++i) {
        Real sum = 0;
        for (Index l = 0; l < k; ++l) sum += static_cast<Real>(pa[l + i * lda]) * pa[l + j * lda];
        static_cast<T*>(c)[i + j * ldc] = static_cast<T>(sum);
      }
  });
}

}  // namespace ntk::reference
