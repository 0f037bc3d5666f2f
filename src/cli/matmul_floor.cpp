#include "src/cli/matmul_floor.h"

#include "kernels/backend.h"
#include "src/device/registry.h"

namespace ntk::cli {

DeviceMemory::DeviceMemory(Device device, std::size_t bytes)
    : device_(device), data_(backend_for(device).allocate(bytes)) {}

DeviceMemory::~DeviceMemory() { backend_for(device_).release(data_); }

MemorySpace DeviceMemory::space() const { return backend_for(device_).space(); }

Timing measure_gemm(Device device, int threads, const Array& x, std::int64_t repeats) {
  Backend& backend = backend_for(device);
  backend.set_threads(threads);
  const std::int64_t n = x.shape().at(0), d = x.shape().at(1);
  const std::size_t element = size_of(x.dtype());
  const DeviceMemory input(device, x.bytes());
  const DeviceMemory product(device, static_cast<std::size_t>(n * n) * element);
  backend.copy(input.data(), x.data(), x.bytes());
  std::vector<char> last(element);
  // Row-major n x d is column-major d x n: X X^T is the transpose times the matrix.
  return measure(repeats, [&] {
    backend.multiply(x.dtype(), true, false, n, n, d, 1, input.data(), d, input.data(), d, 0,
                     product.data(), n);
    // A device may return before it is done; a copy waits for it.
    backend.copy(last.data(), product.data(), element);
  });
}

}  // namespace ntk::cli
