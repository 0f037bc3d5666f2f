// softplus x = log(1 + exp x) and swish x = x sigmoid(x) at any variance. sigmoid is a mixture of
// normal distribution functions (kernels/math/dual/tanh.h): sigmoid(x) = E[Phi(x/a)], a = 2k with k
// of Kolmogorov's distribution. So softplus(x) = E[max(x + a Z, 0)] and swish(x) = E[x Phi(x/a)].
// For a pair of nodes a, b, with V1 = q1 + a^2, V2 = q2 + b^2, D^2 = V1 V2 - K^2, tan(theta) = D/K,
// P = 1/2 - theta/(2 pi) (Cho and Saul 2009; for swish by parts, as Tsuchida et al. 2021 for GELU):
//   softplus:  K' += w [K P + D/(2 pi)],   E[phi' phi'] += w P
//   swish:     K' += w [K P + ((q1 q2 - K^2) + K^2 (a^2/V1 + b^2/V2))/(2 pi D)],
//              E[phi' phi'] += w [P + K/(2 pi D) (a^2/V1 + b^2/V2 + a^2 b^2/D^2)].
// Of K', K/2 alone grows like the variances; what else there is, B, only like their roots. Near
// rho = 1,
//   (K'_11 + K'_22)/2 - K'_12 = ((s1 - s2)^2 + 2 s1 s2 (1 - rho))/4 + (B_11 + B_22)/2 - B_12,
// so that 1 - rho' is right to a rounding divided by the root of the variance.
#pragma once

#include "kernels/math/angle.h"
#include "kernels/math/dual/tanh.h"
#include "kernels/math/entry.h"

NTK_MATH_BEGIN

template <bool kIsSwish>
struct SmoothRelu {
  static constexpr int kNodes = TanhRule::kNodes;
  // 1/sqrt V of each node, sqrt q, sqrt q' and B
  static constexpr int kFeatures = kNodes + 3;
  template <class T>
  struct Constants {};
  template <class T>
  static NTK_HD Constants<T> constants(const double*) {
    return {};
  }

  template <class T>
  struct Sums {
    T rest, slope;  // B and E[phi' phi']
  };

  template <class T>
  static NTK_HD Sums<T> sums(const T* f1, const T* f2, T m, T sgn) {
    const T mu = m * (2 - m), r = sgn * (1 - m);
    T deviations[kNodes];
    for (int l = 0; l < kNodes; ++l) deviations[l] = 1 / f2[l];
    Sums<T> total{T(0), T(0)};
    for (int j = 0; j < kNodes; ++j) {
      const TanhSide<T> a = side(f1, j);
      const T deviation = 1 / f1[j];
      for (int l = 0; l < kNodes; ++l) {
        const TanhSide<T> b = side(f2, l);
        const T weight = T(TanhRule::weight(j) * TanhRule::weight(l));
        const T sine2 = tanh_square_sine(a, b, mu), sine = sqrt_of(sine2), X = a.c * b.c * r;
        const T small = asin_small(smaller(abs_of(X), sine));
        const T nearer = select(abs_of(X) < sine, T(kPi / 2) - small, small);
        const T theta = select(sgn > T(0), nearer, T(kPi) - nearer);
        T rest = sine, slope = T(kPi) - theta;
        if (kIsSwish) {
          const T shares = a.u + b.u;
          rest = (square(a.c * b.c) * mu + X * X * shares) / sine;
          slope += X / sine * (shares + a.u * b.u / sine2);
        }
        total.rest += (weight * deviation * deviations[l]) * (rest - X * theta);
        total.slope += weight * slope;
      }
    }
    return {T(0.5 / kPi) * total.rest, T(0.5 / kPi) * total.slope};
  }

  template <bool kNtk, class T>
  static NTK_HD void step(const Constants<T>&, const T* f1, const T* f2, Entry<T>& e) {
    const T m = e.m(), sgn = e.sign(), s1 = f1[kNodes], s2 = f2[kNodes];
    const T own1 = f1[kNodes + 1], own2 = f2[kNodes + 1], product = own1 * own2;
    const Sums<T> pair = sums(f1, f2, m, sgn);
    const T rho = (T(0.5) * (s1 * s2) * (sgn * (1 - m)) + pair.rest) / product;
    // Far from the end, or for very unequal norms, the terms of the deficit cancel and rho' does
    // not.
    const T gap = T(0.25) * (square(s1 - s2) + 2 * (s1 * s2) * m) +
                  (T(0.5) * (f1[kNodes + 2] + f2[kNodes + 2]) - pair.rest);
    const T deficit = larger(T(0), gap - T(0.5) * square(own1 - own2)) / product;
    const T far =
        select(m > T(0.25), T(1), select(2 * smaller(own1, own2) < larger(own1, own2), T(1), T(0)));
    const auto is_far = larger(far, -sgn) > T(0);
    e.v = select(is_far, copy_sign(larger(T(0), 1 - abs_of(rho)), rho), deficit);
    if (kNtk) e.theta *= pair.slope;
  }

  static NTK_HD SampleStep sample(const double*, double q, double* f) {
    for (int j = 0; j < kNodes; ++j) f[j] = 1 / sqrt(4 * TanhRule::square_of_node(j) + q);
    f[kNodes] = sqrt(q);
    const Sums<double> own = sums(f, f, 0.0, 1.0);
    f[kNodes + 1] = sqrt(0.5 * q + own.rest);
    f[kNodes + 2] = own.rest;
    return {square(f[kNodes + 1]), own.slope};
  }

 private:
  template <class T>
  static NTK_HD TanhSide<T> side(const T* f, int j) {
    return {f[kNodes] * f[j], T(4 * TanhRule::square_of_node(j)) * square(f[j])};
  }
};

using Softplus = SmoothRelu<false>;
using Swish = SmoothRelu<true>;

NTK_MATH_END
