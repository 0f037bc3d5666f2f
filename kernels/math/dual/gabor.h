// phi(x) = exp(-x^2) sin(x) (neural_tangents stax.Gabor). With P = q1 q2, S = q1 + q2,
// d = 4 P (1 - rho^2), m = 1 + 2S + d, y = K/m, and m_i = 1 + 4 q_i, w_i = q_i/m_i:
//   K' = exp(-(S + d)/(2m)) sinh(y) / sqrt m,   q' = exp(-w) sinh(w) / sqrt(m_i),
//   E[phi' phi'] = exp(-(S + d)/(2m)) [h cosh y + g sinh y] / m^(5/2),
//   h = 1 + 2S + 4 (K^2 + P),  g = 4 K (d + 3S + 2).
// rho'^2 is the product of three factors whose distances from 1 are, with e = (sqrt q1 - sqrt q2)^2
// and W = (w1 + w2)/2, in turn
//   1 - F^2 = [4 (q1 - q2)^2 + 2d (1 + 2S) + d^2] / m^2  for  F = sqrt(m1 m2)/m,
//   1 - exp(-2 z),  z = [2 (q1 - q2)^2 + d (1 + 3S + 8P)] / (2 m m1 m2),
//   [sinh(W - |y|) sinh(W + |y|) - sinh^2((w1 - w2)/2)] / (sinh w1 sinh w2),
//   W - |y| = [e (1 + 2e + 16P) + d (S + 8P) + 2 sqrt P (1 - |rho|) (1 + 4S + 16P)] / (2 m m1 m2),
// where w_i and |y| are below 1/4.
#pragma once

#include "kernels/math/entry.h"
#include "kernels/math/exponential.h"

NTK_MATH_BEGIN

struct Gabor {
  static constexpr int kFeatures = 3;  // sqrt q, w, sqrt(sinh w)
  template <class T>
  struct Constants {};
  template <class T>
  static NTK_HD Constants<T> constants(const double*) {
    return {};
  }

  template <bool kNtk, class T>
  static NTK_HD void step(const Constants<T>&, const T* f1, const T* f2, Entry<T>& e) {
    const T q1 = square(f1[0]), q2 = square(f2[0]), p = f1[0] * f2[0], P = p * p, S = q1 + q2;
    const T r = 1 - e.m(), d = 4 * P * e.one_minus_rho_squared();
    const T m = 1 + 2 * S + d, mm = (1 + 4 * q1) * (1 + 4 * q2);
    const T unequal = square((f1[0] - f2[0]) * (f1[0] + f2[0])), gap = square(f1[0] - f2[0]);
    const T of_all = 1 / (m * mm), inverse = of_all * mm;  // 1/m
    const T y = p * r * inverse;

    const T far = (4 * unequal + d * (2 + 4 * S + d)) * inverse * inverse;
    const T F = sqrt_of(mm) * inverse, first = far / (1 + F);
    const T z = T(0.5) * (2 * unequal + d * (1 + 3 * S + 8 * P)) * of_all;
    const T fall = fall_of(z), second = fall * (2 - fall);
    const T distance =
        T(0.5) *
        (gap * (1 + 2 * gap + 16 * P) + d * (S + 8 * P) + 2 * p * e.m() * (1 + 4 * S + 16 * P)) *
        of_all;
    const T sines = square(f1[2] * f2[2]), mean = T(0.5) * (f1[1] + f2[1]);
    const T third = larger(T(0), small_sinh(distance) * small_sinh(mean + y) -
                                     square(small_sinh(T(0.5) * (f1[1] - f2[1])))) /
                    nonzero(sines);
    const T two = first + second * (1 - first);
    const T sinh_y = small_sinh(y);
    const T rho = e.sign() * sqrt_of(F) * (1 - fall) * sinh_y / nonzero(f1[2] * f2[2]);
    e.set_squared_near_ends(rho, select(sines > T(0), two + third * (1 - two), T(1)));
    if (kNtk) {
      const T cosh_y = sqrt_of(1 + sinh_y * sinh_y);
      const T K = p * r, h = 1 + 2 * S + 4 * (K * K + P), g = 4 * K * (d + 3 * S + 2);
      // exp(-(S + d)/(2m)), whose exponent is 1/2 at most, from its root.
      const T root = 1 + small_exp_minus_one(T(-0.25) * (S + d) * inverse);
      e.theta *= square(root) * (h * cosh_y + g * sinh_y) * (inverse * inverse * sqrt_of(inverse));
    }
  }
  static NTK_HD SampleStep sample(const double*, double q, double* f) {
    const double m = 1 + 4 * q, w = q / m, sine = sinh(w);
    f[0] = sqrt(q), f[1] = w, f[2] = sqrt(sine);
    const double h = 1 + 4 * q + 8 * q * q, g = 4 * q * (6 * q + 2);
    return {exp(-w) * sine / sqrt(m), exp(-w) * (h * cosh(w) + g * sine) / (m * m * sqrt(m))};
  }
};

NTK_MATH_END
