// Dense linear algebra of the cpu backend: BLAS and LAPACK on host memory, column-major. The
// contracts are those of Backend (kernels/backend.h).
#pragma once

#include <cstdint>
#include <string>

#include "ntk/array.h"

namespace ntk::cpu {

std::int64_t cholesky(DType dtype, std::int64_t n, void* a, std::int64_t lda);
void cholesky_solve(DType dtype, std::int64_t n, std::int64_t columns, const void* l,
                    std::int64_t lda, void* b, std::int64_t ldb);
void triangular_solve(DType dtype, std::int64_t n, std::int64_t columns, const void* l,
                      std::int64_t lda, void* b, std::int64_t ldb);
// Needs a second n x n matrix while it runs; throws MemoryError when there is no memory for it.
void eigen(DType dtype, std::int64_t n, void* a, std::int64_t lda, void* eigenvalues);
void multiply(DType dtype, bool transpose_a, bool transpose_b, std::int64_t m, std::int64_t n,
              std::int64_t k, double alpha, const void* a, std::int64_t lda, const void* b,
              std::int64_t ldb, double beta, void* c, std::int64_t ldc);
void wide_multiply(std::int64_t m, std::int64_t n, std::int64_t k, const float* a, std::int64_t lda,
                   const double* b, std::int64_t ldb, double* c, std::int64_t ldc);
void gram_of_columns(DType dtype, std::int64_t n, std::int64_t k, const void* a, std::int64_t lda,
                     void* c, std::int64_t ldc);

// "OpenBLAS 0.3.21 ..., OpenMP", or "unknown BLAS".
std::string blas_description();
// Threads of the calling thread's parallel regions and BLAS calls. 0: as many as OpenMP would take
// by itself (all cores, unless OMP_NUM_THREADS says otherwise).
void set_threads(int threads);

}  // namespace ntk::cpu
