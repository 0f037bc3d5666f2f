// Device memory with the contents of a vector, for the shim's own tests.
#pragma once

#include <cstddef>
#include <vector>

#include "kernels/cuda/launch.h"

template <class T>
class DeviceArray {
 public:
  explicit DeviceArray(std::size_t size) : size_(size) {
    void* p = nullptr;
    ntk::check(cudaMalloc(&p, size * sizeof(T)));
    data_ = static_cast<T*>(p);
  }
  explicit DeviceArray(const std::vector<T>& values) : DeviceArray(values.size()) {
    ntk::check(
        cudaMemcpyAsync(data_, values.data(), size_ * sizeof(T), cudaMemcpyHostToDevice, nullptr));
  }
  DeviceArray(const DeviceArray&) = delete;
  DeviceArray& operator=(const DeviceArray&) = delete;
  ~DeviceArray() { ntk::ignore_error(cudaFree(data_)); }

  T* data() const { return data_; }
  std::size_t bytes() const { return size_ * sizeof(T); }
  std::vector<T> values() const {
    std::vector<T> out(size_);
    ntk::check(cudaMemcpyAsync(out.data(), data_, bytes(), cudaMemcpyDeviceToHost, nullptr));
    ntk::check(cudaStreamSynchronize(nullptr));
    return out;
  }

 private:
  T* data_ = nullptr;
  std::size_t size_;
};
