// Owners of what CUDA hands out.
#pragma once

#include <cstddef>
#include <utility>

#include "kernels/cuda/launch.h"

namespace ntk::cuda {

// Device memory for `count` elements, not initialised.
template <class T>
class DeviceMemory {
 public:
  DeviceMemory() = default;
  explicit DeviceMemory(std::size_t count) { reserve(count); }
  DeviceMemory(DeviceMemory&& other) noexcept { swap(other); }
  DeviceMemory& operator=(DeviceMemory&& other) noexcept {
    swap(other);
    return *this;
  }
  ~DeviceMemory() { ignore_error(cudaFree(data_)); }

  // At least `count` elements; what was there is lost if it has to grow.
  void reserve(std::size_t count) {
    if (count <= count_) return;
    ignore_error(cudaFree(data_));
    data_ = nullptr;
    count_ = 0;
    void* p = nullptr;
    check(cudaMalloc(&p, count * sizeof(T)));
    data_ = static_cast<T*>(p);
    count_ = count;
  }
  T* data() const { return data_; }
  explicit operator bool() const { return data_ != nullptr; }

 private:
  void swap(DeviceMemory& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(count_, other.count_);
  }
  T* data_ = nullptr;
  std::size_t count_ = 0;
};

// One T in pinned host memory, for results that a stream brings back.
template <class T>
class PinnedValue {
 public:
  PinnedValue() {
    void* p = nullptr;
    check(cudaMallocHost(&p, sizeof(T)));
    value_ = static_cast<T*>(p);
  }
  PinnedValue(const PinnedValue&) = delete;
  PinnedValue& operator=(const PinnedValue&) = delete;
  ~PinnedValue() { ignore_error(cudaFreeHost(value_)); }
  T* data() const { return value_; }
  T& operator*() const { return *value_; }

 private:
  T* value_ = nullptr;
};

class Stream {
 public:
  Stream() { check(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking)); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  ~Stream() { ignore_error(cudaStreamDestroy(stream_)); }
  operator cudaStream_t() const { return stream_; }
  void synchronize() const { check(cudaStreamSynchronize(stream_)); }

 private:
  cudaStream_t stream_ = nullptr;
};

class Event {
 public:
  Event() { check(cudaEventCreateWithFlags(&event_, cudaEventDisableTiming)); }
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  ~Event() { ignore_error(cudaEventDestroy(event_)); }
  void record(cudaStream_t stream) const { check(cudaEventRecord(event_, stream)); }
  void synchronize() const { check(cudaEventSynchronize(event_)); }
  void hold(cudaStream_t stream) const { check(cudaStreamWaitEvent(stream, event_, 0)); }

 private:
  cudaEvent_t event_ = nullptr;
};

// A cuBLAS handle on a stream. Pointers to scalars are host pointers.
class Blas {
 public:
  explicit Blas(cudaStream_t stream) {
    check(cublasCreate(&handle_));
    check(cublasSetStream(handle_, stream));
  }
  Blas(const Blas&) = delete;
  Blas& operator=(const Blas&) = delete;
  ~Blas() { ignore_error(cublasDestroy(handle_)); }
  operator cublasHandle_t() const { return handle_; }

 private:
  cublasHandle_t handle_ = nullptr;
};

class Solver {
 public:
  explicit Solver(cudaStream_t stream) {
    check(cusolverDnCreate(&handle_));
    check(cusolverDnSetStream(handle_, stream));
  }
  Solver(const Solver&) = delete;
  Solver& operator=(const Solver&) = delete;
  ~Solver() { ignore_error(cusolverDnDestroy(handle_)); }
  operator cusolverDnHandle_t() const { return handle_; }

 private:
  cusolverDnHandle_t handle_ = nullptr;
};

}  // namespace ntk::cuda
