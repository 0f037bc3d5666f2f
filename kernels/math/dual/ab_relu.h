// phi(x) = a min(x, 0) + b max(x, 0) = u x + w |x| with u = (a + b)/2, w = (b - a)/2:
// ReLU (0, 1), leaky ReLU (alpha, 1), absolute value (-1, 1).
// The arc-cosine kernel of order 1 (Cho and Saul 2009), with theta in [0, pi/2] the angle of |rho|:
//   E[|x||y|] = p (1 - d),  d = (2/pi)(theta - sin theta) + m (1 - 2 theta/pi),
//   K' = u^2 K + w^2 E[|x||y|],   E[phi' phi'] = u^2 + w^2 sign(rho) (1 - 2 theta/pi).
#pragma once

#include "kernels/math/angle.h"
#include "kernels/math/entry.h"

NTK_MATH_BEGIN

struct AbRelu {
  static constexpr int kFeatures = 0;
  template <class T>
  struct Constants {
    T u2, w2;  // u^2, w^2
    T un, wn;  // the same over their sum, the gain q'/q
  };
  template <class T>
  static NTK_HD Constants<T> constants(const double* p) {
    const double u2 = square((p[0] + p[1]) / 2), w2 = square((p[1] - p[0]) / 2), n = u2 + w2;
    return {T(u2), T(w2), T(n > 0 ? u2 / n : 1), T(n > 0 ? w2 / n : 0)};
  }
  template <bool kNtk, class T>
  static NTK_HD void step(const Constants<T>& k, const T*, const T*, Entry<T>& e) {
    const T m = e.m(), sgn = e.sign();
    const T root = sqrt_of(2 * m);
    const T turn = T(2 / kPi) * root;
    const T rest = 1 - turn * angle_ratio(m);  // 1 - 2 theta/pi
    const T d = m * (turn * angle_excess(m) + rest);
    const T one_minus = (1 - sgn) + sgn * m, one_plus = (1 + sgn) - sgn * m;
    e.set_ends(k.un * one_minus + k.wn * d, k.un * one_plus + k.wn * (2 - d));
    if (kNtk) e.theta *= k.u2 + k.w2 * sgn * rest;
  }
  static NTK_HD SampleStep sample(const double* p, double q, double*) {
    const Constants<double> k = constants<double>(p);
    const double gain = k.u2 + k.w2;
    return {gain * q, q > 0 ? gain : k.u2};  // at q = 0 the angle counts as pi/2
  }
};

NTK_MATH_END
