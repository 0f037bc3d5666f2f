// Exponentials of a number or of several lanes at once. Lanes bring scaled_by_power (x 2^k) and
// nearest_whole; one number uses the library's functions.
#pragma once

#include "kernels/math/scalar.h"

NTK_MATH_BEGIN

NTK_HD float exp_of(float x) { return expf(x); }
NTK_HD double exp_of(double x) { return exp(x); }
NTK_HD float exp_minus_one(float x) { return expm1f(x); }
NTK_HD double exp_minus_one(double x) { return expm1(x); }

// exp(r) - 1 for |r| <= log(2)/2: Taylor's series, cut where the next term is below a rounding.
template <class T>
NTK_HD T small_exp_minus_one(T r) {
  constexpr int kDegree = is_single<T>() ? 8 : 14;
  T sum = T(1);
  for (int k = kDegree; k > 1; --k) sum = T(1) + r * sum * T(1.0 / k);
  return r * sum;
}

// x = k log(2) + r
template <class T>
struct ReducedExponent {
  T k, r;
};
template <class T>
NTK_HD ReducedExponent<T> reduced_exponent(T x) {
  // log(2) in two parts, the first so short that k times it is exact.
  constexpr double kHigh = is_single<T>() ? 0.693359375 : 0.693147180369123816490;
  constexpr double kLow = is_single<T>() ? -2.12194440054690583e-4 : 1.90821492927058770002e-10;
  const T k = nearest_whole(x * T(1.44269504088896340736));
  return {k, (x - k * T(kHigh)) - k * T(kLow)};
}

template <class T>
NTK_HD T exp_of(T x) {
  constexpr double kLowest = is_single<T>() ? -87.0 : -708.0, kHighest = -kLowest;
  const ReducedExponent<T> e = reduced_exponent(smaller(larger(x, T(kLowest)), T(kHighest)));
  const T y = scaled_by_power(1 + small_exp_minus_one(e.r), e.k);
  const T big = T(is_single<T>() ? 3e38 : 1e308);
  return select(x < T(kLowest), T(0), select(x > T(kHighest), big * big, y));
}

// exp(x) - 1, without cancellation.
template <class T>
NTK_HD T exp_minus_one(T x) {
  constexpr double kLowest = is_single<T>() ? -20.0 : -45.0,
                   kHighest = is_single<T>() ? 87.0 : 708.0;
  const ReducedExponent<T> e = reduced_exponent(smaller(larger(x, T(kLowest)), T(kHighest)));
  const T y = (scaled_by_power(T(1), e.k) - 1) + scaled_by_power(small_exp_minus_one(e.r), e.k);
  const T big = T(is_single<T>() ? 3e38 : 1e308);
  return select(x < T(kLowest), T(-1), select(x > T(kHighest), big * big, y));
}

// 1 - exp(-d) for d >= 0; at 0 it is +0, never the -0 that would mean rho = -1 in an Entry.
template <class T>
NTK_HD T fall_of(T d) {
  return abs_of(exp_minus_one(-d));
}

// sinh(x), without cancellation.
template <class T>
NTK_HD T sinh_of(T x) {
  const T e = exp_minus_one(x);
  return T(0.5) * (e + e / (e + 1));
}

NTK_MATH_END
