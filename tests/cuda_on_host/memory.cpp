#include "memory.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <string>

#include "cuda_on_host.h"

namespace cuda_on_host {

namespace {

// So that nothing else begins where an allocation ends; AddressSanitizer's red zones do that
// better.
#ifdef __SANITIZE_ADDRESS__
constexpr std::size_t kPaddingBytes = 0;
#else
constexpr std::size_t kPaddingBytes = 16;
#endif

}  // namespace

Memory& memory() {
  static Memory instance;
  return instance;
}

cudaError_t Memory::allocate(void** p, std::size_t bytes, MemoryKind kind) {
  if (p == nullptr) return cudaErrorInvalidValue;
  *p = nullptr;
  if (bytes == 0) return cudaSuccess;
  const std::lock_guard lock(mutex_);
  const bool is_device = kind == MemoryKind::device;
  if (is_device && bytes > limit_ - std::min(limit_, allocated_)) return cudaErrorMemoryAllocation;
  void* made = nullptr;
  if (posix_memalign(&made, 256, bytes + kPaddingBytes) != 0) {
    return cudaErrorMemoryAllocation;
  }
  std::memset(made, 0xff, bytes);  // NaNs: nobody may count on a value
  const auto begin = reinterpret_cast<std::uintptr_t>(made);
  // What is stored holds no address that LeakSanitizer could recognize, either.
  by_complement_[~begin] = {~begin, bytes, kind};
  if (is_device) allocated_ += bytes;
  *p = made;
  return cudaSuccess;
}

cudaError_t Memory::release(void* p, MemoryKind kind) {
  if (p == nullptr) return cudaSuccess;
  {
    const std::lock_guard lock(mutex_);
    const auto entry = by_complement_.find(~reinterpret_cast<std::uintptr_t>(p));
    if (entry == by_complement_.end() || entry->second.kind != kind) return cudaErrorInvalidValue;
    if (kind == MemoryKind::device) allocated_ -= entry->second.bytes;
    by_complement_.erase(entry);
  }
  std::free(p);
  return cudaSuccess;
}

std::optional<Memory::Allocation> Memory::find(const void* p) const {
  const auto address = reinterpret_cast<std::uintptr_t>(p);
  const std::lock_guard lock(mutex_);
  const auto entry = by_complement_.lower_bound(~address);
  if (entry == by_complement_.end()) return std::nullopt;
  Allocation found = entry->second;
  found.begin = ~found.begin;
  if (address - found.begin > found.bytes) return std::nullopt;
  return found;
}

bool Memory::is_device(const void* p, std::size_t bytes) const {
  if (bytes == 0) return true;
  const auto found = find(p);
  if (!found || found->kind != MemoryKind::device) return false;
  return reinterpret_cast<std::uintptr_t>(p) - found->begin + bytes <= found->bytes;
}

bool Memory::is_host(const void* p, std::size_t bytes) const {
  if (bytes == 0) return true;
  if (p == nullptr) return false;
  const auto found = find(p);
  if (!found) return true;
  const std::size_t offset = reinterpret_cast<std::uintptr_t>(p) - found->begin;
  if (offset == found->bytes) return true;  // begins behind it: something else
  return found->kind == MemoryKind::pinned && offset + bytes <= found->bytes;
}

void Memory::set_limit(std::size_t bytes) {
  const std::lock_guard lock(mutex_);
  limit_ = bytes;
}

std::size_t Memory::limit() const {
  const std::lock_guard lock(mutex_);
  return limit_;
}

std::size_t Memory::allocated() const {
  const std::lock_guard lock(mutex_);
  return allocated_;
}

void set_memory_limit(std::size_t bytes) { memory().set_limit(bytes); }
std::size_t allocated_bytes() { return memory().allocated(); }

void check_kernel_argument(const void* p, const LaunchShape& shape) {
  if (p == nullptr || memory().find(p)) return;
  throw Fault("kernel launched at " + std::string(shape.where.file_name()) + ":" +
              std::to_string(shape.where.line()) + ": a pointer argument is not device memory");
}

}  // namespace cuda_on_host
