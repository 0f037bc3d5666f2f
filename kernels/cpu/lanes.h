// Several floats or doubles in one vector register, with the operators and functions that the
// kernel math asks of a number. Explicit, because a compiler that fails to vectorize a formula says
// nothing.
#pragma once

#include <cstdint>
#include <cstring>
#include <type_traits>
#include <utility>

#include "kernels/math/scalar.h"

#if defined(__SSE2__)
#include <immintrin.h>
#endif

NTK_MATH_BEGIN

#if defined(__AVX512F__)
constexpr int kVectorBytes = 64;
#elif defined(__AVX2__)
constexpr int kVectorBytes = 32;
#else
constexpr int kVectorBytes = 16;
#endif

template <class T>
struct Lanes {
  using Lane = T;
  static constexpr int kCount = kVectorBytes / static_cast<int>(sizeof(T));
  using Bits = std::conditional_t<sizeof(T) == 4, std::int32_t, std::int64_t>;
  using Vector __attribute__((vector_size(kVectorBytes))) = T;
  using Mask __attribute__((vector_size(kVectorBytes))) = Bits;

  Vector x;

  Lanes() = default;
  template <class S>
  requires std::is_arithmetic_v<S> NTK_HD Lanes(S value)
      : x(static_cast<T>(value) - Vector{}) {}  // minus: -0 stays -0
  NTK_HD explicit Lanes(Vector value) : x(value) {}

  static NTK_HD Lanes load(const T* p) {
    Lanes lanes;
    std::memcpy(&lanes.x, p, sizeof lanes.x);
    return lanes;
  }
  // Floats made double, for Lanes<double>.
  static NTK_HD Lanes load_single(const float* p) {
    using Half __attribute__((vector_size(kVectorBytes / sizeof(T) * sizeof(float)))) = float;
    Half half;
    std::memcpy(&half, p, sizeof half);
    return Lanes(__builtin_convertvector(half, Vector));
  }
  // Lane i is p[index[i]].
  static NTK_HD Lanes gather(const T* p, const std::int32_t* index) {
    Lanes lanes;
    for (int i = 0; i < kCount; ++i) lanes.x[i] = p[index[i]];
    return lanes;
  }
  NTK_HD void store(T* p) const { std::memcpy(p, &x, sizeof x); }

  friend NTK_HD Lanes operator+(Lanes a, Lanes b) { return Lanes(a.x + b.x); }
  friend NTK_HD Lanes operator-(Lanes a, Lanes b) { return Lanes(a.x - b.x); }
  friend NTK_HD Lanes operator*(Lanes a, Lanes b) { return Lanes(a.x * b.x); }
  friend NTK_HD Lanes operator/(Lanes a, Lanes b) { return Lanes(a.x / b.x); }
  friend NTK_HD Lanes operator-(Lanes a) { return Lanes(-a.x); }
  friend NTK_HD Mask operator<(Lanes a, Lanes b) { return a.x < b.x; }
  friend NTK_HD Mask operator<=(Lanes a, Lanes b) { return a.x <= b.x; }
  friend NTK_HD Mask operator>(Lanes a, Lanes b) { return a.x > b.x; }
  NTK_HD Lanes& operator+=(Lanes b) { return *this = *this + b; }
  NTK_HD Lanes& operator*=(Lanes b) { return *this = *this * b; }

  NTK_HD Mask bits() const { return reinterpret_cast<Mask>(x); }
  static NTK_HD Lanes of_bits(Mask bits) { return Lanes(reinterpret_cast<Vector>(bits)); }
  static NTK_HD Mask sign_bits() { return Lanes(T(-0.0)).bits(); }
};

template <class T>
struct LaneOf<Lanes<T>> {
  using type = T;
};

template <class T>
NTK_HD Lanes<T> select(typename Lanes<T>::Mask condition, Lanes<T> yes, Lanes<T> no) {
  return Lanes<T>(condition ? yes.x : no.x);
}
template <class T>
NTK_HD Lanes<T> abs_of(Lanes<T> a) {
  return Lanes<T>::of_bits(a.bits() & ~Lanes<T>::sign_bits());
}
template <class T>
NTK_HD Lanes<T> copy_sign(Lanes<T> magnitude, Lanes<T> sign) {
  const auto mask = Lanes<T>::sign_bits();
  return Lanes<T>::of_bits((magnitude.bits() & ~mask) | (sign.bits() & mask));
}

// One instruction each, where the general forms are a comparison and a selection.
template <class T>
NTK_HD Lanes<T> larger(Lanes<T> a, Lanes<T> b) {
#if defined(__AVX512F__)
  if constexpr (sizeof(T) == 4) return Lanes<T>(_mm512_maskz_max_ps(0xffff, b.x, a.x));
  if constexpr (sizeof(T) == 8) return Lanes<T>(_mm512_maskz_max_pd(0xff, b.x, a.x));
#elif defined(__AVX2__)
  if constexpr (sizeof(T) == 4) return Lanes<T>(_mm256_max_ps(b.x, a.x));
  if constexpr (sizeof(T) == 8) return Lanes<T>(_mm256_max_pd(b.x, a.x));
#elif defined(__SSE2__)
  if constexpr (sizeof(T) == 4) return Lanes<T>(_mm_max_ps(b.x, a.x));
  if constexpr (sizeof(T) == 8) return Lanes<T>(_mm_max_pd(b.x, a.x));
#else
  return Lanes<T>(a.x < b.x ? b.x : a.x);
#endif
}

// Lanes kBy, kBy + 1, ... of the two beside each other.
template <int kBy, class T, int... kLane>
NTK_HD Lanes<T> shifted(Lanes<T> low, Lanes<T> high, std::integer_sequence<int, kLane...>) {
  return Lanes<T>(__builtin_shufflevector(low.x, high.x, (kLane + kBy)...));
}
// The numbers one place before those of `here` and one place after them in memory, where `before`
// and `after` are the vectors beside it.
template <class T>
NTK_HD Lanes<T> one_before(Lanes<T> before, Lanes<T> here) {
  constexpr int kCount = Lanes<T>::kCount;
  return shifted<kCount - 1>(before, here, std::make_integer_sequence<int, kCount>());
}
template <class T>
NTK_HD Lanes<T> one_after(Lanes<T> here, Lanes<T> after) {
  return shifted<1>(here, after, std::make_integer_sequence<int, Lanes<T>::kCount>());
}

template <class T>
NTK_HD T largest_lane(Lanes<T> a) {
  T largest = a.x[0];
  for (int i = 1; i < Lanes<T>::kCount; ++i) largest = a.x[i] > largest ? a.x[i] : largest;
  return largest;
}

// 1.5 times two to the number of mantissa bits: a number added to it is rounded to a whole one,
// which then stands in the lowest bits.
template <class T>
constexpr T kRounder = sizeof(T) == 4 ? T(12582912.0) : T(6755399441055744.0);
template <class T>
NTK_HD Lanes<T> nearest_whole(Lanes<T> a) {
  return (a + Lanes<T>(kRounder<T>)) - Lanes<T>(kRounder<T>);
}
// a 2^k for whole k within the exponents of normal numbers.
template <class T>
NTK_HD Lanes<T> scaled_by_power(Lanes<T> a, Lanes<T> k) {
  constexpr int kMantissa = sizeof(T) == 4 ? 23 : 52, kBias = sizeof(T) == 4 ? 127 : 1023;
  const auto whole = (k + Lanes<T>(kRounder<T> + kBias)).bits() - Lanes<T>(kRounder<T>).bits();
  return a * Lanes<T>::of_bits(whole << kMantissa);
}

template <class T>
NTK_HD Lanes<T> sqrt_of(Lanes<T> a) {
#if defined(__AVX512F__)
  if constexpr (sizeof(T) == 4) return Lanes<T>(_mm512_maskz_sqrt_ps(0xffff, a.x));
  if constexpr (sizeof(T) == 8) return Lanes<T>(_mm512_maskz_sqrt_pd(0xff, a.x));
#elif defined(__AVX2__)
  if constexpr (sizeof(T) == 4) return Lanes<T>(_mm256_sqrt_ps(a.x));
  if constexpr (sizeof(T) == 8) return Lanes<T>(_mm256_sqrt_pd(a.x));
#elif defined(__SSE2__)
  if constexpr (sizeof(T) == 4) return Lanes<T>(_mm_sqrt_ps(a.x));
  if constexpr (sizeof(T) == 8) return Lanes<T>(_mm_sqrt_pd(a.x));
#else
  for (int i = 0; i < Lanes<T>::kCount; ++i) a.x[i] = sqrt_of(a.x[i]);
  return a;
#endif
}

NTK_MATH_END
