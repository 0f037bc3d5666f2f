// phi(x) = x Phi(x), exact GELU (Tsuchida et al. 2021; neural_tangents stax.Gelu). With p = sqrt(q1
// q2), p1 = (1 + q1)(1 + q2), d = sqrt(p1 - K^2), angle = asin(K / sqrt p1):
//   K' = K/4 + [(K^2 + p^2 d^2)/(p1 d) + K angle] / (2 pi)
//   E[phi' phi'] = 1/4 + [(K/d)(1/d^2 + 1/(1 + q1) + 1/(1 + q2)) + angle] / (2 pi)
// K/4 is odd in rho and the rest even, so rho < 0 follows from |rho|. For rho >= 0, with kappa =
// q'/q and x = q/(1 + q), g = sqrt(1 + 2q), f = x/g, t = g + 1/g, U = sqrt(x1 x2) v1 v2:
//   (sqrt(kappa1 kappa2) - K'/p) = m/4 + [(sqrt f1 - sqrt f2)^2 + U B + gap + m angle] / (2 pi)
//                                  - (sqrt kappa1 - sqrt kappa2)^2 / 2,
//   B = (g1 - g2)^2 / (4 g1 g2 G) - (sqrt t1 - sqrt t2)^2 / 2 - eta (1 - 1/(G d)) + (1 - rho^2)/d,
//   G = (g1 + g2)/2,  eta = d - G = ((g1 - g2)^2 / 4 + p^2 (1 - rho^2)) / (d + G).
// Every term is small near rho = 1: the error of 1 - rho' is a rounding times the angle.
#pragma once

#include "kernels/math/dual/arcsine_gap.h"

NTK_MATH_BEGIN

struct Gelu {
  static constexpr int kFeatures = kGapFeatures + 5;
  template <class T>
  struct Constants {};
  template <class T>
  static NTK_HD Constants<T> constants(const double*) {
    return {};
  }

  template <bool kNtk, class T>
  static NTK_HD void step(const Constants<T>&, const T* f1, const T* f2, Entry<T>& e) {
    const T *h1 = f1 + kGapFeatures, *h2 = f2 + kGapFeatures;  // s, 1/g, sqrt f, sqrt kappa, sqrt t
    const T m = e.m(), sgn = e.sign(), one_minus_rho2 = e.one_minus_rho_squared();
    const ArcsineGap<T> a = arcsine_gap(f1, f2, m);
    const T V = f1[1] * f2[1], p = h1[0] * h2[0];
    const T G = 1 + T(0.5) * (f1[2] + f2[2]), dg = f1[2] - f2[2];
    const T d = a.cosine / V, inverse_d = V / a.cosine;
    const T eta = (T(0.25) * square(dg) + p * p * one_minus_rho2) / (d + G);
    const T B = square(dg) * (h1[1] * h2[1]) / (4 * G) - T(0.5) * square(h1[4] - h2[4]) -
                eta * (1 - inverse_d / G) + one_minus_rho2 * inverse_d;
    const T even = square(h1[2] - h2[2]) + a.X * V * B + a.gap + m * a.angle;
    const T deficit = T(0.25) * m + T(0.5 / kPi) * even - T(0.5) * square(h1[3] - h2[3]);
    const T scale = 1 / nonzero(h1[3] * h2[3]);
    const T delta = larger(T(0), deficit) * scale;       // 1 - rho' at |rho|
    const T rho = 1 - delta - T(0.5) * (1 - m) * scale;  // rho' at -|rho|
    e.v = select(sgn > T(0), delta, copy_sign(1 - abs_of(rho), rho));
    if (kNtk) {
      const T slope = p * (1 - m) * inverse_d * (square(inverse_d) + square(f1[1]) + square(f2[1]));
      e.theta *= T(0.25) + sgn * T(0.5 / kPi) * (slope + a.angle);
    }
  }

  static NTK_HD SampleStep sample(const double*, double q, double* f) {
    gap_features(q, f);
    double* h = f + kGapFeatures;
    const double x = q / (1 + q), g = sqrt(1 + 2 * q), alpha = square(f[6]);
    const double kappa = 0.25 + (2 * x / g + alpha) / (2 * kPi);
    h[0] = sqrt(q);
    h[1] = 1 / g;
    h[2] = sqrt(x / g);
    h[3] = sqrt(kappa);
    h[4] = sqrt(g + 1 / g);
    const double slope = q / g * (1 / (g * g) + 2 / (1 + q));
    return {kappa * q, 0.25 + (slope + alpha) / (2 * kPi)};
  }
};

NTK_MATH_END
