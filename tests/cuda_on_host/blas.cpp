// The cuBLAS functions in use, by the host's BLAS; both are column-major. Scalars are read from
// host memory (the only pointer mode here).
#include <cublas_v2.h>

#include "linear_algebra.h"

struct cublasContext {
  cublasMath_t math_mode = CUBLAS_DEFAULT_MATH;
  cudaStream_t stream = nullptr;
};

namespace {

using cuda_on_host::ArgumentFault;
using cuda_on_host::examine;
using cuda_on_host::Matrix;
using cuda_on_host::fortran::Functions;

const char* letter(cublasOperation_t operation) { return operation == CUBLAS_OP_N ? "N" : "T"; }
const char* letter(cublasFillMode_t uplo) { return uplo == CUBLAS_FILL_MODE_LOWER ? "L" : "U"; }
const char* letter(cublasSideMode_t side) { return side == CUBLAS_SIDE_LEFT ? "L" : "R"; }
const char* letter(cublasDiagType_t diag) { return diag == CUBLAS_DIAG_UNIT ? "U" : "N"; }

// The matrix whose op() is rows x columns.
template <class T>
Matrix<T> operand(cublasOperation_t op, const T* data, std::int64_t rows, std::int64_t columns,
                  std::int64_t ld) {
  if (op == CUBLAS_OP_N) return {data, rows, columns, ld};
  return {data, columns, rows, ld};
}

template <class T>
cublasStatus_t check(cublasHandle_t handle, std::initializer_list<Matrix<T>> matrices) {
  if (handle == nullptr) return CUBLAS_STATUS_NOT_INITIALIZED;
  switch (examine(matrices)) {
    case ArgumentFault::size:
      return CUBLAS_STATUS_INVALID_VALUE;
    case ArgumentFault::location:
      return CUBLAS_STATUS_MAPPING_ERROR;
    case ArgumentFault::none:
      break;
  }
  return CUBLAS_STATUS_SUCCESS;
}

template <class T, class Index>
cublasStatus_t gemm(cublasHandle_t handle, cublasOperation_t op_a, cublasOperation_t op_b, Index m,
                    Index n, Index k, const T* alpha, const T* a, Index lda, const T* b, Index ldb,
                    const T* beta, T* c, Index ldc) {
  const auto status =
      check<T>(handle, {operand(op_a, a, m, k, lda), operand(op_b, b, k, n, ldb), {c, m, n, ldc}});
  if (status != CUBLAS_STATUS_SUCCESS) return status;
  const int rows = static_cast<int>(m), columns = static_cast<int>(n), inner = static_cast<int>(k);
  const int ld_a = static_cast<int>(lda), ld_b = static_cast<int>(ldb);
  const int ld_c = static_cast<int>(ldc);
  Functions<T>::gemm(letter(op_a), letter(op_b), &rows, &columns, &inner, alpha, a, &ld_a, b, &ld_b,
                     beta, c, &ld_c, 1, 1);
  return CUBLAS_STATUS_SUCCESS;
}

template <class T, class Index>
cublasStatus_t gemm_batched(cublasHandle_t handle, cublasOperation_t op_a, cublasOperation_t op_b,
                            Index m, Index n, Index k, const T* alpha, const T* a, Index lda,
                            long long stride_a, const T* b, Index ldb, long long stride_b,
                            const T* beta, T* c, Index ldc, long long stride_c, Index count) {
  if (count < 0) return CUBLAS_STATUS_INVALID_VALUE;
  for (Index i = 0; i < count; ++i) {
    const auto status = gemm(handle, op_a, op_b, m, n, k, alpha, a + i * stride_a, lda,
                             b + i * stride_b, ldb, beta, c + i * stride_c, ldc);
    if (status != CUBLAS_STATUS_SUCCESS) return status;
  }
  return CUBLAS_STATUS_SUCCESS;
}

template <class T, class Index>
cublasStatus_t syrk(cublasHandle_t handle, cublasFillMode_t uplo, cublasOperation_t op, Index n,
                    Index k, const T* alpha, const T* a, Index lda, const T* beta, T* c,
                    Index ldc) {
  const auto status = check<T>(handle, {operand(op, a, n, k, lda), {c, n, n, ldc}});
  if (status != CUBLAS_STATUS_SUCCESS) return status;
  const int order = static_cast<int>(n), inner = static_cast<int>(k);
  const int ld_a = static_cast<int>(lda), ld_c = static_cast<int>(ldc);
  Functions<T>::syrk(letter(uplo), letter(op), &order, &inner, alpha, a, &ld_a, beta, c, &ld_c, 1,
                     1);
  return CUBLAS_STATUS_SUCCESS;
}

template <class T, class Index>
cublasStatus_t trsm(cublasHandle_t handle, cublasSideMode_t side, cublasFillMode_t uplo,
                    cublasOperation_t op, cublasDiagType_t diag, Index m, Index n, const T* alpha,
                    const T* a, Index lda, T* b, Index ldb) {
  const Index order = side == CUBLAS_SIDE_LEFT ? m : n;
  const auto status = check<T>(handle, {{a, order, order, lda}, {b, m, n, ldb}});
  if (status != CUBLAS_STATUS_SUCCESS) return status;
  const int rows = static_cast<int>(m), columns = static_cast<int>(n);
  const int ld_a = static_cast<int>(lda), ld_b = static_cast<int>(ldb);
  Functions<T>::trsm(letter(side), letter(uplo), letter(op), letter(diag), &rows, &columns, alpha,
                     a, &ld_a, b, &ld_b, 1, 1, 1, 1);
  return CUBLAS_STATUS_SUCCESS;
}

// C = alpha op(A) + beta op(B); a matrix whose factor is 0 is not read.
template <class T, class Index>
cublasStatus_t geam(cublasHandle_t handle, cublasOperation_t op_a, cublasOperation_t op_b, Index m,
                    Index n, const T* alpha, const T* a, Index lda, const T* beta, const T* b,
                    Index ldb, T* c, Index ldc) {
  auto status = check<T>(handle, {{c, m, n, ldc}});
  if (status == CUBLAS_STATUS_SUCCESS && *alpha != 0) {
    status = check<T>(handle, {operand(op_a, a, m, n, lda)});
  }
  if (status == CUBLAS_STATUS_SUCCESS && *beta != 0) {
    status = check<T>(handle, {operand(op_b, b, m, n, ldb)});
  }
  if (status != CUBLAS_STATUS_SUCCESS) return status;
  // In place works without a transpose only.
  const bool a_clashes = c == a && *alpha != 0 && (op_a != CUBLAS_OP_N || lda != ldc);
  const bool b_clashes = c == b && *beta != 0 && (op_b != CUBLAS_OP_N || ldb != ldc);
  if (a_clashes || b_clashes) return CUBLAS_STATUS_INVALID_VALUE;
  const auto entry = [](cublasOperation_t op, const T* x, Index ld, Index i, Index j) {
    return op == CUBLAS_OP_N ? x[static_cast<std::int64_t>(ld) * j + i]
                             : x[static_cast<std::int64_t>(ld) * i + j];
  };
  for (Index j = 0; j < n; ++j) {
    for (Index i = 0; i < m; ++i) {
      T sum = 0;
      if (*alpha != 0) sum += *alpha * entry(op_a, a, lda, i, j);
      if (*beta != 0) sum += *beta * entry(op_b, b, ldb, i, j);
      c[static_cast<std::int64_t>(ldc) * j + i] = sum;
    }
  }
  return CUBLAS_STATUS_SUCCESS;
}

}  // namespace

// --- handles and settings ---

cublasStatus_t cublasCreate(cublasHandle_t* handle) {
  *handle = new cublasContext;
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasDestroy(cublasHandle_t handle) {
  if (handle == nullptr) return CUBLAS_STATUS_NOT_INITIALIZED;
  delete handle;
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasSetStream(cublasHandle_t handle, cudaStream_t stream) {
  if (handle == nullptr) return CUBLAS_STATUS_NOT_INITIALIZED;
  handle->stream = stream;
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasGetStream(cublasHandle_t handle, cudaStream_t* stream) {
  if (handle == nullptr) return CUBLAS_STATUS_NOT_INITIALIZED;
  *stream = handle->stream;
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasSetMathMode(cublasHandle_t handle, cublasMath_t mode) {
  if (handle == nullptr) return CUBLAS_STATUS_NOT_INITIALIZED;
  handle->math_mode = mode;
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasGetMathMode(cublasHandle_t handle, cublasMath_t* mode) {
  if (handle == nullptr) return CUBLAS_STATUS_NOT_INITIALIZED;
  *mode = handle->math_mode;
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasSetPointerMode(cublasHandle_t handle, cublasPointerMode_t mode) {
  if (handle == nullptr) return CUBLAS_STATUS_NOT_INITIALIZED;
  return mode == CUBLAS_POINTER_MODE_HOST ? CUBLAS_STATUS_SUCCESS : CUBLAS_STATUS_NOT_SUPPORTED;
}
cublasStatus_t cublasSetWorkspace(cublasHandle_t handle, void*, std::size_t) {
  return handle != nullptr ? CUBLAS_STATUS_SUCCESS : CUBLAS_STATUS_NOT_INITIALIZED;
}
cublasStatus_t cublasGetVersion(cublasHandle_t, int* version) {
  *version = CUBLAS_VERSION;
  return CUBLAS_STATUS_SUCCESS;
}

const char* cublasGetStatusName(cublasStatus_t status) {
  switch (status) {
    case CUBLAS_STATUS_SUCCESS:
      return "CUBLAS_STATUS_SUCCESS";
    case CUBLAS_STATUS_NOT_INITIALIZED:
      return "CUBLAS_STATUS_NOT_INITIALIZED";
    case CUBLAS_STATUS_INVALID_VALUE:
      return "CUBLAS_STATUS_INVALID_VALUE";
    case CUBLAS_STATUS_MAPPING_ERROR:
      return "CUBLAS_STATUS_MAPPING_ERROR";
    case CUBLAS_STATUS_NOT_SUPPORTED:
      return "CUBLAS_STATUS_NOT_SUPPORTED";
    default:
      return "CUBLAS_STATUS_UNKNOWN";
  }
}
const char* cublasGetStatusString(cublasStatus_t status) {
  switch (status) {
    case CUBLAS_STATUS_SUCCESS:
      return "success";
    case CUBLAS_STATUS_NOT_INITIALIZED:
      return "the library was not initialized";
    case CUBLAS_STATUS_INVALID_VALUE:
      return "an unsupported value or parameter was passed";
    case CUBLAS_STATUS_MAPPING_ERROR:
      return "an access to GPU memory space failed";
    case CUBLAS_STATUS_NOT_SUPPORTED:
      return "the functionality requested is not supported";
    default:
      return "an unknown status";
  }
}

// --- functions of each type and each width of index ---
// cublas_v2.h maps the names to those of version 2.

#define DEFINE_BLAS3(T, Index, gemm_name, syrk_name, trsm_name, geam_name, batched_name)           \
  cublasStatus_t gemm_name(cublasHandle_t handle, cublasOperation_t op_a, cublasOperation_t op_b,  \
                           Index m, Index n, Index k, const T* alpha, const T* a, Index lda,       \
                           const T* b, Index ldb, const T* beta, T* c, Index ldc) {                \
    return gemm(handle, op_a, op_b, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);                 \
  }                                                                                                \
  cublasStatus_t syrk_name(cublasHandle_t handle, cublasFillMode_t uplo, cublasOperation_t op,     \
                           Index n, Index k, const T* alpha, const T* a, Index lda, const T* beta, \
                           T* c, Index ldc) {                                                      \
    return syrk(handle, uplo, op, n, k, alpha, a, lda, beta, c, ldc);                              \
  }                                                                                                \
  cublasStatus_t trsm_name(cublasHandle_t handle, cublasSideMode_t side, cublasFillMode_t uplo,    \
                           cublasOperation_t op, cublasDiagType_t diag, Index m, Index n,          \
                           const T* alpha, const T* a, Index lda, T* b, Index ldb) {               \
    return trsm(handle, side, uplo, op, diag, m, n, alpha, a, lda, b, ldb);                        \
  }                                                                                                \
  cublasStatus_t geam_name(cublasHandle_t handle, cublasOperation_t op_a, cublasOperation_t op_b,  \
                           Index m, Index n, const T* alpha, const T* a, Index lda, const T* beta, \
                           const T* b, Index ldb, T* c, Index ldc) {                               \
    return geam(handle, op_a, op_b, m, n, alpha, a, lda, beta, b, ldb, c, ldc);                    \
  }                                                                                                \
  cublasStatus_t batched_name(                                                                     \
      cublasHandle_t handle, cublasOperation_t op_a, cublasOperation_t op_b, Index m, Index n,     \
      Index k, const T* alpha, const T* a, Index lda, long long stride_a, const T* b, Index ldb,   \
      long long stride_b, const T* beta, T* c, Index ldc, long long stride_c, Index count) {       \
    return gemm_batched(handle, op_a, op_b, m, n, k, alpha, a, lda, stride_a, b, ldb, stride_b,    \
                        beta, c, ldc, stride_c, count);                                            \
  }

DEFINE_BLAS3(float, int, cublasSgemm, cublasSsyrk, cublasStrsm, cublasSgeam,
             cublasSgemmStridedBatched)
DEFINE_BLAS3(double, int, cublasDgemm, cublasDsyrk, cublasDtrsm, cublasDgeam,
             cublasDgemmStridedBatched)
DEFINE_BLAS3(float, std::int64_t, cublasSgemm_64, cublasSsyrk_64, cublasStrsm_64, cublasSgeam_64,
             cublasSgemmStridedBatched_64)
DEFINE_BLAS3(double, std::int64_t, cublasDgemm_64, cublasDsyrk_64, cublasDtrsm_64, cublasDgeam_64,
             cublasDgemmStridedBatched_64)
