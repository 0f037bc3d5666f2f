// phi(x) = sign(x): the arc-cosine kernel of order 0 (Cho and Saul 2009), K' = 1 - 2 theta/pi.
// Its derivative is zero wherever it has one, so Theta becomes 0.
#pragma once

#include "kernels/math/angle.h"
#include "kernels/math/entry.h"

NTK_MATH_BEGIN

struct Sign {
  static constexpr int kFeatures = 0;
  template <class T>
  struct Constants {};
  template <class T>
  static NTK_HD Constants<T> constants(const double*) {
    return {};
  }
  template <bool kNtk, class T>
  static NTK_HD void step(const Constants<T>&, const T*, const T*, Entry<T>& e) {
    const T m = e.m();
    e.v = copy_sign(T(2 / kPi) * sqrt_of(2 * m) * angle_ratio(m), e.v);
    if (kNtk) e.theta = 0;
  }
  static NTK_HD SampleStep sample(const double*, double q, double*) {
    return {q > 0 ? 1.0 : 0.0, 0};
  }
};

NTK_MATH_END
