// phi(x) = a erf(b x) (Williams 1997). With Q = 2 b^2 q, x = Q/(1 + Q), alpha = asin x:
//   q' = a^2 (2/pi) alpha,   K' = a^2 (2/pi) asin(X rho),   E[phi' phi'] = a^2 b^2 (4/pi) v1 v2 /
//   cos(asin(X rho)), 1 - |rho'| = (gap - (sqrt alpha_1 - sqrt alpha_2)^2 / 2) / sqrt(alpha_1
//   alpha_2).
#pragma once

#include "kernels/math/dual/arcsine_gap.h"

NTK_MATH_BEGIN

struct Erf {
  static constexpr int kFeatures = kGapFeatures;
  template <class T>
  struct Constants {
    T slope;
  };
  template <class T>
  static NTK_HD Constants<T> constants(const double* p) {
    return {T(square(p[0] * p[1]) * 4 / kPi)};
  }
  template <bool kNtk, class T>
  static NTK_HD void step(const Constants<T>& k, const T* f1, const T* f2, Entry<T>& e) {
    const ArcsineGap<T> g = arcsine_gap(f1, f2, e.m());
    const T product = f1[6] * f2[6];
    // Far from the end, or for very unequal norms, the two terms of the deficit cancel and rho'
    // does not.
    const T deficit =
        select(g.gap <= g.angle, g.gap - T(0.5) * square(f1[6] - f2[6]), product - g.angle);
    e.v = copy_sign(larger(T(0), deficit) / nonzero(product), e.v);
    if (kNtk) e.theta *= k.slope * (f1[1] * f2[1]) / g.cosine;
  }
  static NTK_HD SampleStep sample(const double* p, double q, double* f) {
    const double Q = 2 * square(p[1]) * q;
    gap_features(Q, f);
    return {square(p[0]) * (2 / kPi) * square(f[6]), constants<double>(p).slope / sqrt(1 + 2 * Q)};
  }
};

NTK_MATH_END
