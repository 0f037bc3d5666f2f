// The floor of a Gram matrix: the time of the plain product X X^T, on the same device.
#pragma once

#include <cstdint>

#include "ntk/array.h"
#include "ntk/device.h"
#include "src/cli/measure.h"

namespace ntk::cli {

// Memory of a device (host memory for cpu and reference), released at the end.
class DeviceMemory {
 public:
  DeviceMemory(Device device, std::size_t bytes);
  ~DeviceMemory();
  DeviceMemory(const DeviceMemory&) = delete;
  DeviceMemory& operator=(const DeviceMemory&) = delete;

  void* data() const { return data_; }
  MemorySpace space() const;

 private:
  Device device_;
  void* data_;
};

// X X^T of the whole square matrix by the device's BLAS (gemm), into memory that is there already.
Timing measure_gemm(Device device, int threads, const Array& x, std::int64_t repeats);

}  // namespace ntk::cli
