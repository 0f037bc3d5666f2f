// Kernels that are exponentials of the covariance or of the correlation.
#pragma once

#include "kernels/math/entry.h"
#include "kernels/math/exponential.h"

NTK_MATH_BEGIN

// phi(x) = a exp(b x): with x = b^2 q, K' = a^2 exp((x1 + x2)/2 + b^2 K), E[phi' phi'] = b^2 K'.
//   1 - rho' = 1 - exp(-d),  d = (sqrt x1 - sqrt x2)^2/2 + sqrt(x1 x2) (1 - rho).
struct Exponential {
  static constexpr int kFeatures = 2;  // sqrt x, sqrt q'
  template <class T>
  struct Constants {
    T b2;
  };
  template <class T>
  static NTK_HD Constants<T> constants(const double* p) {
    return {T(square(p[1]))};
  }
  template <bool kNtk, class T>
  static NTK_HD void step(const Constants<T>& k, const T* f1, const T* f2, Entry<T>& e) {
    const T d = T(0.5) * square(f1[0] - f2[0]) + f1[0] * f2[0] * e.delta();
    e.v = fall_of(d);
    if (kNtk) e.theta *= k.b2 * (f1[1] * f2[1]) * (1 - e.v);
  }
  static NTK_HD SampleStep sample(const double* p, double q, double* f) {
    const double b2 = square(p[1]), own = square(p[0]) * exp(2 * b2 * q);
    f[0] = sqrt(b2 * q), f[1] = sqrt(own);
    return {own, b2 * own};
  }
};

// The kernel sqrt(q1 q2) exp(g (rho + s)) (neural_tangents stax.ExpNormalized), whose Theta is
// multiplied by g exp(g (rho + s)).
struct ExpNormalized {
  static constexpr int kFeatures = 0;
  template <class T>
  struct Constants {
    T g, gain;  // gain = exp(g (1 + s)) = q'/q
  };
  template <class T>
  static NTK_HD Constants<T> constants(const double* p) {
    return {T(p[0]), T(exp(p[0] * (1 + p[1])))};
  }
  template <bool kNtk, class T>
  static NTK_HD void step(const Constants<T>& k, const T*, const T*, Entry<T>& e) {
    e.v = fall_of(k.g * e.delta());
    if (kNtk) e.theta *= k.g * k.gain * (1 - e.v);
  }
  static NTK_HD SampleStep sample(const double* p, double q, double*) {
    const Constants<double> k = constants<double>(p);
    // At q = 0 the correlation counts as 0.
    return {k.gain * q, k.g * (q > 0 ? k.gain : exp(p[0] * p[1]))};
  }
};

NTK_MATH_END
