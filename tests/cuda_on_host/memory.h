// What is allocated on the "device", and what pinned memory there is. Internal to the shim; safe to
// use from several OS threads.
#pragma once

#include <cuda_runtime.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>

namespace cuda_on_host {

enum class MemoryKind { device, pinned };

class Memory {
 public:
  struct Allocation {
    std::uintptr_t begin;
    std::size_t bytes;
    MemoryKind kind;
  };

  cudaError_t allocate(void** p, std::size_t bytes, MemoryKind kind);
  cudaError_t release(void* p, MemoryKind kind);

  // The allocation that p points into, or just behind.
  std::optional<Allocation> find(const void* p) const;
  // Whether p to p + bytes is device memory throughout, or host memory throughout.
  bool is_device(const void* p, std::size_t bytes) const;
  bool is_host(const void* p, std::size_t bytes) const;

  void set_limit(std::size_t bytes);
  std::size_t limit() const;
  std::size_t allocated() const;

 private:
  mutable std::mutex mutex_;
  // By the address's complement: LeakSanitizer would take the address itself for a use of the
  // memory.
  std::map<std::uintptr_t, Allocation> by_complement_;
  std::size_t limit_ = std::size_t{4} << 30;
  std::size_t allocated_ = 0;
};

Memory& memory();

}  // namespace cuda_on_host
