#include "src/solve/backend_memory.h"

#include <algorithm>
#include <utility>

#include "src/base/large_memory.h"
#include "src/device/registry.h"

namespace ntk::internal {

Backend& backend_of(const SolveOptions& options) {
  if (options.dtype == DType::int64)
    throw UsageError("solve: the arithmetic must be float32 or float64, not int64");
  Backend& backend = options.backend ? *options.backend : backend_for(options.device);
  backend.set_threads(options.threads);
  return backend;
}

void require_backend_memory(Backend& backend, std::size_t bytes, const SolveOptions& options,
                            const std::string& what, const std::string& advice) {
  const std::size_t free = backend.free_memory();
  const std::size_t limit = options.memory_limit > 0 ? std::min(options.memory_limit, free) : free;
  require_memory(bytes, std::max<std::size_t>(limit, 1), what, advice);
}

std::size_t matrix_bytes(std::int64_t rows, std::int64_t columns, DType dtype) {
  return static_cast<std::size_t>(element_count({rows, columns})) * size_of(dtype);
}

Buffer::Buffer(Backend& backend, std::size_t bytes) : backend_(&backend) {
  constexpr std::size_t kLarge = std::size_t{16} << 20;
  if (bytes >= kLarge)
    require_backend_memory(backend, bytes, {},
                           "a matrix on " + std::string(name_of(backend.device())),
                           "work on fewer samples at a time");
  data_ = backend.allocate(std::max<std::size_t>(bytes, 1));
}
Buffer::Buffer(Buffer&& other) noexcept
    : backend_(std::exchange(other.backend_, nullptr)),
      data_(std::exchange(other.data_, nullptr)) {}
Buffer& Buffer::operator=(Buffer&& other) noexcept {
  std::swap(backend_, other.backend_);
  std::swap(data_, other.data_);
  return *this;
}
Buffer::~Buffer() {
  if (data_) backend_->release(data_);
}

Result::Result(Backend& backend, DType dtype, Shape shape)
    : backend_(backend), array_(dtype, std::move(shape)) {
  if (backend.space() != MemorySpace::host) buffer_ = Buffer(backend, array_.bytes());
}

Array Result::to_array() && {
  if (buffer_.data() && array_.bytes() > 0)
    backend_.copy(array_.data(), buffer_.data(), array_.bytes());
  return std::move(array_);
}

}  // namespace ntk::internal
