// What the stand-ins of cuBLAS and cuSOLVER share: the Fortran functions of BLAS and LAPACK, and
// the check that a matrix lies in device memory. Internal to the shim.
#pragma once

#include <algorithm>
#include <climits>
#include <cstddef>
#include <cstdint>
#include <initializer_list>

#include "memory.h"

namespace cuda_on_host::fortran {

// Fortran passes the lengths of character arguments last.
using Length = std::size_t;

template <class T>
using Gemm = void(const char* trans_a, const char* trans_b, const int* m, const int* n,
                  const int* k, const T* alpha, const T* a, const int* lda, const T* b,
                  const int* ldb, const T* beta, T* c, const int* ldc, Length, Length);
template <class T>
using Syrk = void(const char* uplo, const char* trans, const int* n, const int* k, const T* alpha,
                  const T* a, const int* lda, const T* beta, T* c, const int* ldc, Length, Length);
template <class T>
using Trsm = void(const char* side, const char* uplo, const char* trans, const char* diag,
                  const int* m, const int* n, const T* alpha, const T* a, const int* lda, T* b,
                  const int* ldb, Length, Length, Length, Length);
template <class T>
using Potrf = void(const char* uplo, const int* n, T* a, const int* lda, int* info, Length);
template <class T>
using Potrs = void(const char* uplo, const int* n, const int* nrhs, const T* a, const int* lda,
                   T* b, const int* ldb, int* info, Length);
template <class T>
using Syevd = void(const char* jobz, const char* uplo, const int* n, T* a, const int* lda, T* w,
                   T* work, const int* lwork, int* iwork, const int* liwork, int* info, Length,
                   Length);

extern "C" {
Gemm<float> sgemm_;
Gemm<double> dgemm_;
Syrk<float> ssyrk_;
Syrk<double> dsyrk_;
Trsm<float> strsm_;
Trsm<double> dtrsm_;
Potrf<float> spotrf_;
Potrf<double> dpotrf_;
Potrs<float> spotrs_;
Potrs<double> dpotrs_;
Syevd<float> ssyevd_;
Syevd<double> dsyevd_;
}

template <class T>
struct Functions;
template <>
struct Functions<float> {
  static constexpr auto gemm = sgemm_;
  static constexpr auto syrk = ssyrk_;
  static constexpr auto trsm = strsm_;
  static constexpr auto potrf = spotrf_;
  static constexpr auto potrs = spotrs_;
  static constexpr auto syevd = ssyevd_;
};
template <>
struct Functions<double> {
  static constexpr auto gemm = dgemm_;
  static constexpr auto syrk = dsyrk_;
  static constexpr auto trsm = dtrsm_;
  static constexpr auto potrf = dpotrf_;
  static constexpr auto potrs = dpotrs_;
  static constexpr auto syevd = dsyevd_;
};

}  // namespace cuda_on_host::fortran

namespace cuda_on_host {

// A column-major matrix, as an argument names it.
template <class T>
struct Matrix {
  const T* data;
  std::int64_t rows, columns, ld;
};

enum class ArgumentFault { none, size, location };

// BLAS itself is not instrumented, so this alone finds matrices that reach out of their allocation.
template <class T>
ArgumentFault examine(std::initializer_list<Matrix<T>> matrices) {
  for (const Matrix<T>& m : matrices) {
    const bool fits_int = m.rows <= INT_MAX && m.columns <= INT_MAX && m.ld <= INT_MAX;
    if (m.rows < 0 || m.columns < 0 || m.ld < std::max<std::int64_t>(1, m.rows) || !fits_int) {
      return ArgumentFault::size;
    }
    if (m.rows == 0 || m.columns == 0) continue;
    const auto count = static_cast<std::size_t>(m.ld * (m.columns - 1) + m.rows);
    if (m.data == nullptr || !memory().is_device(m.data, count * sizeof(T))) {
      return ArgumentFault::location;
    }
  }
  return ArgumentFault::none;
}

}  // namespace cuda_on_host
