#include "kernels/cuda/dense.h"

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include "kernels/cuda/resources.h"

namespace ntk::cuda {
namespace {

cudaDataType data_type(DType dtype) {
  switch (dtype) {
    case DType::float32:
      return CUDA_R_32F;
    case DType::float64:
      return CUDA_R_64F;
    case DType::int64:
      break;
  }
  throw UsageError("dense linear algebra: the elements must be float32 or float64, not int64");
}

int extent(std::int64_t value) {
  if (value < 0 || value > std::numeric_limits<int>::max())
    throw UsageError("dense linear algebra: a matrix extent of " + std::to_string(value) +
                     " does not fit cuBLAS's 32-bit integers");
  return static_cast<int>(value);
}

// One call's stream, handle, workspaces and status word.
class SolverCall {
 public:
  SolverCall() : solver_(stream_), status_(1) {}

  cusolverDnHandle_t handle() const { return solver_; }
  int* status() const { return status_.data(); }
  void reserve(std::size_t device_bytes, std::size_t host_bytes) {
    device_.reserve(device_bytes + 1);
    host_.resize(host_bytes + 1);
  }
  void* device() const { return device_.data(); }
  void* host() { return host_.data(); }

  // Waits for the call; its status is negative for an argument that cuSOLVER refuses.
  int wait() {
    int status = 0;
    check(cudaMemcpyAsync(&status, status_.data(), sizeof status, cudaMemcpyDeviceToHost, stream_));
    stream_.synchronize();
    if (status < 0)
      throw Error(ErrorKind::numerical, "cuSOLVER refuses argument " + std::to_string(-status));
    return status;
  }

 private:
  Stream stream_;
  Solver solver_;
  DeviceMemory<int> status_;
  DeviceMemory<char> device_;
  std::vector<char> host_;
};

void gemm(cublasHandle_t blas, cublasOperation_t ta, cublasOperation_t tb, int m, int n, int k,
          float alpha, const void* a, int lda, const void* b, int ldb, float beta, void* c,
          int ldc) {
  check(cublasSgemm(blas, ta, tb, m, n, k, &alpha, static_cast<const float*>(a), lda,
                    static_cast<const float*>(b), ldb, &beta, static_cast<float*>(c), ldc));
}
void gemm(cublasHandle_t blas, cublasOperation_t ta, cublasOperation_t tb, int m, int n, int k,
          double alpha, const void* a, int lda, const void* b, int ldb, double beta, void* c,
          int ldc) {
  check(cublasDgemm(blas, ta, tb, m, n, k, &alpha, static_cast<const double*>(a), lda,
                    static_cast<const double*>(b), ldb, &beta, static_cast<double*>(c), ldc));
}

void trsm(cublasHandle_t blas, int n, int columns, const float* l, int lda, float* b, int ldb) {
  const float one = 1;
  check(cublasStrsm(blas, CUBLAS_SIDE_LEFT, CUBLAS_FILL_MODE_LOWER, CUBLAS_OP_N,
                    CUBLAS_DIAG_NON_UNIT, n, columns, &one, l, lda, b, ldb));
}
void trsm(cublasHandle_t blas, int n, int columns, const double* l, int lda, double* b, int ldb) {
  const double one = 1;
  check(cublasDtrsm(blas, CUBLAS_SIDE_LEFT, CUBLAS_FILL_MODE_LOWER, CUBLAS_OP_N,
                    CUBLAS_DIAG_NON_UNIT, n, columns, &one, l, lda, b, ldb));
}

void syrk(cublasHandle_t blas, int n, int k, const float* a, int lda, float* c, int ldc) {
  const float one = 1, none = 0;
  check(cublasSsyrk(blas, CUBLAS_FILL_MODE_LOWER, CUBLAS_OP_T, n, k, &one, a, lda, &none, c, ldc));
}
void syrk(cublasHandle_t blas, int n, int k, const double* a, int lda, double* c, int ldc) {
  const double one = 1, none = 0;
  check(cublasDsyrk(blas, CUBLAS_FILL_MODE_LOWER, CUBLAS_OP_T, n, k, &one, a, lda, &none, c, ldc));
}

// Calls f(handle, zero of the type) on a stream of its own and waits.
template <class F>
void with_blas(DType dtype, const F& f) {
  const Stream stream;
  const Blas blas(stream);
  if (data_type(dtype) == CUDA_R_32F)
    f(cublasHandle_t{blas}, float{});
  else
    f(cublasHandle_t{blas}, double{});
  stream.synchronize();
}

constexpr unsigned kThreads = 256;

// One block a column.
__global__ void widen_kernel(std::int64_t k, const float* from, std::int64_t ld, double* to) {
  const std::int64_t column = blockIdx.x;
  for (std::int64_t l = threadIdx.x; l < k; l += kThreads)
    to[column * k + l] = from[column * ld + l];
}

}  // namespace

std::int64_t cholesky(DType dtype, std::int64_t n, void* a, std::int64_t lda) {
  if (n == 0) return 0;
  const cudaDataType type = data_type(dtype);
  SolverCall call;
  std::size_t device = 0, host = 0;
  check(cusolverDnXpotrf_bufferSize(call.handle(), nullptr, CUBLAS_FILL_MODE_LOWER, n, type, a, lda,
                                    type, &device, &host));
  call.reserve(device, host);
  check(cusolverDnXpotrf(call.handle(), nullptr, CUBLAS_FILL_MODE_LOWER, n, type, a, lda, type,
                         call.device(), device, call.host(), host, call.status()));
  return call.wait();
}

void cholesky_solve(DType dtype, std::int64_t n, std::int64_t columns, const void* l,
                    std::int64_t lda, void* b, std::int64_t ldb) {
  if (n == 0 || columns == 0) return;
  const cudaDataType type = data_type(dtype);
  SolverCall call;
  check(cusolverDnXpotrs(call.handle(), nullptr, CUBLAS_FILL_MODE_LOWER, n, columns, type, l, lda,
                         type, b, ldb, call.status()));
  call.wait();
}

void triangular_solve(DType dtype, std::int64_t n, std::int64_t columns, const void* l,
                      std::int64_t lda, void* b, std::int64_t ldb) {
  if (n == 0 || columns == 0) return;
  with_blas(dtype, [&](cublasHandle_t blas, auto zero) {
    using T = decltype(zero);
    trsm(blas, extent(n), extent(columns), static_cast<const T*>(l), extent(lda),
         static_cast<T*>(b), extent(ldb));
  });
}

void eigen(DType dtype, std::int64_t n, void* a, std::int64_t lda, void* eigenvalues) {
  if (n == 0) return;
  const cudaDataType type = data_type(dtype);
  SolverCall call;
  std::size_t device = 0, host = 0;
  check(cusolverDnXsyevd_bufferSize(call.handle(), nullptr, CUSOLVER_EIG_MODE_VECTOR,
                                    CUBLAS_FILL_MODE_LOWER, n, type, a, lda, type, eigenvalues,
                                    type, &device, &host));
  call.reserve(device, host);
  check(cusolverDnXsyevd(call.handle(), nullptr, CUSOLVER_EIG_MODE_VECTOR, CUBLAS_FILL_MODE_LOWER,
                         n, type, a, lda, type, eigenvalues, type, call.device(), device,
                         call.host(), host, call.status()));
  if (const int failed = call.wait(); failed > 0)
    throw NumericalError("the eigendecomposition did not converge: " + std::to_string(failed) +
                         " off-diagonal elements are left; check the matrix for extreme values");
}

void multiply(DType dtype, bool transpose_a, bool transpose_b, std::int64_t m, std::int64_t n,
              std::int64_t k, double alpha, const void* a, std::int64_t lda, const void* b,
              std::int64_t ldb, double beta, void* c, std::int64_t ldc) {
  if (m == 0 || n == 0) return;
  const auto ta = transpose_a ? CUBLAS_OP_T : CUBLAS_OP_N,
             tb = transpose_b ? CUBLAS_OP_T : CUBLAS_OP_N;
  with_blas(dtype, [&](cublasHandle_t blas, auto zero) {
    using T = decltype(zero);
    gemm(blas, ta, tb, extent(m), extent(n), extent(k), static_cast<T>(alpha), a, extent(lda), b,
         extent(ldb), static_cast<T>(beta), c, extent(ldc));
  });
}

// A is made float64 a block of columns at a time: the product reads it many times.
void wide_multiply(std::int64_t m, std::int64_t n, std::int64_t k, const float* a, std::int64_t lda,
                   const double* b, std::int64_t ldb, double* c, std::int64_t ldc) {
  if (m == 0 || n == 0) return;
  constexpr std::int64_t kBlockElements = std::int64_t{1} << 23;
  const std::int64_t step =
      std::clamp<std::int64_t>(kBlockElements / std::max<std::int64_t>(k, 1), 1, n);
  const DeviceMemory<double> block(static_cast<std::size_t>(step * std::max<std::int64_t>(k, 1)));
  const Stream stream;
  const Blas blas(stream);
  for (std::int64_t first = 0; first < n; first += step) {
    const std::int64_t count = std::min(step, n - first);
    if (k > 0)
      launch(widen_kernel, static_cast<unsigned>(count), kThreads, 0, cudaStream_t{stream}, k,
             a + first * lda, lda, block.data());
    gemm(blas, CUBLAS_OP_T, CUBLAS_OP_N, extent(m), extent(count), extent(k), 1.0, b, extent(ldb),
         block.data(), extent(std::max<std::int64_t>(k, 1)), 0.0, c + first * ldc, extent(ldc));
  }
  stream.synchronize();
}

void gram_of_columns(DType dtype, std::int64_t n, std::int64_t k, const void* a, std::int64_t lda,
                     void* c, std::int64_t ldc) {
  if (n == 0) return;
  with_blas(dtype, [&](cublasHandle_t blas, auto zero) {
    using T = decltype(zero);
    syrk(blas, extent(n), extent(k), static_cast<const T*>(a), extent(lda), static_cast<T*>(c),
         extent(ldc));
  });
}

}  // namespace ntk::cuda
