// phi(x) = a sin(b x + c) (neural_tangents stax.Sin, Cos, Rbf). With x = b^2 q, p = sqrt(x1 x2),
//   d = (x1 + x2)/2 - p rho,  g = (x1 + x2)/2 + p rho,  alpha = a^2/2,  beta = a^2 cos(2c)/2:
//   K' = alpha exp(-d) - beta exp(-g),   q' = alpha - beta exp(-2x),
//   E[phi' phi'] = b^2 (alpha exp(-d) + beta exp(-g)),
//   q1' q2' - K'^2 = (1 - exp(-2d)) (alpha^2 - beta^2 exp(-2g)) - alpha beta (exp(-x1) -
//   exp(-x2))^2.
// d and g are sums of positive terms: (sqrt x1 - sqrt x2)^2/2 + p (1 -+ rho).
#pragma once

#include "kernels/math/entry.h"
#include "kernels/math/exponential.h"

NTK_MATH_BEGIN

struct Trigonometric {
  static constexpr int kFeatures = 3;  // sqrt x, 1 - exp(-x), sqrt q'
  template <class T>
  struct Constants {
    T alpha, beta, offset;  // offset = alpha - beta = a^2 sin(c)^2
    T b2;
    bool is_radial;  // beta is 0: K' = alpha exp(-d), a radial basis function
  };
  template <class T>
  static NTK_HD Constants<T> constants(const double* p) {
    const double alpha = square(p[0]) / 2, offset = square(p[0] * sin(p[2]));
    const bool is_radial = fabs(alpha - offset) <= 1e-15 * alpha;
    return {T(alpha), T(alpha - offset), T(offset), T(square(p[1])), is_radial};
  }
  // 1 - exp(-2x) from 1 - exp(-x).
  template <class T>
  static NTK_HD T twice(T fall) {
    return fall * (2 - fall);
  }
  template <bool kNtk, class T>
  static NTK_HD void step(const Constants<T>& k, const T* f1, const T* f2, Entry<T>& e) {
    const T p = f1[0] * f2[0], unequal = T(0.5) * square(f1[0] - f2[0]);
    if (k.is_radial) {
      e.v = fall_of(unequal + p * e.delta());
      if (kNtk) e.theta *= k.b2 * k.alpha * (1 - e.v);
      return;
    }
    const auto positive = e.sign() > T(0);
    // 1 - exp of minus the smaller one of d and g, of their difference, and of the larger one.
    const T near = fall_of(unequal + p * e.m()), apart = fall_of(2 * p * (1 - e.m()));
    const T far = near + apart * (1 - near);
    const T covariance = (1 - near) * (k.offset + apart * select(positive, k.beta, -k.alpha));
    const T product = square(f1[2] * f2[2]);
    const T twice_d = twice(select(positive, near, far)),
            twice_g = twice(select(positive, far, near));
    const T determinant = twice_d * (k.offset * (k.alpha + k.beta) + k.beta * k.beta * twice_g) -
                          k.alpha * k.beta * square(f1[1] - f2[1]);
    e.set_squared_near_ends(
        covariance / nonzero(f1[2] * f2[2]),
        select(product > T(0), larger(T(0), determinant) / nonzero(product), T(1)));
    if (kNtk) {
      const T rest = 1 - apart;
      e.theta *=
          k.b2 * (1 - near) * select(positive, k.alpha + k.beta * rest, k.alpha * rest + k.beta);
    }
  }
  static NTK_HD SampleStep sample(const double* p, double q, double* f) {
    const Constants<double> k = constants<double>(p);
    const double x = k.b2 * q, own = k.offset - k.beta * expm1(-2 * x);
    f[0] = sqrt(x), f[1] = -expm1(-x), f[2] = sqrt(own);
    return {own, k.b2 * (k.alpha + k.beta * exp(-2 * x))};
  }
};

NTK_MATH_END
