// The functions that nvcc knows of itself, as far as kernels may use them. Included by
// cuda_on_host.h.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <concepts>

namespace cuda_on_host {

template <class T, class... Types>
concept OneOf = (std::same_as<T, Types> || ...);

// The types for which CUDA has shuffles and atomics; others would not compile for the GPU.
template <class T>
concept Shufflable =
    OneOf<T, int, unsigned, long, unsigned long, long long, unsigned long long, float, double>;
template <class T>
concept AtomicBits = OneOf<T, int, unsigned, unsigned long long>;
template <class T>
concept AtomicOrdered = AtomicBits<T> || OneOf<T, long long>;
template <class T>
concept AtomicSummable = AtomicBits<T> || OneOf<T, float, double>;

template <Shufflable T>
T shuffle(const char* operation, unsigned mask, T value, int source_lane,
          const std::source_location& where) {
  std::uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof(T));
  bits = wait_in_warp({operation, mask, source_lane, bits}, where);
  std::memcpy(&value, &bits, sizeof(T));
  return value;
}

inline unsigned vote(const char* operation, unsigned mask, int predicate,
                     const std::source_location& where) {
  const WarpCall call{operation, mask, WarpCall::kVote, predicate != 0 ? 1u : 0u};
  return static_cast<unsigned>(wait_in_warp(call, where));
}

// The segment of `width` lanes that this lane is in.
inline int segment_begin(int width) { return lane() & ~(width - 1); }
inline int segment_last(int width) { return lane() | (width - 1); }

// Relaxed, as CUDA's are: an atomic orders nothing but itself.
template <class T, class Update>
T atomic_update(T* p, Update update) {
  T before, after;
  __atomic_load(p, &before, __ATOMIC_RELAXED);
  do {
    after = update(before);
  } while (
      !__atomic_compare_exchange(p, &before, &after, true, __ATOMIC_RELAXED, __ATOMIC_RELAXED));
  return before;
}

}  // namespace cuda_on_host

#define CUDA_ON_HOST_WHERE const std::source_location& where = std::source_location::current()

// --- synchronization ---

inline void __syncthreads(CUDA_ON_HOST_WHERE) { cuda_on_host::wait_in_block(where); }
inline void __syncwarp(unsigned mask = 0xffffffffu, CUDA_ON_HOST_WHERE) {
  cuda_on_host::wait_in_warp({"__syncwarp", mask, cuda_on_host::lane(), 0}, where);
}
inline void __threadfence() { cuda_on_host::fence(); }
inline void __threadfence_block() { cuda_on_host::fence(); }
[[noreturn]] inline void __trap(CUDA_ON_HOST_WHERE) { cuda_on_host::trap(where); }

// --- between the lanes of a warp ---

template <class T>
T __shfl_sync(unsigned mask, T value, int source, int width = warpSize, CUDA_ON_HOST_WHERE) {
  const int lane = cuda_on_host::segment_begin(width) | (source & (width - 1));
  return cuda_on_host::shuffle("__shfl_sync", mask, value, lane, where);
}
template <class T>
T __shfl_up_sync(unsigned mask, T value, unsigned delta, int width = warpSize, CUDA_ON_HOST_WHERE) {
  const int source = cuda_on_host::lane() - static_cast<int>(delta);
  const int lane = source < cuda_on_host::segment_begin(width) ? cuda_on_host::lane() : source;
  return cuda_on_host::shuffle("__shfl_up_sync", mask, value, lane, where);
}
template <class T>
T __shfl_down_sync(unsigned mask, T value, unsigned delta, int width = warpSize,
                   CUDA_ON_HOST_WHERE) {
  const int source = cuda_on_host::lane() + static_cast<int>(delta);
  const int lane = source > cuda_on_host::segment_last(width) ? cuda_on_host::lane() : source;
  return cuda_on_host::shuffle("__shfl_down_sync", mask, value, lane, where);
}
template <class T>
T __shfl_xor_sync(unsigned mask, T value, int lane_mask, int width = warpSize, CUDA_ON_HOST_WHERE) {
  const int source = cuda_on_host::lane() ^ lane_mask;
  const int lane = source > cuda_on_host::segment_last(width) ? cuda_on_host::lane() : source;
  return cuda_on_host::shuffle("__shfl_xor_sync", mask, value, lane, where);
}
inline unsigned __ballot_sync(unsigned mask, int predicate, CUDA_ON_HOST_WHERE) {
  return cuda_on_host::vote("__ballot_sync", mask, predicate, where);
}
inline int __any_sync(unsigned mask, int predicate, CUDA_ON_HOST_WHERE) {
  return cuda_on_host::vote("__any_sync", mask, predicate, where) != 0;
}
inline int __all_sync(unsigned mask, int predicate, CUDA_ON_HOST_WHERE) {
  return cuda_on_host::vote("__all_sync", mask, !predicate, where) == 0;
}

#undef CUDA_ON_HOST_WHERE

// --- atomics ---

template <cuda_on_host::AtomicSummable T>
T atomicAdd(T* p, std::type_identity_t<T> value) {
  return cuda_on_host::atomic_update(p, [=](T old) { return static_cast<T>(old + value); });
}
template <cuda_on_host::OneOf<int, unsigned> T>
T atomicSub(T* p, std::type_identity_t<T> value) {
  return cuda_on_host::atomic_update(p, [=](T old) { return static_cast<T>(old - value); });
}
template <cuda_on_host::AtomicOrdered T>
T atomicMax(T* p, std::type_identity_t<T> value) {
  return cuda_on_host::atomic_update(p, [=](T old) { return old < value ? value : old; });
}
template <cuda_on_host::AtomicOrdered T>
T atomicMin(T* p, std::type_identity_t<T> value) {
  return cuda_on_host::atomic_update(p, [=](T old) { return value < old ? value : old; });
}
template <cuda_on_host::AtomicBits T>
T atomicAnd(T* p, std::type_identity_t<T> value) {
  return cuda_on_host::atomic_update(p, [=](T old) { return static_cast<T>(old & value); });
}
template <cuda_on_host::AtomicBits T>
T atomicOr(T* p, std::type_identity_t<T> value) {
  return cuda_on_host::atomic_update(p, [=](T old) { return static_cast<T>(old | value); });
}
template <class T>
requires(cuda_on_host::AtomicBits<T> || std::same_as<T, float>) T
    atomicExch(T* p, std::type_identity_t<T> value) {
  return cuda_on_host::atomic_update(p, [=](T) { return value; });
}
template <cuda_on_host::AtomicBits T>
T atomicCAS(T* p, std::type_identity_t<T> expected, std::type_identity_t<T> value) {
  return cuda_on_host::atomic_update(p, [=](T old) { return old == expected ? value : old; });
}

// --- loads and stores with a hint for the caches ---

template <class T>
T __ldg(const T* p) {
  return *p;
}
template <class T>
T __ldcs(const T* p) {
  return *p;
}
template <class T>
T __ldcg(const T* p) {
  return *p;
}
template <class T>
void __stcs(T* p, std::type_identity_t<T> value) {
  *p = value;
}
template <class T>
void __stcg(T* p, std::type_identity_t<T> value) {
  *p = value;
}

// CUDA has these in the global namespace, for operands of one type or mixed ones; here of one type.
using std::max;
using std::min;

// --- arithmetic; the last bit may differ from a GPU's ---

inline float rsqrtf(float x) { return 1 / std::sqrt(x); }
inline double rsqrt(double x) { return 1 / std::sqrt(x); }
inline float __frsqrt_rn(float x) { return static_cast<float>(1 / std::sqrt(double{x})); }
inline float __fsqrt_rn(float x) { return std::sqrt(x); }
inline double __dsqrt_rn(double x) { return std::sqrt(x); }
inline float __fadd_rn(float a, float b) { return a + b; }
inline float __fsub_rn(float a, float b) { return a - b; }
inline float __fmul_rn(float a, float b) { return a * b; }
inline float __fdiv_rn(float a, float b) { return a / b; }
inline float __fmaf_rn(float a, float b, float c) { return std::fma(a, b, c); }
inline double __dadd_rn(double a, double b) { return a + b; }
inline double __dsub_rn(double a, double b) { return a - b; }
inline double __dmul_rn(double a, double b) { return a * b; }
inline double __ddiv_rn(double a, double b) { return a / b; }
inline double __fma_rn(double a, double b, double c) { return std::fma(a, b, c); }
inline float __frcp_rn(float x) { return 1 / x; }
inline double __drcp_rn(double x) { return 1 / x; }
inline float __fdividef(float a, float b) { return a / b; }
inline float __expf(float x) { return std::exp(x); }
inline float __logf(float x) { return std::log(x); }

// --- bits ---

inline int __float_as_int(float x) { return std::bit_cast<int>(x); }
inline unsigned __float_as_uint(float x) { return std::bit_cast<unsigned>(x); }
inline float __int_as_float(int x) { return std::bit_cast<float>(x); }
inline float __uint_as_float(unsigned x) { return std::bit_cast<float>(x); }
inline long long __double_as_longlong(double x) { return std::bit_cast<long long>(x); }
inline double __longlong_as_double(long long x) { return std::bit_cast<double>(x); }
inline int __popc(unsigned x) { return std::popcount(x); }
inline int __popcll(unsigned long long x) { return std::popcount(x); }
inline int __clz(int x) { return std::countl_zero(static_cast<unsigned>(x)); }
inline int __clzll(long long x) { return std::countl_zero(static_cast<unsigned long long>(x)); }
inline int __ffs(int x) { return __builtin_ffs(x); }
inline int __ffsll(long long x) { return __builtin_ffsll(x); }
