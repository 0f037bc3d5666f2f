// Planted faults, one per process: `cuda_on_host_faults NAME SEED` runs the kernel of that name in
// the order of that seed and says what became of it; without arguments it lists the names. Each
// kernel has the right result out[i] = 1 + (i + 1) % 64, were it not for its fault.
//
// The ones and zeros that the compiler must not see through come in as the kernel's argument `one`.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <vector>

#include "kernels/cuda/launch.h"

namespace {

constexpr unsigned kThreads = 64;
// The overruns end in what an allocator rounds up to, so that they do no harm where they go unseen.
constexpr unsigned kSlack = 8;
constexpr unsigned kOutput = 520;
constexpr unsigned kWritten = 320;  // zeroed; the rest is as the allocation left it
constexpr unsigned kSum = 300;      // an element of its own

__device__ unsigned neighbour() { return (threadIdx.x + 1) % kThreads; }

// The neighbour's index by way of shared memory, without fault.
__device__ float exchange_with_neighbour() {
  NTK_SHARED(float[kThreads], indices);
  indices[threadIdx.x] = static_cast<float>(threadIdx.x);
  __syncthreads();
  return indices[neighbour()];
}

// --- no fault ---

__global__ void clean(float* out, unsigned one) {
  float v = exchange_with_neighbour();
  v = __shfl_xor_sync(0xffffffffu, __shfl_xor_sync(0xffffffffu, v, 3), 3);
  if (threadIdx.x < 32) v = __shfl_sync(0xffffffffu, v, static_cast<int>(threadIdx.x % 32));
  const unsigned half = (threadIdx.x & 16) != 0 ? 0xffff0000u : 0x0000ffffu;
  v = __shfl_down_sync(half, v, one - 1, 16);
  float* passed = ntk::dynamic_shared<float>();
  passed[threadIdx.x] = v;
  __syncwarp();
  passed[threadIdx.x ^ 1] += static_cast<float>(one);
  __syncthreads();
  if (blockIdx.x == 0) out[threadIdx.x] = passed[threadIdx.x];
  atomicAdd(&out[kSum], 1.0f);
}

// Two launches and many blocks: what one wrote the next may read.
__global__ void clean_across_launches(float* out, unsigned one) {
  if (blockIdx.x == 0) out[threadIdx.x] = out[threadIdx.x] * 0 + static_cast<float>(one);
  const float index = exchange_with_neighbour();
  __syncthreads();
  if (blockIdx.x == 0) out[threadIdx.x] += index;
}

// --- indices out of bounds ---

__global__ void static_shared_overrun(float* out, unsigned one) {
  NTK_SHARED(float[kThreads + kSlack], a);
  float* element = a + threadIdx.x + kSlack + one;
  *element = 1;
  out[threadIdx.x] = 1 + exchange_with_neighbour();
}

__global__ void dynamic_shared_overrun(float* out, unsigned one) {
  float* a = ntk::dynamic_shared<float>();
  a[threadIdx.x + kSlack + one] = 1;
  out[threadIdx.x] = 1 + exchange_with_neighbour();
}

__global__ void global_overrun(float* out, unsigned one) {
  out[threadIdx.x] = 1 + exchange_with_neighbour();
  if (threadIdx.x == 0) out[kOutput - 1 + one] = 1;
}

__global__ void misaligned_vector(float* out, unsigned one) {
  out[threadIdx.x] = 1 + exchange_with_neighbour();
  if (threadIdx.x == 0) {
    *reinterpret_cast<float4*>(out + kThreads + one) = make_float4(1, 2, 3, 4);
  }
}

__device__ __attribute__((noinline)) float deep(volatile float* frame_above, unsigned depth) {
  volatile float frame[1024];
  frame[0] = frame_above[0] + 1;
  if (depth == 0) return frame[0];
  return deep(frame, depth - 1) + frame[0] * 0;
}

__global__ void stack_overflow(float* out, unsigned one) {
  volatile float top[1] = {0};
  out[threadIdx.x] = 1 + exchange_with_neighbour() + deep(top, 1000 * one) * 0;
}

// --- barriers and warp operations that not all reach ---

__global__ void barrier_in_branch(float* out, unsigned one) {
  out[threadIdx.x] = 1 + exchange_with_neighbour();
  if (threadIdx.x < 16 * one) __syncthreads();
}

__global__ void barrier_in_both_branches(float* out, unsigned one) {
  out[threadIdx.x] = 1 + exchange_with_neighbour();
  if (threadIdx.x < 32 * one) {
    __syncthreads();
  } else {
    __syncthreads();
  }
}

__global__ void early_return(float* out, unsigned one) {
  if (threadIdx.x >= kThreads - one) return;
  out[threadIdx.x] = 1 + exchange_with_neighbour();
}

__global__ void shuffle_in_branch(float* out, unsigned one) {
  float v = 1 + exchange_with_neighbour();
  if (threadIdx.x % 32 < 16 * one) v = __shfl_sync(0xffffffffu, v, static_cast<int>(threadIdx.x));
  out[threadIdx.x] = v;
}

__global__ void shuffle_from_outside_mask(float* out, unsigned one) {
  float v = 1 + exchange_with_neighbour();
  if (threadIdx.x % 32 < 16 * one) v += 0 * __shfl_xor_sync(0x0000ffffu, v, 16);
  out[threadIdx.x] = v;
}

__global__ void shuffle_without_self(float* out, unsigned one) {
  const float v = 1 + exchange_with_neighbour();
  out[threadIdx.x] = __shfl_xor_sync(0xffffffffu << one, v, 0);
}

// --- races ---

__global__ void missing_barrier(float* out, unsigned one) {
  NTK_SHARED(float[kThreads], a);
  a[threadIdx.x] = static_cast<float>(threadIdx.x);
  if (one != 1) __syncthreads();
  out[threadIdx.x] = 1 + a[neighbour()];
}

// Reads what lower threads write: right in ascending order.
__global__ void missing_barrier_in_one_direction(float* out, unsigned one) {
  NTK_SHARED(float[1], first);
  if (threadIdx.x == 0) first[0] = static_cast<float>(one);
  out[threadIdx.x] = exchange_with_neighbour() * 0 + static_cast<float>(one + neighbour());
  NTK_SHARED(float[1], second);
  if (threadIdx.x == 0) second[0] = first[0];
  if (one != 1) __syncthreads();
  out[threadIdx.x] *= second[0];
}

__global__ void missing_warp_barrier(float* out, unsigned one) {
  NTK_SHARED(float[kThreads], a);
  const unsigned partner = threadIdx.x ^ 1;
  a[partner] = static_cast<float>(neighbour());
  if (one != 1) __syncwarp();
  out[threadIdx.x] = 1 + a[threadIdx.x];
}

__global__ void missing_barrier_in_loop(float* out, unsigned one) {
  NTK_SHARED(float[kThreads], a);
  float v = static_cast<float>(threadIdx.x);
  for (unsigned round = 0; round <= kThreads; ++round) {
    a[threadIdx.x] = v;
    __syncthreads();
    v = a[neighbour()];
    if (one != 1) __syncthreads();
  }
  out[threadIdx.x] = 1 + v;
}

__global__ void race_in_sum(float* out, unsigned one) {
  out[threadIdx.x] = 1 + exchange_with_neighbour();
  if (threadIdx.x < 2 * one) out[kSum] += 1;
}

__global__ void race_with_right_result(float* out, unsigned one) {
  NTK_SHARED(float[1], flag);
  if (threadIdx.x % 32 == 0) flag[0] = static_cast<float>(one);
  const float index = exchange_with_neighbour();
  out[threadIdx.x] = flag[0] + index;
}

__global__ void race_between_blocks(float* out, unsigned one) {
  const float index = exchange_with_neighbour();
  if (blockIdx.x == 0) out[threadIdx.x] = 1 + index;
  if (threadIdx.x == 0) out[kSum] += static_cast<float>(one);
}

// --- memory that nobody wrote ---

__global__ void uninitialised_shared(float* out, unsigned one) {
  NTK_SHARED(float[kThreads], a);
  if (threadIdx.x >= one) a[threadIdx.x] = static_cast<float>(threadIdx.x);
  __syncthreads();
  out[threadIdx.x] = 1 + a[neighbour()];
}

__global__ void uninitialised_dynamic_shared(float* out, unsigned one) {
  float* a = ntk::dynamic_shared<float>();
  if (threadIdx.x >= one) a[threadIdx.x] = static_cast<float>(threadIdx.x);
  __syncthreads();
  out[threadIdx.x] = 1 + a[neighbour()];
}

// Counts on what block 0 left.
__global__ void stale_shared(float* out, unsigned one) {
  NTK_SHARED(float[kThreads], a);
  if (blockIdx.x == 0) a[threadIdx.x] = static_cast<float>(threadIdx.x);
  __syncthreads();
  if (blockIdx.x == one) out[threadIdx.x] = 1 + a[neighbour()];
}

__global__ void uninitialised_global(float* out, unsigned one) {
  const float index = exchange_with_neighbour();
  out[threadIdx.x] = static_cast<float>(one) + index + out[kWritten] * 0;
}

// --- what the process does ---

enum class Argument { device, host, freed };

struct Planted {
  const char* name;
  void (*kernel)(float*, unsigned);
  unsigned blocks = 1;
  Argument argument = Argument::device;
};

constexpr Planted kPlanted[] = {
    {"clean", clean, 3},
    {"clean_across_launches", clean_across_launches, 3},
    {"static_shared_overrun", static_shared_overrun},
    {"dynamic_shared_overrun", dynamic_shared_overrun},
    {"global_overrun", global_overrun},
    {"misaligned_vector", misaligned_vector},
    {"stack_overflow", stack_overflow},
    {"barrier_in_branch", barrier_in_branch},
    {"barrier_in_both_branches", barrier_in_both_branches},
    {"early_return", early_return},
    {"shuffle_in_branch", shuffle_in_branch},
    {"shuffle_from_outside_mask", shuffle_from_outside_mask},
    {"shuffle_without_self", shuffle_without_self},
    {"missing_barrier", missing_barrier},
    {"missing_barrier_in_one_direction", missing_barrier_in_one_direction},
    {"missing_warp_barrier", missing_warp_barrier},
    {"missing_barrier_in_loop", missing_barrier_in_loop},
    {"race_in_sum", race_in_sum},
    {"race_with_right_result", race_with_right_result},
    {"race_between_blocks", race_between_blocks, 2},
    {"uninitialised_shared", uninitialised_shared},
    {"uninitialised_dynamic_shared", uninitialised_dynamic_shared},
    {"stale_shared", stale_shared, 2},
    {"uninitialised_global", uninitialised_global},
    {"host_pointer", clean, 1, Argument::host},
    {"freed_pointer", clean, 1, Argument::freed},
};

bool is_right(const std::vector<float>& out) {
  for (unsigned i = 0; i < kThreads; ++i) {
    if (out[i] != static_cast<float>(1 + (i + 1) % kThreads)) return false;
  }
  return true;
}

struct Release {
  void operator()(void* p) const { ntk::ignore_error(cudaFree(p)); }
};
using DeviceMemory = std::unique_ptr<void, Release>;

DeviceMemory allocate(std::size_t bytes) {
  void* p = nullptr;
  ntk::check(cudaMalloc(&p, bytes));
  return DeviceMemory(p);
}

float* choose_argument(Argument argument, DeviceMemory& device, std::vector<float>& host) {
  if (argument == Argument::host) return host.data();
  auto* p = static_cast<float*>(device.get());
  if (argument == Argument::freed) device.reset();
  return p;
}

// Whether the result is right. Launches twice, as what a launch leaves behind may matter.
bool run(const Planted& planted) {
  DeviceMemory device = allocate(kOutput * sizeof(float));
  ntk::check(cudaMemsetAsync(device.get(), 0, kWritten * sizeof(float), nullptr));
  std::vector<float> host(kOutput);
  float* out = choose_argument(planted.argument, device, host);
  constexpr std::size_t kSharedBytes = (kThreads + kSlack) * sizeof(float);
  for (int repeat = 0; repeat < 2; ++repeat) {
    ntk::launch(planted.kernel, planted.blocks, kThreads, kSharedBytes, nullptr, out, 1);
  }
  ntk::check(cudaMemcpyAsync(host.data(), device.get(), kOutput * sizeof(float),
                             cudaMemcpyDeviceToHost, nullptr));
  ntk::check(cudaStreamSynchronize(nullptr));
  return is_right(host);
}

int judge(const Planted& planted) {
  try {
    std::printf("%s\n", run(planted) ? "right result" : "wrong result");
  } catch (const std::exception& e) {
    std::printf("fault: %s\n", e.what());
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  for (const Planted& planted : kPlanted) {
    if (argc < 2) std::printf("%s\n", planted.name);
    if (argc < 3 || std::strcmp(argv[1], planted.name) != 0) continue;
#ifndef __CUDACC__
    cuda_on_host::set_order(static_cast<unsigned>(std::atoi(argv[2])));
#endif
    return judge(planted);
  }
  return argc < 2 ? 0 : 2;
}
