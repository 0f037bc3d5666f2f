// phi(x) = a exp(b x^2) (neural_tangents stax.Gaussian). With t = -2 b q and w = sqrt(1 + 2t):
//   K' = a^2 / sqrt D,  D = (1 + t1)(1 + t2) - t1 t2 rho^2,  q' = a^2 / w,
//   E[phi' phi'] = 4 a^2 b^2 K / D^(3/2),
//   D - w1 w2 = t1 t2 (1 - rho^2) + (w1 - w2)^2 / 2,  rho'^2 = w1 w2 / D.
// For b > 0 the variance is infinite from q = 1/(4b) on.
#pragma once

#include "kernels/math/entry.h"

NTK_MATH_BEGIN

struct Gaussian {
  static constexpr int kFeatures = 4;  // t, w, w - 1, sqrt q
  template <class T>
  struct Constants {
    T slope;
  };
  template <class T>
  static NTK_HD Constants<T> constants(const double* p) {
    return {T(4 * square(p[0] * p[1]))};
  }
  template <bool kNtk, class T>
  static NTK_HD void step(const Constants<T>& k, const T* f1, const T* f2, Entry<T>& e) {
    const T w = f1[1] * f2[1];
    const T excess = f1[0] * f2[0] * e.one_minus_rho_squared() + T(0.5) * square(f1[2] - f2[2]);
    const T inverse = 1 / (w + excess), rho = e.rho();
    e.v = excess * inverse / (1 + sqrt_of(w * inverse));
    if (kNtk) e.theta *= k.slope * (f1[3] * f2[3]) * rho * (inverse * sqrt_of(inverse));
  }
  static NTK_HD SampleStep sample(const double* p, double q, double* f) {
    const double t = -2 * p[1] * q, w2 = 1 + 2 * t;
    if (!(w2 > 0)) {
      f[0] = f[1] = f[2] = f[3] = 0;
      return {HUGE_VAL, HUGE_VAL};
    }
    const double w = sqrt(w2);
    f[0] = t, f[1] = w, f[2] = 2 * t / (1 + w), f[3] = sqrt(q);
    return {square(p[0]) / w, constants<double>(p).slope * q / (w2 * w)};
  }
};

NTK_MATH_END
