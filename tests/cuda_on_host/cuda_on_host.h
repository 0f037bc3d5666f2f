// Runs CUDA kernels on the CPU, one fiber per CUDA thread, so that .cu files compiled by a host
// compiler can be tested without a GPU, and under sanitizers. Types and prototypes come from the
// CUDA toolkit's own headers, which are made for host compilers too; this header adds what only
// nvcc knows. What it does not have fails to compile or to link, and that is the rule of what
// kernels may use.
//
// Stricter than a GPU, so that faults show: all threads of a block must reach the same
// __syncthreads, all lanes of a mask the same warp operation (a lane that has returned counts as
// missing), lanes may read only lanes of their mask, and pointers handed to kernels must point to
// device memory. Weaker than a GPU: a stream runs its work at once, so a missing stream
// synchronization goes unseen.
#pragma once

#ifdef __CUDACC__
#error "cuda_on_host.h is for host compilers: nvcc has the real thing"
#endif

#include <cuda_runtime.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <source_location>
#include <stdexcept>
#include <string>
#include <type_traits>

// A static variable has no red zone of its own for AddressSanitizer and keeps the last block's
// values.
#undef __shared__
#define __shared__ raw___shared___is_not_supported_on_the_host_use_NTK_SHARED
#undef __launch_bounds__
#define __launch_bounds__(...)

extern uint3 threadIdx, blockIdx;
extern dim3 blockDim, gridDim;
inline constexpr int warpSize = 32;

namespace cuda_on_host {

// What launch() throws if a kernel breaks a rule.
class Fault : public std::runtime_error {
 public:
  explicit Fault(const std::string& message) : std::runtime_error("cuda_on_host: " + message) {}
};

// --- for tests ---

// The order in which blocks, and the threads of a block, run between two barriers: 0 ascending,
// 1 descending, then random: even seeds warp by warp, odd ones thread by thread. The environment
// variable CUDA_ON_HOST_ORDER gives the seed to begin with.
void set_order(unsigned seed);

// The device's memory in bytes (4 GiB to begin with); cudaMalloc fails where it does not suffice.
void set_memory_limit(std::size_t bytes);
std::size_t allocated_bytes();  // of device memory, now

// --- what launch() and the kernels use ---

struct LaunchShape {
  dim3 grid, block;
  std::size_t shared_bytes;
  std::source_location where;
};

struct WarpCall {
  static constexpr int kVote = -1;  // in place of a source lane: whose value is not 0, as a mask
  const char* operation;
  unsigned mask;
  int source_lane;
  std::uint64_t value;
};

// Calls body(context) once for each thread of the grid. Launches exclude each other.
void run(const LaunchShape& shape, void (*body)(void* context), void* context);

// Throws Fault unless p is null or points into (or just behind) memory that a kernel can reach.
void check_kernel_argument(const void* p, const LaunchShape& shape);

void wait_in_block(const std::source_location& where);
std::uint64_t wait_in_warp(const WarpCall& call, const std::source_location& where);
int lane();
void fence();
[[noreturn]] void trap(const std::source_location& where);
void* dynamic_shared();
// The running block's memory of that key, made on first use.
void* static_shared_bytes(const void* key, std::size_t bytes, std::size_t alignment);

template <class T>
T& static_shared(const void* key) {
  static_assert(std::is_trivially_default_constructible_v<std::remove_all_extents_t<T>>,
                "shared memory runs no constructors");
  return *static_cast<T*>(static_shared_bytes(key, sizeof(T), alignof(T)));
}

template <class T>
void check_if_pointer(const T& argument, const LaunchShape& shape) {
  if constexpr (std::is_pointer_v<T> && !std::is_function_v<std::remove_pointer_t<T>>) {
    check_kernel_argument(argument, shape);
  }
}

template <class Kernel, class... Args>
void launch(const LaunchShape& shape, Kernel kernel, Args... args) {
  (check_if_pointer(args, shape), ...);
  auto call = [&] { kernel(args...); };
  run(
      shape, [](void* context) { (*static_cast<decltype(call)*>(context))(); }, &call);
}

}  // namespace cuda_on_host

#include "device_functions.h"
