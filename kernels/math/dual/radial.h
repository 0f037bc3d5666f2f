// Kernels of the distance alone, which are no networks'. The input is scaled so that its K is
// x.y / length^2; then, with s = sqrt(q) and without cancellation,
//   D^2 = |x - y|^2 / length^2 = (s1 - s2)^2 + 2 s1 s2 (1 - rho),
// every q' is 1 and K' = k(D) (Rasmussen and Williams 2006, section 4.2.1):
//   0, Matern 1/2 (Laplace):  exp(-D)
//   1, Matern 3/2:            (1 + u) exp(-u),            u = sqrt(3) D
//   2, Matern 5/2:            (1 + u + u^2/3) exp(-u),    u = sqrt(5) D
//   3, Gauss (RBF):           exp(-D^2)
// There is no Theta: it becomes 0.
#pragma once

#include "kernels/math/entry.h"
#include "kernels/math/exponential.h"

NTK_MATH_BEGIN

struct Radial {
  static constexpr int kFeatures = 1;  // s
  static constexpr int kGauss = 3;
  template <class T>
  struct Constants {
    int shape;
  };
  template <class T>
  static NTK_HD Constants<T> constants(const double* p) {
    return {static_cast<int>(p[0])};
  }

  // (exp(u) - 1 - u) / u^2 for 0 <= u <= 1.
  template <class T>
  static NTK_HD T second_remainder(T u) {
    constexpr int kDegree = is_single<T>() ? 10 : 18;
    T sum = T(1);
    for (int k = kDegree; k > 2; --k) sum = T(1) + u * sum * T(1.0 / k);
    return T(0.5) * sum;
  }

  // 1 - k(D) of Matern 3/2 (third = 0) and 5/2 (third = 1/3): up to u = 1 it is exp(-u) times a
  // sum of positive terms.
  template <class T>
  static NTK_HD T matern_deficit(T u, double third) {
    const T e = exp_of(-u), near = smaller(u, T(1));
    return select(u < T(1), e * square(u) * (second_remainder(near) - T(third)),
                  1 - e * (1 + u * (1 + T(third) * u)));
  }

  template <bool kNtk, class T>
  static NTK_HD void step(const Constants<T>& k, const T* f1, const T* f2, Entry<T>& e) {
    constexpr double kFar = 1e4;  // k is 0 from there on; keeps infinity out
    const T squared =
        smaller(square(f1[0] - f2[0]) + 2 * (f1[0] * f2[0]) * e.delta(), T(kFar * kFar));
    if (k.shape == kGauss) {
      e.v = fall_of(squared);
    } else {
      const T distance = sqrt_of(squared);
      if (k.shape == 0)
        e.v = fall_of(distance);
      else if (k.shape == 1)
        e.v = matern_deficit(T(1.7320508075688772) * distance, 0);
      else
        e.v = matern_deficit(T(2.2360679774997897) * distance, 1.0 / 3);
    }
    if (kNtk) e.theta = 0;
  }
  static NTK_HD SampleStep sample(const double*, double q, double* f) {
    f[0] = sqrt(q);
    return {1, 0};
  }
};

NTK_MATH_END
