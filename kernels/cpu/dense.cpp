#include "kernels/cpu/dense.h"

#include <omp.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <memory>

#include "kernels/cpu/blas_turn.h"
#include "kernels/cpu/lapack.h"
#include "kernels/cpu/strip.h"
#include "ntk/error.h"

namespace ntk::cpu {
namespace {

#define NTK_FOR_BOTH(routine)            \
  template <class... A>                  \
  void routine(float, A... arguments) {  \
    s##routine##_(arguments...);         \
  }                                      \
  template <class... A>                  \
  void routine(double, A... arguments) { \
    d##routine##_(arguments...);         \
  }
NTK_FOR_BOTH(gemm)
NTK_FOR_BOTH(gemv)
NTK_FOR_BOTH(potrf)
NTK_FOR_BOTH(potrs)
NTK_FOR_BOTH(syevr)
NTK_FOR_BOTH(trsm)
NTK_FOR_BOTH(syrk)
#undef NTK_FOR_BOTH

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

BlasInt blas_int(const char* routine, std::int64_t value) {
  if (value < 0 || value > std::numeric_limits<BlasInt>::max())
    throw UsageError(std::string(routine) + ": a matrix extent of " + std::to_string(value) +
                     " does not fit the 32-bit integers of this BLAS (at most 2147483647)");
  return static_cast<BlasInt>(value);
}

// A negative info names an argument: an error of ours, never of the data.
void require_arguments_accepted(const char* routine, BlasInt info) {
  if (info < 0)
    throw Error(ErrorKind::numerical,
                std::string(routine) + ": LAPACK refuses argument " + std::to_string(-info));
}

struct Free {
  void operator()(void* p) const noexcept { std::free(p); }
};
template <class T>
using Memory = std::unique_ptr<T[], Free>;

template <class T>
Memory<T> uninitialised(std::int64_t count) {
  const std::size_t bytes = static_cast<std::size_t>(count) * sizeof(T);
  Memory<T> memory(static_cast<T*>(std::malloc(bytes > 0 ? bytes : 1)));
  if (!memory)
    throw MemoryError("eigendecomposition: no memory for a work array of " + std::to_string(bytes) +
                      " bytes; use a Cholesky factorization, or fewer samples");
  return memory;
}

template <class T>
void eigen_of(std::int64_t n64, T* a, std::int64_t lda64, T* eigenvalues) {
  const BlasInt n = blas_int("eigen", n64), lda = blas_int("eigen", lda64), query = -1;
  const T unused = 0, tolerance = 0;
  const BlasInt first = 1, last = n;
  BlasInt found = 0, info = 0, integer_size = 0;
  T work_size = 0;
  Memory<T> vectors = uninitialised<T>(n64 * n64);
  Memory<BlasInt> support = uninitialised<BlasInt>(2 * n64);
  const BlasTurn turn;
  auto run = [&](T* work, BlasInt work_count, BlasInt* integers, BlasInt integer_count) {
    syevr(T{}, "V", "A", "L", &n, a, &lda, &unused, &unused, &first, &last, &tolerance, &found,
          eigenvalues, vectors.get(), &n, support.get(), work, &work_count, integers,
          &integer_count, &info, std::size_t{1}, std::size_t{1}, std::size_t{1});
    require_arguments_accepted("syevr", info);
  };
  run(&work_size, query, &integer_size, query);
  // The count comes back as a floating-point number: in float32 it may be rounded down.
  const auto work_count =
      blas_int("eigen", static_cast<std::int64_t>(static_cast<double>(work_size) * 1.000001) + 1);
  Memory<T> work = uninitialised<T>(work_count);
  Memory<BlasInt> integers = uninitialised<BlasInt>(integer_size);
  run(work.get(), work_count, integers.get(), integer_size);
  if (info > 0 || found != n)
    throw NumericalError("eigendecomposition of a " + to_string(Shape{n64, n64}) +
                         " matrix did not converge (LAPACK syevr, info " + std::to_string(info) +
                         ")");
  for (std::int64_t j = 0; j < n64; ++j)
    std::memcpy(a + j * lda64, vectors.get() + j * n64, static_cast<std::size_t>(n64) * sizeof(T));
}

// y = alpha op(A) x + beta y: gemm would pack all of A for a product that reads it once.
template <class T>
void multiply_vector(bool transpose, BlasInt m, BlasInt n, T alpha, const T* a, BlasInt lda,
                     const T* x, BlasInt incx, T beta, T* y, BlasInt incy) {
  gemv(T{}, transpose ? "T" : "N", &m, &n, &alpha, a, &lda, x, &incx, &beta, y, &incy,
       std::size_t{1});
}

}  // namespace

std::int64_t cholesky(DType dtype, std::int64_t n, void* a, std::int64_t lda) {
  if (n == 0) return 0;
  return with_type(dtype, [&](auto zero) -> std::int64_t {
    using T = decltype(zero);
    const BlasInt order = blas_int("cholesky", n), ld = blas_int("cholesky", lda);
    BlasInt info = 0;
    const BlasTurn turn;
    potrf(zero, "L", &order, static_cast<T*>(a), &ld, &info, std::size_t{1});
    require_arguments_accepted("potrf", info);
    return info;
  });
}

void cholesky_solve(DType dtype, std::int64_t n, std::int64_t columns, const void* l,
                    std::int64_t lda, void* b, std::int64_t ldb) {
  if (n == 0 || columns == 0) return;
  with_type(dtype, [&](auto zero) {
    using T = decltype(zero);
    const char* const name = "cholesky_solve";
    const BlasInt order = blas_int(name, n), count = blas_int(name, columns);
    const BlasInt ld_l = blas_int(name, lda), ld_b = blas_int(name, ldb);
    BlasInt info = 0;
    const BlasTurn turn;
    potrs(zero, "L", &order, &count, static_cast<const T*>(l), &ld_l, static_cast<T*>(b), &ld_b,
          &info, std::size_t{1});
    require_arguments_accepted("potrs", info);
  });
}

void triangular_solve(DType dtype, std::int64_t n, std::int64_t columns, const void* l,
                      std::int64_t lda, void* b, std::int64_t ldb) {
  if (n == 0 || columns == 0) return;
  with_type(dtype, [&](auto zero) {
    using T = decltype(zero);
    const char* const name = "triangular_solve";
    const BlasInt order = blas_int(name, n), count = blas_int(name, columns);
    const BlasInt ld_l = blas_int(name, lda), ld_b = blas_int(name, ldb);
    const T one = 1;
    trsm(zero, "L", "L", "N", "N", &order, &count, &one, static_cast<const T*>(l), &ld_l,
         static_cast<T*>(b), &ld_b, std::size_t{1}, std::size_t{1}, std::size_t{1}, std::size_t{1});
  });
}

void eigen(DType dtype, std::int64_t n, void* a, std::int64_t lda, void* eigenvalues) {
  if (n == 0) return;
  with_type(dtype, [&](auto zero) {
    using T = decltype(zero);
    eigen_of(n, static_cast<T*>(a), lda, static_cast<T*>(eigenvalues));
  });
}

void multiply(DType dtype, bool transpose_a, bool transpose_b, std::int64_t m, std::int64_t n,
              std::int64_t k, double alpha, const void* a, std::int64_t lda, const void* b,
              std::int64_t ldb, double beta, void* c, std::int64_t ldc) {
  if (m == 0 || n == 0) return;
  with_type(dtype, [&](auto zero) {
    using T = decltype(zero);
    const char* const name = "multiply";
    const BlasInt rows = blas_int(name, m), columns = blas_int(name, n), inner = blas_int(name, k);
    const BlasInt ld_a = blas_int(name, lda), ld_b = blas_int(name, ldb),
                  ld_c = blas_int(name, ldc);
    const T scale = static_cast<T>(alpha), keep = static_cast<T>(beta);
    const T *pa = static_cast<const T*>(a), *pb = static_cast<const T*>(b);
    T* const pc = static_cast<T*>(c);
    const BlasTurn turn;
    if (n == 1 && k > 0)
      return multiply_vector(transpose_a, transpose_a ? inner : rows, transpose_a ? rows : inner,
                             scale, pa, ld_a, pb, transpose_b ? ld_b : 1, keep, pc, BlasInt{1});
    if (m == 1 && k > 0)  // c^T = op(B)^T op(A)^T
      return multiply_vector(!transpose_b, transpose_b ? columns : inner,
                             transpose_b ? inner : columns, scale, pb, ld_b, pa,
                             transpose_a ? BlasInt{1} : ld_a, keep, pc, ld_c);
    gemm(zero, transpose_a ? "T" : "N", transpose_b ? "T" : "N", &rows, &columns, &inner, &scale,
         pa, &ld_a, pb, &ld_b, &keep, pc, &ld_c, std::size_t{1}, std::size_t{1});
  });
}

void wide_multiply(std::int64_t m, std::int64_t n, std::int64_t k, const float* a, std::int64_t lda,
                   const double* b, std::int64_t ldb, double* c, std::int64_t ldc) {
  constexpr std::int64_t kTogether = 32;
  const StripKernels& kernels = strip_kernels();
#pragma omp parallel for schedule(dynamic)
  for (std::int64_t j = 0; j < n; j += kTogether)
    kernels.wide_products(std::min(kTogether, n - j), k, a + j * lda, lda, m, b, ldb, c + j * ldc,
                          ldc);
}

void gram_of_columns(DType dtype, std::int64_t n, std::int64_t k, const void* a, std::int64_t lda,
                     void* c, std::int64_t ldc) {
  if (n == 0) return;
  with_type(dtype, [&](auto zero) {
    using T = decltype(zero);
    const char* const name = "gram_of_columns";
    const BlasInt order = blas_int(name, n), inner = blas_int(name, k);
    const BlasInt ld_a = blas_int(name, lda), ld_c = blas_int(name, ldc);
    const T one = 1, none = 0;
    syrk(zero, "L", "T", &order, &inner, &one, static_cast<const T*>(a), &ld_a, &none,
         static_cast<T*>(c), &ld_c, std::size_t{1}, std::size_t{1});
  });
}

std::string blas_description() {
  if (!openblas_get_config) return "unknown BLAS";
  std::string text = openblas_get_config();
  while (!text.empty() && text.back() == ' ') text.pop_back();
  // With run-time dispatch the configuration names the machine that it was built on.
  if (openblas_get_corename) text += std::string(", running as ") + openblas_get_corename();
  if (openblas_get_parallel) {
    const int parallel = openblas_get_parallel();
    text += parallel == 0 ? ", serial" : parallel == 1 ? ", own threads" : ", OpenMP";
  }
  return text;
}

void set_threads(int threads) {
  static const int by_itself = omp_get_max_threads();
  if (threads < 0)
    throw UsageError("threads: " + std::to_string(threads) +
                     " is no number of threads; give 0 (all cores) or more");
  const int count = threads > 0 ? threads : by_itself;
  if (omp_get_max_threads() == count) return;
  omp_set_num_threads(count);
}

}  // namespace ntk::cpu
