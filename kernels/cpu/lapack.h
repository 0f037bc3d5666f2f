// The Fortran symbols of BLAS and LAPACK that libntk calls, and nothing else of them. 32-bit
// integers (LP64), as every distribution builds them; the trailing lengths of character arguments
// are hidden arguments of the Fortran ABI.
#pragma once

#include <cstddef>
#include <cstdint>

namespace ntk::cpu {
using BlasInt = std::int32_t;
}

#define NTK_LAPACK_SYMBOLS(T, p)                                                                   \
  void p##gemm_(const char* transpose_a, const char* transpose_b, const ntk::cpu::BlasInt* m,      \
                const ntk::cpu::BlasInt* n, const ntk::cpu::BlasInt* k, const T* alpha,            \
                const T* a, const ntk::cpu::BlasInt* lda, const T* b,                              \
                const ntk::cpu::BlasInt* ldb, const T* beta, T* c, const ntk::cpu::BlasInt* ldc,   \
                std::size_t, std::size_t);                                                         \
  void p##gemv_(const char* transpose, const ntk::cpu::BlasInt* m, const ntk::cpu::BlasInt* n,     \
                const T* alpha, const T* a, const ntk::cpu::BlasInt* lda, const T* x,              \
                const ntk::cpu::BlasInt* incx, const T* beta, T* y, const ntk::cpu::BlasInt* incy, \
                std::size_t);                                                                      \
  void p##potrf_(const char* triangle, const ntk::cpu::BlasInt* n, T* a,                           \
                 const ntk::cpu::BlasInt* lda, ntk::cpu::BlasInt* info, std::size_t);              \
  void p##potrs_(const char* triangle, const ntk::cpu::BlasInt* n, const ntk::cpu::BlasInt* nrhs,  \
                 const T* a, const ntk::cpu::BlasInt* lda, T* b, const ntk::cpu::BlasInt* ldb,     \
                 ntk::cpu::BlasInt* info, std::size_t);                                            \
  void p##trsm_(const char* side, const char* triangle, const char* transpose, const char* unit,   \
                const ntk::cpu::BlasInt* m, const ntk::cpu::BlasInt* n, const T* alpha,            \
                const T* a, const ntk::cpu::BlasInt* lda, T* b, const ntk::cpu::BlasInt* ldb,      \
                std::size_t, std::size_t, std::size_t, std::size_t);                               \
  void p##syrk_(const char* triangle, const char* transpose, const ntk::cpu::BlasInt* n,           \
                const ntk::cpu::BlasInt* k, const T* alpha, const T* a,                            \
                const ntk::cpu::BlasInt* lda, const T* beta, T* c, const ntk::cpu::BlasInt* ldc,   \
                std::size_t, std::size_t);                                                         \
  void p##syevr_(const char* job, const char* range, const char* triangle,                         \
                 const ntk::cpu::BlasInt* n, T* a, const ntk::cpu::BlasInt* lda, const T* lower,   \
                 const T* upper, const ntk::cpu::BlasInt* first, const ntk::cpu::BlasInt* last,    \
                 const T* tolerance, ntk::cpu::BlasInt* found, T* w, T* z,                         \
                 const ntk::cpu::BlasInt* ldz, ntk::cpu::BlasInt* support, T* work,                \
                 const ntk::cpu::BlasInt* lwork, ntk::cpu::BlasInt* iwork,                         \
                 const ntk::cpu::BlasInt* liwork, ntk::cpu::BlasInt* info, std::size_t,            \
                 std::size_t, std::size_t)

extern "C" {
NTK_LAPACK_SYMBOLS(float, s);
NTK_LAPACK_SYMBOLS(double, d);

// OpenBLAS only; null with any other BLAS.
[[gnu::weak]] char* openblas_get_config();
[[gnu::weak]] char* openblas_get_corename();
[[gnu::weak]] int openblas_get_parallel();
[[gnu::weak]] int openblas_get_num_threads();
[[gnu::weak]] void openblas_set_num_threads(int threads);
}

#undef NTK_LAPACK_SYMBOLS
