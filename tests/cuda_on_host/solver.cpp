// The cuSOLVER functions in use, by the host's LAPACK. They ask for workspaces even where LAPACK
// needs none, so that a caller who forgets them is found.
#include <cusolverDn.h>

#include "linear_algebra.h"

struct cusolverDnContext {};
struct cusolverDnParams {};

namespace {

using cuda_on_host::ArgumentFault;
using cuda_on_host::examine;
using cuda_on_host::Matrix;
using cuda_on_host::memory;
using cuda_on_host::fortran::Functions;

const char* letter(cublasFillMode_t uplo) { return uplo == CUBLAS_FILL_MODE_LOWER ? "L" : "U"; }
const char* letter(cusolverEigMode_t job) { return job == CUSOLVER_EIG_MODE_VECTOR ? "V" : "N"; }

struct Workspace {
  void* device;
  std::size_t device_bytes;
  void* host;
  std::size_t host_bytes;
};

bool suffices(const Workspace& given, std::size_t device_bytes, std::size_t host_bytes) {
  return given.device_bytes >= device_bytes && given.host_bytes >= host_bytes &&
         memory().is_device(given.device, device_bytes) && memory().is_host(given.host, host_bytes);
}

template <class T>
cusolverStatus_t check(cusolverDnHandle_t handle, const int* info,
                       std::initializer_list<Matrix<T>> matrices) {
  if (handle == nullptr) return CUSOLVER_STATUS_NOT_INITIALIZED;
  if (info == nullptr || !memory().is_device(info, sizeof(int))) {
    return CUSOLVER_STATUS_INVALID_VALUE;
  }
  const bool valid = examine(matrices) == ArgumentFault::none;
  return valid ? CUSOLVER_STATUS_SUCCESS : CUSOLVER_STATUS_INVALID_VALUE;
}

// Calls function(T{}) for the element type T that is meant.
template <class Function>
cusolverStatus_t with_type(cudaDataType type, Function function) {
  if (type == CUDA_R_32F) return function(float{});
  if (type == CUDA_R_64F) return function(double{});
  return CUSOLVER_STATUS_NOT_SUPPORTED;
}

std::size_t size_of(cudaDataType type) {
  return type == CUDA_R_64F ? sizeof(double) : sizeof(float);
}
std::size_t potrf_bytes(std::int64_t n, cudaDataType type) {
  return static_cast<std::size_t>(std::max<std::int64_t>(n, 1)) * size_of(type);
}
// LAPACK's numbers of elements.
std::int64_t syevd_work(std::int64_t n) { return 1 + 6 * n + 2 * n * n; }
std::int64_t syevd_integers(std::int64_t n) { return 3 + 5 * n; }

template <class T>
cusolverStatus_t potrf(cublasFillMode_t uplo, std::int64_t n, T* a, std::int64_t lda, int* info) {
  const int order = static_cast<int>(n), ld = static_cast<int>(lda);
  Functions<T>::potrf(letter(uplo), &order, a, &ld, info, 1);
  return CUSOLVER_STATUS_SUCCESS;
}

template <class T>
cusolverStatus_t potrs(cublasFillMode_t uplo, Matrix<T> a, Matrix<T> b, int* info) {
  const int order = static_cast<int>(a.rows), columns = static_cast<int>(b.columns);
  const int ld_a = static_cast<int>(a.ld), ld_b = static_cast<int>(b.ld);
  Functions<T>::potrs(letter(uplo), &order, &columns, a.data, &ld_a, const_cast<T*>(b.data), &ld_b,
                      info, 1);
  return CUSOLVER_STATUS_SUCCESS;
}

template <class T>
cusolverStatus_t syevd(cusolverEigMode_t job, cublasFillMode_t uplo, std::int64_t n, T* a,
                       std::int64_t lda, T* w, const Workspace& workspace, int* info) {
  const int order = static_cast<int>(n), ld = static_cast<int>(lda);
  const int work = static_cast<int>(syevd_work(n)), integers = static_cast<int>(syevd_integers(n));
  Functions<T>::syevd(letter(job), letter(uplo), &order, a, &ld, w,
                      static_cast<T*>(workspace.device), &work, static_cast<int*>(workspace.host),
                      &integers, info, 1, 1);
  return CUSOLVER_STATUS_SUCCESS;
}

}  // namespace

cusolverStatus_t cusolverDnCreate(cusolverDnHandle_t* handle) {
  *handle = new cusolverDnContext;
  return CUSOLVER_STATUS_SUCCESS;
}
cusolverStatus_t cusolverDnDestroy(cusolverDnHandle_t handle) {
  if (handle == nullptr) return CUSOLVER_STATUS_NOT_INITIALIZED;
  delete handle;
  return CUSOLVER_STATUS_SUCCESS;
}
cusolverStatus_t cusolverDnSetStream(cusolverDnHandle_t handle, cudaStream_t) {
  return handle != nullptr ? CUSOLVER_STATUS_SUCCESS : CUSOLVER_STATUS_NOT_INITIALIZED;
}
cusolverStatus_t cusolverDnCreateParams(cusolverDnParams_t* params) {
  *params = new cusolverDnParams;
  return CUSOLVER_STATUS_SUCCESS;
}
cusolverStatus_t cusolverDnDestroyParams(cusolverDnParams_t params) {
  delete params;
  return CUSOLVER_STATUS_SUCCESS;
}

cusolverStatus_t cusolverDnXpotrf_bufferSize(cusolverDnHandle_t handle, cusolverDnParams_t,
                                             cublasFillMode_t, std::int64_t n, cudaDataType,
                                             const void*, std::int64_t, cudaDataType compute,
                                             std::size_t* device_bytes, std::size_t* host_bytes) {
  if (handle == nullptr) return CUSOLVER_STATUS_NOT_INITIALIZED;
  *device_bytes = potrf_bytes(n, compute);
  *host_bytes = 0;
  return CUSOLVER_STATUS_SUCCESS;
}

cusolverStatus_t cusolverDnXpotrf(cusolverDnHandle_t handle, cusolverDnParams_t,
                                  cublasFillMode_t uplo, std::int64_t n, cudaDataType type, void* a,
                                  std::int64_t lda, cudaDataType compute, void* device,
                                  std::size_t device_bytes, void* host, std::size_t host_bytes,
                                  int* info) {
  return with_type(type, [&]<class T>(T) {
    T* matrix = static_cast<T*>(a);
    const auto status = check<T>(handle, info, {{matrix, n, n, lda}});
    if (status != CUSOLVER_STATUS_SUCCESS) return status;
    if (!suffices({device, device_bytes, host, host_bytes}, potrf_bytes(n, compute), 0)) {
      return CUSOLVER_STATUS_INVALID_VALUE;
    }
    return potrf(uplo, n, matrix, lda, info);
  });
}

cusolverStatus_t cusolverDnXpotrs(cusolverDnHandle_t handle, cusolverDnParams_t,
                                  cublasFillMode_t uplo, std::int64_t n, std::int64_t columns,
                                  cudaDataType type, const void* a, std::int64_t lda,
                                  cudaDataType type_b, void* b, std::int64_t ldb, int* info) {
  if (type != type_b) return CUSOLVER_STATUS_INVALID_VALUE;
  return with_type(type, [&]<class T>(T) {
    const Matrix<T> factor{static_cast<const T*>(a), n, n, lda};
    const Matrix<T> right{static_cast<const T*>(b), n, columns, ldb};
    const auto status = check<T>(handle, info, {factor, right});
    return status != CUSOLVER_STATUS_SUCCESS ? status : potrs(uplo, factor, right, info);
  });
}

cusolverStatus_t cusolverDnXsyevd_bufferSize(cusolverDnHandle_t handle, cusolverDnParams_t,
                                             cusolverEigMode_t, cublasFillMode_t, std::int64_t n,
                                             cudaDataType, const void*, std::int64_t, cudaDataType,
                                             const void*, cudaDataType compute,
                                             std::size_t* device_bytes, std::size_t* host_bytes) {
  if (handle == nullptr) return CUSOLVER_STATUS_NOT_INITIALIZED;
  *device_bytes = static_cast<std::size_t>(syevd_work(n)) * size_of(compute);
  *host_bytes = static_cast<std::size_t>(syevd_integers(n)) * sizeof(int);
  return CUSOLVER_STATUS_SUCCESS;
}

cusolverStatus_t cusolverDnXsyevd(cusolverDnHandle_t handle, cusolverDnParams_t,
                                  cusolverEigMode_t job, cublasFillMode_t uplo, std::int64_t n,
                                  cudaDataType type, void* a, std::int64_t lda, cudaDataType type_w,
                                  void* w, cudaDataType compute, void* device,
                                  std::size_t device_bytes, void* host, std::size_t host_bytes,
                                  int* info) {
  if (type != type_w || type != compute) return CUSOLVER_STATUS_INVALID_VALUE;
  return with_type(type, [&]<class T>(T) {
    T* matrix = static_cast<T*>(a);
    T* values = static_cast<T*>(w);
    const Matrix<T> column{values, n, 1, std::max<std::int64_t>(n, 1)};
    const auto status = check<T>(handle, info, {{matrix, n, n, lda}, column});
    if (status != CUSOLVER_STATUS_SUCCESS) return status;
    const Workspace workspace{device, device_bytes, host, host_bytes};
    const auto needed = static_cast<std::size_t>(syevd_work(n)) * sizeof(T);
    const auto integers = static_cast<std::size_t>(syevd_integers(n)) * sizeof(int);
    if (!suffices(workspace, needed, integers)) return CUSOLVER_STATUS_INVALID_VALUE;
    return syevd(job, uplo, n, matrix, lda, values, workspace, info);
  });
}
