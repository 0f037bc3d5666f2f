// Kernels without faults run on the host as they would on a GPU, in every order of their threads.
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <string>
#include <thread>
#include <vector>

#include "device_array.h"

namespace {

constexpr unsigned kOrders = 6;

// --- indices ---

struct Place {
  unsigned thread[3], block[3];
};

__global__ void note_places(Place* places) {
  const unsigned block = (blockIdx.z * gridDim.y + blockIdx.y) * gridDim.x + blockIdx.x;
  const unsigned thread = (threadIdx.z * blockDim.y + threadIdx.y) * blockDim.x + threadIdx.x;
  places[block * blockDim.x * blockDim.y * blockDim.z + thread] = {
      {threadIdx.x, threadIdx.y, threadIdx.z}, {blockIdx.x, blockIdx.y, blockIdx.z}};
}

class Orders : public testing::TestWithParam<unsigned> {
 protected:
  void SetUp() override { cuda_on_host::set_order(GetParam()); }
  void TearDown() override { cuda_on_host::set_order(0); }
};

INSTANTIATE_TEST_SUITE_P(CudaOnHost, Orders, testing::Range(0u, kOrders));

TEST_P(Orders, EachThreadOfEachBlockRunsOnceWithItsIndices) {
  const dim3 grid(3, 2, 2), block(5, 3, 2);
  DeviceArray<Place> places(12 * 30);
  ntk::launch(note_places, grid, block, 0, nullptr, places.data());
  std::size_t i = 0;
  for (const Place& p : places.values()) {
    const std::size_t block_index = (p.block[2] * 2 + p.block[1]) * 3 + p.block[0];
    const std::size_t thread_index = (p.thread[2] * 3 + p.thread[1]) * 5 + p.thread[0];
    EXPECT_EQ(block_index * 30 + thread_index, i++);
    EXPECT_LT(p.thread[0], 5u);
    EXPECT_LT(p.block[0], 3u);
  }
}

// --- warps ---

struct Shuffled {
  int from_five, up, down, exchanged, half_down;
};

__global__ void shuffle_lanes(Shuffled* out) {
  const int lane = static_cast<int>(threadIdx.x % 32);
  const unsigned all = 0xffffffffu;
  Shuffled s{};
  s.from_five = __shfl_sync(all, lane, 5);
  s.up = __shfl_up_sync(all, lane, 3);
  s.down = __shfl_down_sync(all, lane, 3);
  s.exchanged = __shfl_xor_sync(all, lane, 6);
  s.half_down = __shfl_down_sync(all, lane, 4, 16);
  out[threadIdx.x] = s;
}

TEST_P(Orders, ShufflesReadTheLanesThatCudaDefines) {
  DeviceArray<Shuffled> out(96);
  ntk::launch(shuffle_lanes, 1, 96, 0, nullptr, out.data());
  const auto values = out.values();
  for (int i = 0; i < 96; ++i) {
    const int lane = i % 32;
    const Shuffled& s = values[static_cast<std::size_t>(i)];
    EXPECT_EQ(s.from_five, 5);
    EXPECT_EQ(s.up, lane < 3 ? lane : lane - 3);
    EXPECT_EQ(s.down, lane > 28 ? lane : lane + 3);
    EXPECT_EQ(s.exchanged, lane ^ 6);
    EXPECT_EQ(s.half_down, lane % 16 > 11 ? lane : lane + 4);
  }
}

__global__ void shuffle_types(double* out) {
  const unsigned half = threadIdx.x < 16 ? 0x0000ffffu : 0xffff0000u;
  const double x = __shfl_xor_sync(half, 0.1 * threadIdx.x, 1);
  const float y = __shfl_xor_sync(half, 0.5f * static_cast<float>(threadIdx.x), 1);
  const unsigned long long z = __shfl_xor_sync(half, 1ull << threadIdx.x << 31, 1);
  out[threadIdx.x] = x + y + static_cast<double>(z);
}

TEST_P(Orders, ShufflesCarryAllTypesWithinHalfWarps) {
  DeviceArray<double> out(32);
  ntk::launch(shuffle_types, 1, 32, 0, nullptr, out.data());
  const auto values = out.values();
  for (unsigned i = 0; i < 32; ++i) {
    const unsigned other = i ^ 1;
    EXPECT_EQ(values[i], 0.1 * other + 0.5 * other + std::ldexp(1.0, static_cast<int>(other) + 31));
  }
}

__global__ void vote(unsigned* out) {
  const bool odd = threadIdx.x % 2 == 1;
  const unsigned mask = threadIdx.x < 32 ? 0xffffffffu : 0xffu;  // the last warp has 8 threads
  out[threadIdx.x * 3] = __ballot_sync(mask, odd);
  out[threadIdx.x * 3 + 1] = static_cast<unsigned>(__any_sync(mask, threadIdx.x == 7));
  out[threadIdx.x * 3 + 2] = static_cast<unsigned>(__all_sync(mask, threadIdx.x > 31));
}

TEST_P(Orders, VotesCountTheLanesOfTheMask) {
  DeviceArray<unsigned> out(40 * 3);
  ntk::launch(vote, 1, 40, 0, nullptr, out.data());
  const auto values = out.values();
  for (unsigned i = 0; i < 40; ++i) {
    EXPECT_EQ(values[i * 3], i < 32 ? 0xaaaaaaaau : 0xaau);
    EXPECT_EQ(values[i * 3 + 1], i < 32 ? 1u : 0u);
    EXPECT_EQ(values[i * 3 + 2], i < 32 ? 0u : 1u);
  }
}

// --- blocks ---

__global__ void __launch_bounds__(256) add_up(const float* x, int n, double* total) {
  NTK_SHARED(double[8], of_warp);
  double sum = 0;
  const unsigned first = blockIdx.x * blockDim.x + threadIdx.x;
  for (unsigned i = first; i < static_cast<unsigned>(n); i += gridDim.x * blockDim.x) {
    sum += __ldg(&x[i]);
  }
#pragma unroll
  for (unsigned d = 16; d > 0; d /= 2) sum += __shfl_down_sync(0xffffffffu, sum, d);
  if (threadIdx.x % 32 == 0) of_warp[threadIdx.x / 32] = sum;
  __syncthreads();
  if (threadIdx.x >= 32) return;
  sum = threadIdx.x < 8 ? of_warp[threadIdx.x] : 0;
  for (int d = 16; d > 0; d /= 2) sum += __shfl_xor_sync(0xffffffffu, sum, d);
  if (threadIdx.x == 0) atomicAdd(total, sum);
}

TEST_P(Orders, ReductionsOfBlocksAddUp) {
  std::vector<float> x(10000);
  std::iota(x.begin(), x.end(), 1.0f);
  const DeviceArray<float> values(x);
  DeviceArray<double> total(std::vector<double>{0});
  ntk::launch(add_up, 3, 256, 0, nullptr, values.data(), 10000, total.data());
  EXPECT_EQ(total.values()[0], 10000.0 * 10001.0 / 2);
}

// The last block to come adds up what the others left.
__global__ void add_up_in_last_block(const int* x, int* of_block, unsigned* counter, int* total) {
  NTK_SHARED(bool[1], is_last);
  if (threadIdx.x == 0) {
    of_block[blockIdx.x] = x[blockIdx.x];
    __threadfence();
    is_last[0] = atomicAdd(counter, 1u) == gridDim.x - 1;
  }
  __syncthreads();
  if (!is_last[0] || threadIdx.x != 0) return;
  __threadfence();
  int sum = 0;
  for (unsigned i = 0; i < gridDim.x; ++i) sum += of_block[i];
  *total = sum;
}

TEST_P(Orders, FencesOrderWhatBlocksLeaveForTheLast) {
  const DeviceArray<int> x({1, 2, 3, 4, 5});
  DeviceArray<int> of_block(5), total(1);
  DeviceArray<unsigned> counter(std::vector<unsigned>{0});
  ntk::launch(add_up_in_last_block, 5, 64, 0, nullptr, x.data(), of_block.data(), counter.data(),
              total.data());
  EXPECT_EQ(total.values()[0], 15);
}

template <int kSide>
__global__ void transpose(const float* in, float* out) {
  NTK_SHARED(float[kSide][kSide + 1], tile);
  float* row_sum = ntk::dynamic_shared<float>();
  if (threadIdx.y == 0) row_sum[threadIdx.x] = 0;
  __syncthreads();
  tile[threadIdx.y][threadIdx.x] = in[threadIdx.y * kSide + threadIdx.x];
  atomicAdd(&row_sum[threadIdx.y], 1.0f);
  __syncthreads();
  out[threadIdx.y * kSide + threadIdx.x] = tile[threadIdx.x][threadIdx.y] + row_sum[threadIdx.x];
}

template <int kSide>
void expect_transpose() {
  std::vector<float> x(kSide * kSide);
  std::iota(x.begin(), x.end(), 0.0f);
  const DeviceArray<float> in(x);
  DeviceArray<float> out(x.size());
  ntk::launch(transpose<kSide>, 1, dim3(kSide, kSide), kSide * sizeof(float), nullptr, in.data(),
              out.data());
  const auto values = out.values();
  for (std::size_t i = 0; i < x.size(); ++i) {
    EXPECT_EQ(values[i], x[i % kSide * kSide + i / kSide] + kSide);
  }
}

TEST_P(Orders, TilesInSharedMemoryTranspose) { expect_transpose<12>(); }

TEST(Launches, RunTheLargestBlocks) { expect_transpose<32>(); }

struct Atomics {
  int sum, largest, smallest, difference;
  unsigned bits, all, exchanged, spun;
  unsigned long long wide;
  float single;
};

__global__ void use_atomics(Atomics* a) {
  const int i = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  atomicAdd(&a->sum, i);
  atomicMax(&a->largest, i);
  atomicMin(&a->smallest, -i);
  atomicSub(&a->difference, 1);
  atomicOr(&a->bits, 1u << (i % 32));
  atomicAnd(&a->all, ~(1u << (i % 32)));
  atomicExch(&a->exchanged, 7u);
  atomicAdd(&a->wide, 1ull << 32);
  atomicAdd(&a->single, 0.5f);
  unsigned seen = 0, before;
  do {
    before = seen;
    seen = atomicCAS(&a->spun, before, before + 2);
  } while (seen != before);
}

__global__ void clear(Atomics* a) { *a = {0, 0, 0, 0, 0, ~0u, 0, 0, 0, 0}; }

TEST_P(Orders, AtomicsLoseNothing) {
  DeviceArray<Atomics> result(1);
  ntk::launch(clear, 1, 1, 0, nullptr, result.data());
  ntk::launch(use_atomics, 4, 64, 0, nullptr, result.data());
  const Atomics a = result.values()[0];
  EXPECT_EQ(a.sum, 255 * 256 / 2);
  EXPECT_EQ(a.largest, 255);
  EXPECT_EQ(a.smallest, -255);
  EXPECT_EQ(a.difference, -256);
  EXPECT_EQ(a.bits, ~0u);
  EXPECT_EQ(a.all, 0u);
  EXPECT_EQ(a.exchanged, 7u);
  EXPECT_EQ(a.spun, 512u);
  EXPECT_EQ(a.wide, 256ull << 32);
  EXPECT_EQ(a.single, 128.0f);
}

// --- launches ---

__global__ void increment(int* x) { atomicAdd(x, 1); }
__global__ void fail_in_block_one(int* x) {
  if (blockIdx.x == 1 && threadIdx.x == 5) throw ntk::DataError("from a kernel");
  __syncthreads();
  atomicAdd(x, 1);
}

TEST(Launches, OfSeveralOsThreadsTakeTurns) {
  DeviceArray<int> count(std::vector<int>{0});
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      const DeviceArray<float> own(100);
      for (int i = 0; i < 5; ++i) ntk::launch(increment, 2, 32, 0, nullptr, count.data());
    });
  }
  for (std::thread& t : threads) t.join();
  EXPECT_EQ(count.values()[0], 4 * 5 * 64);
}

TEST(Launches, PassOnWhatAKernelThrowsAndCanGoOn) {
  cuda_on_host::set_order(0);
  DeviceArray<int> count(std::vector<int>{0});
  EXPECT_THROW(ntk::launch(fail_in_block_one, 3, 64, 0, nullptr, count.data()), ntk::DataError);
  ntk::launch(increment, 1, 64, 0, nullptr, count.data());
  EXPECT_EQ(count.values()[0], 64 + 64);  // of the failed launch's first block, and of the second
}

TEST(Launches, OfImpossibleShapesFail) {
  DeviceArray<int> count(std::vector<int>{0});
  EXPECT_THROW(ntk::launch(increment, 0, 32, 0, nullptr, count.data()), cuda_on_host::Fault);
  EXPECT_THROW(ntk::launch(increment, 1, 1025, 0, nullptr, count.data()), cuda_on_host::Fault);
  EXPECT_THROW(ntk::launch(increment, 1, dim3(1, 1, 65), 0, nullptr, count.data()),
               cuda_on_host::Fault);
  EXPECT_THROW(ntk::launch(increment, 1, 32, 228 << 10, nullptr, count.data()),
               cuda_on_host::Fault);
  EXPECT_EQ(count.values()[0], 0);
}

TEST(Launches, OnADestroyedStreamFail) {
  DeviceArray<int> count(std::vector<int>{0});
  cudaStream_t stream = nullptr;
  ntk::check(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
  ntk::launch(increment, 1, 32, 0, stream, count.data());
  ntk::check(cudaStreamDestroy(stream));
  EXPECT_THROW(ntk::launch(increment, 1, 32, 0, stream, count.data()), ntk::DeviceError);
  EXPECT_EQ(count.values()[0], 32);
}

// --- memory and errors ---

TEST(Memory, BeginsAsNaNs) {
  for (const double x : DeviceArray<double>(10).values()) EXPECT_TRUE(std::isnan(x));
}

TEST(Memory, ThatDoesNotFitIsAMemoryError) {
  const std::size_t before = cuda_on_host::allocated_bytes();
  cuda_on_host::set_memory_limit(before + 1000);
  {
    const DeviceArray<char> fits(600);
    std::size_t free = 0, total = 0;
    ntk::check(cudaMemGetInfo(&free, &total));
    EXPECT_EQ(free, 400u);
    EXPECT_EQ(total, before + 1000);
    EXPECT_THROW(DeviceArray<char>(401), ntk::MemoryError);
    EXPECT_EQ(cudaGetLastError(), cudaSuccess);
  }
  cuda_on_host::set_memory_limit(std::size_t{4} << 30);
  EXPECT_EQ(cuda_on_host::allocated_bytes(), before);
}

TEST(Memory, CopiesInWrongDirectionsOrBeyondTheEndFail) {
  const DeviceArray<float> device(10);
  std::vector<float> host(20);
  const auto copy = [&](void* to, const void* from, std::size_t count, cudaMemcpyKind kind) {
    return cudaMemcpyAsync(to, from, count * sizeof(float), kind, nullptr);
  };
  EXPECT_EQ(copy(device.data(), host.data(), 10, cudaMemcpyHostToDevice), cudaSuccess);
  EXPECT_EQ(copy(device.data(), host.data(), 10, cudaMemcpyDefault), cudaSuccess);
  EXPECT_EQ(copy(device.data(), host.data(), 11, cudaMemcpyHostToDevice), cudaErrorInvalidValue);
  EXPECT_EQ(copy(host.data(), device.data() + 1, 10, cudaMemcpyDefault), cudaErrorInvalidValue);
  EXPECT_EQ(copy(host.data(), device.data(), 10, cudaMemcpyHostToDevice), cudaErrorInvalidValue);
  EXPECT_EQ(copy(host.data(), host.data() + 10, 10, cudaMemcpyDeviceToHost), cudaErrorInvalidValue);
  EXPECT_EQ(cudaMemsetAsync(host.data(), 0, 4, nullptr), cudaErrorInvalidValue);
  EXPECT_EQ(cudaFree(host.data()), cudaErrorInvalidValue);
  EXPECT_EQ(cudaGetLastError(), cudaErrorInvalidValue);
}

TEST(Memory, PitchedCopiesLeaveTheGaps) {
  DeviceArray<int> device(std::vector<int>(12, 1));
  const std::vector<int> host{1, 2, 3, 4, 5, 6};
  const auto copy = [&](std::size_t rows) {
    return cudaMemcpy2DAsync(device.data(), 4 * sizeof(int), host.data(), 2 * sizeof(int),
                             2 * sizeof(int), rows, cudaMemcpyHostToDevice, nullptr);
  };
  EXPECT_EQ(copy(3), cudaSuccess);
  EXPECT_EQ(device.values(), (std::vector<int>{1, 2, 1, 1, 3, 4, 1, 1, 5, 6, 1, 1}));
  EXPECT_EQ(copy(4), cudaErrorInvalidValue);
  EXPECT_EQ(cudaGetLastError(), cudaErrorInvalidValue);
}

TEST(Memory, PointersTellWhereTheyPoint) {
  const DeviceArray<int> device(4);
  void* pinned = nullptr;
  ntk::check(cudaMallocHost(&pinned, 16));
  cudaPointerAttributes a{};
  ntk::check(cudaPointerGetAttributes(&a, device.data() + 3));
  EXPECT_EQ(a.type, cudaMemoryTypeDevice);
  EXPECT_EQ(a.device, 0);
  ntk::check(cudaPointerGetAttributes(&a, device.data() + 4));
  EXPECT_EQ(a.type, cudaMemoryTypeUnregistered);
  ntk::check(cudaPointerGetAttributes(&a, pinned));
  EXPECT_EQ(a.type, cudaMemoryTypeHost);
  ntk::check(cudaPointerGetAttributes(&a, &a));
  EXPECT_EQ(a.type, cudaMemoryTypeUnregistered);
  ntk::check(cudaFreeHost(pinned));
}

template <class Error, class Status>
std::string message_of(Status status) {
  try {
    ntk::check(status);
  } catch (const Error& e) {
    return e.what();
  }
  return "nothing was thrown";
}

TEST(Errors, NameThePlaceAndTheError) {
  const std::string cuda = message_of<ntk::DeviceError>(cudaErrorInvalidValue);
  EXPECT_EQ(cuda.substr(0, 13), "shim_test.cu:");
  EXPECT_NE(cuda.find(": CUDA: invalid argument (cudaErrorInvalidValue)"), std::string::npos);
  const std::string blas = message_of<ntk::DeviceError>(CUBLAS_STATUS_INVALID_VALUE);
  EXPECT_NE(blas.find("cuBLAS: "), std::string::npos);
  const std::string solver = message_of<ntk::DeviceError>(CUSOLVER_STATUS_NOT_SUPPORTED);
  EXPECT_NE(solver.find("cuSOLVER: not supported"), std::string::npos);
  message_of<ntk::MemoryError>(cudaErrorMemoryAllocation);
  EXPECT_NE(message_of<ntk::MemoryError>(CUBLAS_STATUS_ALLOC_FAILED), "nothing was thrown");
  EXPECT_NE(message_of<ntk::MemoryError>(CUSOLVER_STATUS_ALLOC_FAILED), "nothing was thrown");
}

TEST(Errors, OfAnImpossibleLaunchNameItsPlace) {
  cudaStream_t stream = nullptr;
  ntk::check(cudaStreamCreate(&stream));
  ntk::check(cudaStreamDestroy(stream));
  try {
    ntk::launch(increment, 1, 1, 0, stream, nullptr);
    FAIL();
  } catch (const ntk::DeviceError& e) {
    const auto line = std::to_string(__LINE__ - 3);
    const auto expected = "shim_test.cu:" + line + ": CUDA: invalid resource handle";
    EXPECT_EQ(std::string(e.what()).substr(0, expected.size()), expected);
  }
}

TEST(Errors, ThatAreIgnoredLeaveNothingBehind) {
  int on_the_host = 0;
  ntk::ignore_error(cudaFree(&on_the_host));
  EXPECT_EQ(cudaPeekAtLastError(), cudaSuccess);
}

TEST(Device, DescribesItself) {
  int count = 0;
  ntk::check(cudaGetDeviceCount(&count));
  EXPECT_EQ(count, 1);
  cudaDeviceProp p{};
  ntk::check(cudaGetDeviceProperties(&p, 0));
  EXPECT_STREQ(p.name, "host shim");
  EXPECT_GT(p.multiProcessorCount, 0);
  EXPECT_EQ(cudaSetDevice(1), cudaErrorInvalidDevice);
  EXPECT_EQ(cudaGetLastError(), cudaErrorInvalidDevice);
}

TEST(Events, MeasureTime) {
  cudaEvent_t begin = nullptr, end = nullptr;
  ntk::check(cudaEventCreateWithFlags(&begin, cudaEventDefault));
  ntk::check(cudaEventCreateWithFlags(&end, cudaEventDefault));
  ntk::check(cudaEventRecord(begin, nullptr));
  ntk::check(cudaEventRecord(end, nullptr));
  ntk::check(cudaStreamWaitEvent(nullptr, end, 0));
  float milliseconds = -1;
  ntk::check(cudaEventElapsedTime(&milliseconds, begin, end));
  EXPECT_GE(milliseconds, 0);
  ntk::check(cudaEventDestroy(begin));
  ntk::check(cudaEventDestroy(end));
  EXPECT_THROW(ntk::check(cudaEventDestroy(end)), ntk::DeviceError);
}

}  // namespace
