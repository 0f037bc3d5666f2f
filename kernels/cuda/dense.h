// Dense linear algebra of the cuda backend: cuBLAS and cuSOLVER on device memory, column-major. The
// contracts are those of Backend (kernels/backend.h).
#pragma once

#include <cstdint>

#include "ntk/array.h"

namespace ntk::cuda {

std::int64_t cholesky(DType dtype, std::int64_t n, void* a, std::int64_t lda);
void cholesky_solve(DType dtype, std::int64_t n, std::int64_t columns, const void* l,
                    std::int64_t lda, void* b, std::int64_t ldb);
void triangular_solve(DType dtype, std::int64_t n, std::int64_t columns, const void* l,
                      std::int64_t lda, void* b, std::int64_t ldb);
void eigen(DType dtype, std::int64_t n, void* a, std::int64_t lda, void* eigenvalues);
void multiply(DType dtype, bool transpose_a, bool transpose_b, std::int64_t m, std::int64_t n,
              std::int64_t k, double alpha, const void* a, std::int64_t lda, const void* b,
              std::int64_t ldb, double beta, void* c, std::int64_t ldc);
void wide_multiply(std::int64_t m, std::int64_t n, std::int64_t k, const float* a, std::int64_t lda,
                   const double* b, std::int64_t ldb, double* c, std::int64_t ldc);
void gram_of_columns(DType dtype, std::int64_t n, std::int64_t k, const void* a, std::int64_t lda,
                     void* c, std::int64_t ldc);

}  // namespace ntk::cuda
