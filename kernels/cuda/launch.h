// What every .cu file includes instead of CUDA's own headers: CUDA itself under nvcc, and under a
// host compiler a stand-in that runs kernels on the CPU (tests/cuda_on_host). Kernels are therefore
// started by launch(), shared memory comes from NTK_SHARED and dynamic_shared(), and every call of
// CUDA, cuBLAS or cuSOLVER goes through check() or, in destructors, ignore_error().
#pragma once

#ifdef __CUDACC__
#include <cuda_runtime.h>
#else
#include "cuda_on_host.h"
#endif

#include <cublas_v2.h>
#include <cusolverDn.h>

#include <cstddef>
#include <source_location>
#include <string>
#include <type_traits>

#include "ntk/error.h"

// NTK_SHARED(float[4][32], tile); declares a block's own array, as `__shared__ float tile[4][32]`.
// On the host it has exact bounds and begins as NaNs. A type with a comma in it needs an alias.
#ifdef __CUDACC__
#define NTK_SHARED(type, name) __shared__ std::type_identity_t<type> name
#else
#define NTK_SHARED(type, name) \
  static char name##_key;      \
  auto& name = cuda_on_host::static_shared<type>(&name##_key)
#endif

namespace ntk {

// The launch's dynamic shared memory, aligned to 128 bytes.
template <class T>
__device__ inline T* dynamic_shared() {
#ifdef __CUDACC__
  extern __shared__ __align__(128) unsigned char ntk_dynamic_shared_bytes[];
  return reinterpret_cast<T*>(ntk_dynamic_shared_bytes);
#else
  return static_cast<T*>(cuda_on_host::dynamic_shared());
#endif
}

namespace launch_detail {

// "gram.cu:120: what happened"; without folders, which are the build machine's own affair.
inline std::string at(const std::source_location& where, const std::string& what) {
  const std::string file = where.file_name();
  return file.substr(file.find_last_of('/') + 1) + ":" + std::to_string(where.line()) + ": " + what;
}

inline std::string text(cudaError_t status) {
  return std::string("CUDA: ") + cudaGetErrorString(status) + " (" + cudaGetErrorName(status) + ")";
}

inline std::string text(cublasStatus_t status) {
  return std::string("cuBLAS: ") + cublasGetStatusString(status) + " (" +
         cublasGetStatusName(status) + ")";
}

// cuSOLVER has no function for this.
inline std::string text(cusolverStatus_t status) {
  std::string name;
  switch (status) {
    case CUSOLVER_STATUS_SUCCESS:
      name = "success";
      break;
    case CUSOLVER_STATUS_NOT_INITIALIZED:
      name = "not initialized";
      break;
    case CUSOLVER_STATUS_ALLOC_FAILED:
      name = "allocation failed";
      break;
    case CUSOLVER_STATUS_INVALID_VALUE:
      name = "invalid value";
      break;
    case CUSOLVER_STATUS_ARCH_MISMATCH:
      name = "architecture mismatch";
      break;
    case CUSOLVER_STATUS_EXECUTION_FAILED:
      name = "execution failed";
      break;
    case CUSOLVER_STATUS_INTERNAL_ERROR:
      name = "internal error";
      break;
    case CUSOLVER_STATUS_MATRIX_TYPE_NOT_SUPPORTED:
      name = "matrix type not supported";
      break;
    case CUSOLVER_STATUS_NOT_SUPPORTED:
      name = "not supported";
      break;
    default:
      name = "an error";
      break;
  }
  return "cuSOLVER: " + name + " (status " + std::to_string(static_cast<int>(status)) + ")";
}

inline bool is_out_of_memory(cudaError_t status) { return status == cudaErrorMemoryAllocation; }
inline bool is_out_of_memory(cublasStatus_t status) { return status == CUBLAS_STATUS_ALLOC_FAILED; }
inline bool is_out_of_memory(cusolverStatus_t status) {
  return status == CUSOLVER_STATUS_ALLOC_FAILED;
}

template <class Status>
[[noreturn]] void fail(Status status, const std::source_location& where) {
  // CUDA remembers the error; forget it, so that no later call is blamed for it.
  static_cast<void>(cudaGetLastError());
  const std::string message = at(where, text(status));
  if (is_out_of_memory(status)) throw MemoryError(message);
  throw DeviceError(message);
}

}  // namespace launch_detail

// Throws DeviceError, or MemoryError if memory ran out, naming the call's place and the error.
inline void check(cudaError_t status,
                  const std::source_location& where = std::source_location::current()) {
  if (status != cudaSuccess) launch_detail::fail(status, where);
}
inline void check(cublasStatus_t status,
                  const std::source_location& where = std::source_location::current()) {
  if (status != CUBLAS_STATUS_SUCCESS) launch_detail::fail(status, where);
}
inline void check(cusolverStatus_t status,
                  const std::source_location& where = std::source_location::current()) {
  if (status != CUSOLVER_STATUS_SUCCESS) launch_detail::fail(status, where);
}

// For destructors: never throws, and leaves no error behind for the next check() to find.
inline void ignore_error(cudaError_t status) noexcept {
  if (status != cudaSuccess) static_cast<void>(cudaGetLastError());
}
inline void ignore_error(cublasStatus_t status) noexcept {
  if (status != CUBLAS_STATUS_SUCCESS) static_cast<void>(cudaGetLastError());
}
inline void ignore_error(cusolverStatus_t status) noexcept {
  if (status != CUSOLVER_STATUS_SUCCESS) static_cast<void>(cudaGetLastError());
}

// A cudaStream_t, and the place in the source where it was handed to launch(): the arguments of the
// kernel come last there and leave no room for a defaulted parameter.
struct LaunchStream {
  LaunchStream(cudaStream_t s, const std::source_location& place = std::source_location::current())
      : stream(s), where(place) {}
  cudaStream_t stream;
  std::source_location where;
};

// Starts kernel(args...) on the stream. The arguments are converted to the kernel's parameter
// types.
template <class... Parameters>
void launch(void (*kernel)(Parameters...), dim3 grid, dim3 block, std::size_t shared_bytes,
            LaunchStream stream, std::type_identity_t<Parameters>... args) {
  static_assert((std::is_trivially_copyable_v<Parameters> && ...),
                "a kernel's parameters are copied bytewise");
#ifdef __CUDACC__
  const void* function = reinterpret_cast<const void*>(kernel);
  constexpr std::size_t kNeedsNoConsent = 48 << 10;
  if (shared_bytes > kNeedsNoConsent) {
    check(cudaFuncSetAttribute(function, cudaFuncAttributeMaxDynamicSharedMemorySize,
                               static_cast<int>(shared_bytes)),
          stream.where);
  }
  // Not <<<>>>, whose error comes only by way of cudaGetLastError(), mixed with earlier ones.
  void* pointers[] = {&args..., nullptr};
  check(cudaLaunchKernel(function, grid, block, pointers, shared_bytes, stream.stream),
        stream.where);
#else
  check(cudaStreamQuery(stream.stream), stream.where);
  cuda_on_host::launch({grid, block, shared_bytes, stream.where}, kernel, args...);
#endif
}

}  // namespace ntk
