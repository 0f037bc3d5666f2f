// Host memory for large buffers of the backends.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <memory>

namespace ntk {

// Not initialised, aligned for every vector unit, in huge pages where the system has them. Throws
// MemoryError. Freed with std::free.
void* allocate_host(std::size_t bytes);

// An array of T that is not initialised.
template <class T>
class HostBuffer {
 public:
  HostBuffer() = default;
  explicit HostBuffer(std::size_t count)
      : data_(static_cast<T*>(allocate_host(count * sizeof(T)))) {}
  T* data() const { return data_.get(); }
  T& operator[](std::size_t i) const { return data_.get()[i]; }
  explicit operator bool() const { return data_ != nullptr; }

 private:
  struct Free {
    void operator()(T* p) const noexcept { std::free(p); }
  };
  std::unique_ptr<T, Free> data_;
};

}  // namespace ntk
