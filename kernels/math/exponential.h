// Exponentials of a number or of several lanes at once. Lanes bring scaled_by_power (x 2^k) and
// nearest_whole; one number uses the library's functions.
#pragma once

#include "kernels/math/scalar.h"

NTK_MATH_BEGIN

NTK_HD float exp_of(float x) { return expf(x); }
NTK_HD double exp_of(double x) { return exp(x); }
NTK_HD float fall_of(float d) { return fabsf(expm1f(-d)); }
NTK_HD double fall_of(double d) { return fabs(expm1(-d)); }

NTK_HD constexpr double inverse_factorial(int n) {
  double product = 1;
  for (int k = 2; k <= n; ++k) product *= k;
  return 1 / product;
}

// exp(r) - 1 for |r| <= log(2)/2: Taylor's series, cut where the next term is below a rounding.
template <class T>
NTK_HD T small_exp_minus_one(T r) {
  constexpr int kDegree = is_single<T>() ? 7 : 13;
  T sum = T(inverse_factorial(kDegree));
  for (int k = kDegree - 1; k > 0; --k) sum = T(inverse_factorial(k)) + r * sum;
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

// 1 - exp(-d) for d >= 0, without cancellation; at 0 it is +0, never the -0 that would mean rho =
// -1 in an Entry.
template <class T>
NTK_HD T fall_of(T d) {
  const T far = T(is_single<T>() ? 20.0 : 45.0);  // 1 to rounding from there on
  const ReducedExponent<T> e = reduced_exponent(-smaller(far, d));
  const T power = scaled_by_power(T(1), e.k);
  return (1 - power) - power * small_exp_minus_one(e.r);
}

// sinh(x) for |x| <= 1/2: Taylor's series.
template <class T>
NTK_HD T small_sinh(T x) {
  constexpr int kDegree = is_single<T>() ? 7 : 13;
  const T square = x * x;
  T sum = T(inverse_factorial(kDegree));
  for (int k = kDegree - 2; k > 0; k -= 2) sum = T(inverse_factorial(k)) + square * sum;
  return x * sum;
}

NTK_MATH_END
