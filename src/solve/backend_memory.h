// Memory of the backend that a solver works on.
#pragma once

#include <cstddef>
#include <string>

#include "kernels/backend.h"
#include "ntk/array.h"
#include "ntk/solve.h"

namespace ntk::internal {

// The backend that the options ask for, with their number of threads set.
Backend& backend_of(const SolveOptions& options);

// Throws MemoryError if the backend has no room for `bytes` (within the options' limit).
void require_backend_memory(Backend& backend, std::size_t bytes, const SolveOptions& options,
                            const std::string& what, const std::string& advice);

std::size_t matrix_bytes(std::int64_t rows, std::int64_t columns, DType dtype);

// Backend memory with an owner.
class Buffer {
 public:
  Buffer() = default;
  Buffer(Backend& backend, std::size_t bytes);
  Buffer(Buffer&& other) noexcept;
  Buffer& operator=(Buffer&& other) noexcept;
  ~Buffer();
  void* data() const { return data_; }

 private:
  Backend* backend_ = nullptr;
  void* data_ = nullptr;
};

// The result of a computation on the backend: an array straight away where the backend works in
// host memory, else backend memory that to_array() brings home.
class Result {
 public:
  Result(Backend& backend, DType dtype, Shape shape);
  void* data() { return buffer_.data() ? buffer_.data() : array_.data(); }
  Array to_array() &&;

 private:
  Backend& backend_;
  Array array_;
  Buffer buffer_;
};

}  // namespace ntk::internal
