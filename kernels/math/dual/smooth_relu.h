// softplus x = log(1 + exp x) and swish x = x sigmoid(x) at any variance. sigmoid is a mixture of
// normal distribution functions (kernels/math/dual/tanh.h): sigmoid(x) = E[Phi(x/a)], a = 2k with k
// of Kolmogorov's distribution. So softplus(x) = E[max(x + a Z, 0)] and swish(x) = E[x Phi(x/a)].
// For a pair of nodes a, b, with V1 = q1 + a^2, V2 = q2 + b^2, D^2 = V1 V2 - K^2, tan(theta) = D/K,
// P = 1/2 - theta/(2 pi) (Cho and Saul 2009; for swish by parts, as Tsuchida et al. 2021 for GELU):
//   softplus:  K' += w [K P + D/(2 pi)],   E[phi' phi'] += w P
//   swish:     K' += w [K P + ((q1 q2 - K^2) + K^2 (a^2/V1 + b^2/V2))/(2 pi D)],
//              E[phi' phi'] += w [P + K/(2 pi D) (a^2/V1 + b^2/V2 + a^2 b^2/D^2)].
// Near rho = 1, with p = s1 s2 and B = K' - K/2,
//   (K'_11 + K'_22)/2 - K'_12 = ((s1 - s2)^2 + 2 p (1 - rho))/4 + (B_11 + B_22)/2 - B_12,
// and the B of a pair of nodes in both orders, D - theta K each, are combined so that only small
// numbers are subtracted (SmoothRelu::difference).
#pragma once

#include "kernels/math/angle.h"
#include "kernels/math/dual/tanh.h"
#include "kernels/math/entry.h"

NTK_MATH_BEGIN

template <bool kIsSwish>
struct SmoothRelu {
  static constexpr int kNodes = TanhRule::kNodes;
  // 1/sqrt V of each node, sqrt q and sqrt q'
  static constexpr int kFeatures = kNodes + 2;
  template <class T>
  struct Constants {};
  template <class T>
  static NTK_HD Constants<T> constants(const double*) {
    return {};
  }

  template <class T>
  struct Sums {
    T rest, slope;  // B or differences of it, and E[phi' phi']
  };

  // The angle in [0, pi/2] of this sine and cosine.
  template <class T>
  static NTK_HD T angle_of(T sine, T cosine) {
    const T small = asin_small(smaller(cosine, sine));
    return select(cosine < sine, T(kPi / 2) - small, small);
  }

  // 2 pi E[phi' phi'] of a pair of nodes.
  template <class T>
  static NTK_HD T slope_of(const TanhSide<T>& a, const TanhSide<T>& b, T theta, T cosine, T sine) {
    const T half = T(kPi) - theta;
    if (!kIsSwish) return half;
    return half + cosine / sine * (a.u + b.u + a.u * b.u / square(sine));
  }

  // B and the derivative.
  template <class T>
  static NTK_HD Sums<T> direct_sums(const T* f1, const T* f2, T m, T sgn) {
    const T mu = m * (2 - m);
    Sums<T> total{T(0), T(0)};
    for (int j = 0; j < kNodes; ++j) {
      const TanhSide<T> a = side(f1, j);
      for (int l = 0; l < kNodes; ++l) {
        const TanhSide<T> b = side(f2, l);
        const T weight = T(TanhRule::weight(j) * TanhRule::weight(l));
        const T sine2 = tanh_square_sine(a, b, mu), sine = sqrt_of(sine2);
        const T X = a.c * b.c * (1 - m), nearer = angle_of(sine, X);
        const T theta = select(sgn > T(0), nearer, T(kPi) - nearer);
        T rest = sine;
        if (kIsSwish) rest = (square(a.c * b.c) * mu + X * X * (a.u + b.u)) / sine;
        total.rest += weight / (f1[j] * f2[l]) * (rest - sgn * X * theta);
        total.slope += weight * slope_of(a, b, theta, sgn * X, sine);
      }
    }
    return {T(0.5 / kPi) * total.rest, T(0.5 / kPi) * total.slope};
  }

  // What the two samples have in common for all pairs of nodes: m, 1 - rho^2, t = s1/s2, 1/p, and
  // ((s1 - s2)^2/2 + p m)/p.
  template <class T>
  struct Samples {
    T m, mu, t, inverse_t, inverse_p, M;
  };

  // (B_11 + B_22 - B_12 - B_21)/p of nodes a and b, where B_12 has a with sample 1, B_21 with
  // sample
  // 2. With q = (q1 + q2)/2, theta_1 + theta_2 = eta + zeta - gap:
  //   D_11 + D_22 - D_12 - D_21 + gap q - (eta + zeta) p M - (theta_1 - theta_2)(q1 - q2)/2,
  // the D by differences of squares.
  template <class T>
  static NTK_HD Sums<T> difference(const Samples<T>& s, const TanhSide<T>& a1,
                                   const TanhSide<T>& a2, const TanhSide<T>& b1,
                                   const TanhSide<T>& b2, T A, T B) {
    const TanhPair<T> pair = tanh_pair(a1, a2, b1, b2, s.m);
    const T C1 = a1.c * b1.c, C2 = a2.c * b2.c, C12 = a1.c * b2.c, C21 = b1.c * a2.c, r = 1 - s.m;
    const T eta = angle_of(pair.sine_eta, C12 * r), zeta = angle_of(pair.sine_zeta, C21 * r);
    const T D1 = s.t * pair.sine_1 / C1, D2 = s.inverse_t * pair.sine_2 / C2;
    const T D12 = pair.sine_eta / C12, D21 = pair.sine_zeta / C21;
    const T unequal = s.t - s.inverse_t, both = s.t + s.inverse_t;
    const T squares = A * B * square(unequal) + s.mu * (2 * A * B + (A + B) * both + s.mu);
    const T fall = 2 * (s.mu + squares / (D1 * D2 + D12 * D21)) / (D1 + D2 + D12 + D21);
    const T turn = asin_small(((a1.u - a2.u) * square(b1.c) + (b1.u - b2.u) * square(a2.c)) /
                              (pair.sine_1 * C2 + C1 * pair.sine_2));
    T rest = T(0.5) * (pair.gap * both - turn * unequal) - fall - (eta + zeta) * s.M;
    if (kIsSwish) {
      // -n/D more, n = a^2 b^2 + a^4 q/V + ...: how it changes as D_11 becomes D_12, and D_22 D_21.
      const auto change = [](T n, T rise, T square_rise, T from, T to) {
        return (rise - n * square_rise / ((from + to) * from)) / to;
      };
      rest += change(A * B + s.t * (A * a1.u + B * b1.u),
                     B * s.t * (b2.u - b1.u) - A * a1.u * unequal + s.mu * (a1.u + b2.u),
                     s.mu - A * unequal, D1, D12) +
              change(A * B + s.inverse_t * (A * a2.u + B * b2.u),
                     B * s.inverse_t * (b1.u - b2.u) + A * a2.u * unequal + s.mu * (a2.u + b1.u),
                     s.mu + A * unequal, D2, D21);
    }
    return {rest, slope_of(a1, b2, eta, C12 * r, pair.sine_eta) +
                      slope_of(b1, a2, zeta, C21 * r, pair.sine_zeta)};
  }

  // ((B_11 + B_22)/2 - B_12)/p and the derivative.
  template <class T>
  static NTK_HD Sums<T> gap_sums(const Samples<T>& s, const T* f1, const T* f2) {
    Sums<T> total{T(0), T(0)};
    for (int j = 0; j < kNodes; ++j) {
      const TanhSide<T> a1 = side(f1, j), a2 = side(f2, j);
      for (int l = 0; l <= j; ++l) {
        const double half = j == l ? 0.5 : 1;
        const T weight = T(half * TanhRule::weight(j) * TanhRule::weight(l));
        const Sums<T> pair = difference(s, a1, a2, side(f1, l), side(f2, l),
                                        T(4 * TanhRule::square_of_node(j)) * s.inverse_p,
                                        T(4 * TanhRule::square_of_node(l)) * s.inverse_p);
        total.rest += weight * pair.rest;
        total.slope += weight * pair.slope;
      }
    }
    return {T(0.5 / kPi) * total.rest, T(0.5 / kPi) * total.slope};
  }

  template <bool kNtk, class T>
  static NTK_HD void step(const Constants<T>&, const T* f1, const T* f2, Entry<T>& e) {
    const T m = e.m(), sgn = e.sign(), s1 = f1[kNodes], s2 = f2[kNodes], p = s1 * s2;
    const T own1 = f1[kNodes + 1], own2 = f2[kNodes + 1], product = own1 * own2;
    const T unequal = select(2 * smaller(s1, s2) < larger(s1, s2), T(1), T(0));
    const T far = larger(larger(select(m > T(0.25), T(1), T(0)), unequal), -sgn);
    T v = T(0), slope = T(0);
    if (largest_lane(1 - far) > 0) {
      const T inverse_p = 1 / nonzero(p), t = s1 / nonzero(s2);
      const Samples<T> s = {
          m, m * (2 - m), t, 1 / nonzero(t), inverse_p, T(0.5) * square(s1 - s2) * inverse_p + m};
      const Sums<T> sums = gap_sums(s, f1, f2);
      const T gap = p * (T(0.5) * s.M + sums.rest) - T(0.5) * square(own1 - own2);
      v = larger(T(0), gap) / product, slope = sums.slope;
    }
    if (largest_lane(far) > 0) {
      const Sums<T> sums = direct_sums(f1, f2, m, sgn);
      const T rho = (T(0.5) * p * (sgn * (1 - m)) + sums.rest) / product;
      v = select(far > T(0), copy_sign(larger(T(0), 1 - abs_of(rho)), rho), v);
      slope = select(far > T(0), sums.slope, slope);
    }
    e.v = v;
    if (kNtk) e.theta *= slope;
  }

  static NTK_HD SampleStep sample(const double*, double q, double* f) {
    for (int j = 0; j < kNodes; ++j) f[j] = 1 / sqrt(4 * TanhRule::square_of_node(j) + q);
    f[kNodes] = sqrt(q);
    const Sums<double> own = direct_sums(f, f, 0.0, 1.0);
    f[kNodes + 1] = sqrt(0.5 * q + own.rest);
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
