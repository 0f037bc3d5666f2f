// What erf and GELU share. With x_i in [0, 1) per sample, X = sqrt(x1 x2) and alpha_i = asin(x_i):
//   angle = asin(X |rho|)  and  gap = (alpha_1 + alpha_2)/2 - angle >= 0,
// the gap without cancellation. From cos A - cos B = 2 sin((A+B)/2) sin((B-A)/2),
//   sin gap = [cos(2 angle) - cos(alpha_1 + alpha_2)] / (2 sin(beta + angle)),  beta = (alpha_1 +
//   alpha_2)/2,
// and for x = q/(1 + q), where cos alpha = sqrt(1 + 2q)/(1 + q), the bracket is
//   ((g1 - g2) v1 v2)^2 / 2 + 2 X^2 (1 - rho^2),   g = sqrt(1 + 2q),  v = 1/sqrt(1 + q).
#pragma once

#include "kernels/math/angle.h"
#include "kernels/math/entry.h"

NTK_MATH_BEGIN

// Per-sample features of the gap, from q: f[0..kGapFeatures).
struct GapFeatures {
  double root_x;        // sqrt(x)
  double v;             // 1/sqrt(1 + q)
  double g;             // sqrt(1 + 2q) - 1
  double v_scaled;      // v / sqrt(root_x), so that no product underflows for small q
  double sine, cosine;  // of alpha/2
  double root_alpha;    // sqrt(alpha)
};
constexpr int kGapFeatures = 7;

NTK_HD void gap_features(double q, double* f) {
  const double x = q / (1 + q), alpha = atan2(q, sqrt(1 + 2 * q));
  f[0] = sqrt(x);
  f[1] = 1 / sqrt(1 + q);
  f[2] = 2 * q / (1 + sqrt(1 + 2 * q));
  f[3] = q > 0 ? f[1] / sqrt(f[0]) : 0;
  f[4] = sin(alpha / 2);
  f[5] = cos(alpha / 2);
  f[6] = sqrt(alpha);
}

template <class T>
struct ArcsineGap {
  T X;       // sqrt(x1 x2)
  T cosine;  // of the angle
  T angle, gap;
};

template <class T>
NTK_HD ArcsineGap<T> arcsine_gap(const T* f1, const T* f2, T m) {
  const T X = f1[0] * f2[0], one_minus_rho2 = m * (2 - m);
  const T x1 = square(f1[0]), y1 = square(f1[1]), y2 = square(f2[1]);
  const T cosine = sqrt_of(y1 + x1 * y2 + X * X * one_minus_rho2);
  const T sine = X * (1 - m);
  const T sine_beta = f1[4] * f2[5] + f1[5] * f2[4], cosine_beta = f1[5] * f2[5] - f1[4] * f2[4];
  const T beta = T(0.5) * (square(f1[6]) + square(f2[6]));
  const T norms = (f1[2] - f2[2]) * (f1[3] * f2[3]);
  const T sine_gap = X * (T(0.5) * square(norms) + 2 * X * one_minus_rho2) /
                     nonzero(2 * (sine * cosine_beta + cosine * sine_beta));
  // The smaller of the two angles is at most pi/4; the other follows from it. Beside a zero sample
  // both sines are 0 here, and it is the angle that is.
  const auto near_end = sine_gap < sine;
  const T small = asin_small(smaller(sine_gap, sine));
  return {X, cosine, select(near_end, beta - small, small), select(near_end, small, beta - small)};
}

NTK_MATH_END
