// The few functions that the kernel math uses on numbers. T is float, double, or a type of several
// lanes (kernels/cpu/lanes.h) that brings the same functions; so nothing here or in the formulas
// branches.
#pragma once

#include "kernels/math/hd.h"

NTK_MATH_BEGIN

constexpr double kPi = 3.14159265358979323846;

// The type of one lane.
template <class T>
struct LaneOf {
  using type = typename T::Lane;
};
template <>
struct LaneOf<float> {
  using type = float;
};
template <>
struct LaneOf<double> {
  using type = double;
};
template <class T>
constexpr bool is_single() {
  return sizeof(typename LaneOf<T>::type) == sizeof(float);
}

NTK_HD float sqrt_of(float x) { return sqrtf(x); }
NTK_HD double sqrt_of(double x) { return sqrt(x); }
NTK_HD float abs_of(float x) { return fabsf(x); }
NTK_HD double abs_of(double x) { return fabs(x); }
NTK_HD float copy_sign(float magnitude, float sign) { return copysignf(magnitude, sign); }
NTK_HD double copy_sign(double magnitude, double sign) { return copysign(magnitude, sign); }
NTK_HD float largest_lane(float x) { return x; }
NTK_HD double largest_lane(double x) { return x; }
NTK_HD float select(bool condition, float yes, float no) { return condition ? yes : no; }
NTK_HD double select(bool condition, double yes, double no) { return condition ? yes : no; }

template <class T>
NTK_HD T smaller(T a, T b) {
  return select(a < b, a, b);
}
template <class T>
NTK_HD T larger(T a, T b) {
  return select(a < b, b, a);
}
template <class T>
NTK_HD T square(T x) {
  return x * x;
}

// a b - rounded(a b), exactly, for factors below 1e290.
NTK_HD double product_error(double a, double b, double ab) {
  constexpr double kSplit = 134217729;  // 2^27 + 1
  const double ta = kSplit * a, tb = kSplit * b;
  const double a1 = ta - (ta - a), a2 = a - a1, b1 = tb - (tb - b), b2 = b - b1;
  return ((a1 * b1 - ab) + a1 * b2 + a2 * b1) + a2 * b2;
}

// a b - c d to a rounding or two of the result, however much cancels (Kahan): 0 for equal products.
NTK_HD double difference_of_products(double a, double b, double c, double d) {
#if defined(__CUDACC__) || defined(__FMA__) || !defined(__x86_64__)
  const double cd = c * d;
  return fma(a, b, -cd) - fma(c, d, -cd);
#else  // without fused operations, by splitting the factors (Veltkamp, Dekker)
  const double ab = a * b, cd = c * d;
  return (ab - cd) + (product_error(a, b, ab) - product_error(c, d, cd));
#endif
}

// A denominator that is zero only where its numerator is: the quotient then becomes 0, not NaN.
template <class T>
NTK_HD T nonzero(T x) {
  return larger(x, T(is_single<T>() ? 1.17549435082228751e-38 : 2.2250738585072014e-308));
}

NTK_MATH_END
