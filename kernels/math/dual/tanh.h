// phi(x) = a tanh(b x) at any variance. tanh is a mixture of error functions (Andrews and Mallows
// 1974): tanh(x) = E[erf(x / (sqrt(2) k))] over k of Kolmogorov's distribution. With Q = b^2 q and
// a pair of nodes k, l of a quadrature rule for k, Williams (1997) gives, for each pair,
//   X = rho sqrt(Q1 Q2 / ((k^2 + Q1)(l^2 + Q2))):   K' += a^2 w_k w_l (2/pi) asin X,
//   E[phi' phi'] += a^2 b^2 w_k w_l (2/pi) / sqrt((k^2 + Q1)(l^2 + Q2) (1 - X^2)).
// Gauss's rule in log k: 13 nodes leave 6e-15 of K' and 1.1e-14 of the derivative at Q = 1, less
// elsewhere (tools/mixtures.py).
//
// Near rho = 1 the distance comes from gaps of pairs of angles, which are positive: erf increases,
// so that E[(erf_k(u) - erf_k(v))(erf_l(u) - erf_l(v))] is never negative.
#pragma once

#include "kernels/math/angle.h"
#include "kernels/math/entry.h"

NTK_MATH_BEGIN

struct TanhRule {
  static constexpr int kNodes = 13;
  static NTK_HD double square_of_node(int j) {
    constexpr double k2[kNodes] = {
        0.071377922895600770464, 0.10441647581349186703, 0.15059181842289397085,
        0.21885003671945299591,  0.32294739641529825614, 0.4846571364989189007,
        0.73703887994970707766,  1.1259257829191267771,  1.7084010625953232538,
        2.5551355598799469308,   3.764492798549633549,   5.501051915740853866,
        8.150163501036827215};
    return k2[j];
  }
  static NTK_HD double weight(int j) {
    constexpr double w[kNodes] = {
        1.990280851636540663e-6, 0.00023835175450732805306, 0.0050614152543429669153,
        0.037341876164203526324, 0.1276929339700282076,     0.23893012683831908529,
        0.27205990951455299405,  0.19907763965881464113,    0.092034286079040122596,
        0.024334162508209211875, 0.0030867372552536222458,  0.00013943381801782822701,
        1.1369038588291553933e-6};
    return w[j];
  }
};

// Of one sample and one node: c = sqrt(Q/(k^2 + Q)) and u = 1 - c^2.
template <class T>
struct TanhSide {
  T c, u;
};

// The sine of the angle whose cosine is c_a c_b (1 - m), squared; mu = m (2 - m).
template <class T>
NTK_HD T tanh_square_sine(const TanhSide<T>& a, const TanhSide<T>& b, T mu) {
  return a.u + square(a.c) * b.u + square(a.c * b.c) * mu;
}

// What a pair of nodes a, b adds, of the samples 1 and 2. With the angles
//   theta_i = acos(c_ai c_bi),  eta = acos(c_a1 c_b2 rho),  zeta = acos(c_b1 c_a2 rho),
// gap = (eta + zeta) - (theta_1 + theta_2) >= 0 from
//   2 sin(gap/2) sin((eta + zeta + theta_1 + theta_2)/2) = cos(theta_1 + theta_2) - cos(eta +
//   zeta).
template <class T>
struct TanhPair {
  T gap;
  T sine_1, sine_2, sine_eta, sine_zeta;
};
template <class T>
NTK_HD TanhPair<T> tanh_pair(const TanhSide<T>& a1, const TanhSide<T>& a2, const TanhSide<T>& b1,
                             const TanhSide<T>& b2, T m) {
  const T mu = m * (2 - m), r = 1 - m;
  const T C1 = a1.c * b1.c, C2 = a2.c * b2.c, X = a1.c * b2.c * r, Y = b1.c * a2.c * r;
  const T s1 = tanh_square_sine(a1, b1, T(0)), s2 = tanh_square_sine(a2, b2, T(0));
  const T eta2 = tanh_square_sine(a1, b2, mu), zeta2 = tanh_square_sine(b1, a2, mu);
  const T S1 = sqrt_of(s1), S2 = sqrt_of(s2), eta = sqrt_of(eta2), zeta = sqrt_of(zeta2);
  const T S = S1 * S2, Z = eta * zeta, P = C1 * C2;
  const T one_minus_P = (s1 + square(C1) * s2) / (1 + P);
  // No term of what follows is negative.
  const T across = square(a1.c * b2.c - b1.c * a2.c);
  const T cosines =
      P * mu +
      ((a1.u - a2.u) * (b1.u - b2.u) + mu * (across + 2 * P * one_minus_P + P * P * mu)) / (Z + S);
  // 1 -+ cos(theta_1 + theta_2), 1 -+ cos(eta + zeta), and their sines.
  const T minus_theta = one_minus_P + S, plus_theta = P + (square(C1) + square(C2) * s1) / (1 + S);
  const T minus_eta = one_minus_P + P * mu + Z,
          plus_eta = X * Y + (square(X) + square(Y) * eta2) / (1 + Z);
  const T sines = (S1 * C2 + C1 * S2) * (eta * Y + X * zeta);
  const T half =
      sqrt_of(T(0.25) * (minus_theta * plus_eta + plus_theta * minus_eta) + T(0.5) * sines);
  const T kLargest = T(0.70710678118654752440);
  return {2 * asin_small(smaller(cosines / nonzero(2 * half), kLargest)), S1, S2, eta, zeta};
}

struct Tanh {
  static constexpr int kNodes = TanhRule::kNodes;
  // 1/sqrt(k^2 + Q) of each node, sqrt Q, and sqrt(q'/a^2)
  static constexpr int kFeatures = kNodes + 2;
  template <class T>
  struct Constants {
    T slope;
  };
  template <class T>
  static NTK_HD Constants<T> constants(const double* p) {
    return {T(square(p[0] * p[1]) * 2 / kPi)};
  }

  template <class T>
  static NTK_HD TanhSide<T> side(const T* f, int j) {
    return {f[kNodes] * f[j], T(TanhRule::square_of_node(j)) * square(f[j])};
  }

  template <class T>
  struct Sums {
    T kernel, slope;
  };

  // K' pi / (2 a^2) for rho >= 0, and the derivative's sum.
  template <class T>
  static NTK_HD Sums<T> direct_sums(const T* f1, const T* f2, T m) {
    Sums<T> sums{T(0), T(0)};
    for (int j = 0; j < kNodes; ++j) {
      const TanhSide<T> a = side(f1, j);
      for (int l = 0; l < kNodes; ++l) {
        const TanhSide<T> b = side(f2, l);
        const T weight = T(TanhRule::weight(j) * TanhRule::weight(l));
        const T sine = sqrt_of(tanh_square_sine(a, b, m * (2 - m))), X = a.c * b.c * (1 - m);
        const T small = asin_small(smaller(X, sine));
        sums.kernel += weight * select(X < sine, small, T(kPi / 2) - small);
        sums.slope += weight * (f1[j] * f2[l]) / sine;
      }
    }
    return sums;
  }

  // (K'_11 + K'_22)/2 - K' in the same units, and the derivative's sum.
  template <class T>
  static NTK_HD Sums<T> gap_sums(const T* f1, const T* f2, T m) {
    Sums<T> sums{T(0), T(0)};
    for (int j = 0; j < kNodes; ++j) {
      const TanhSide<T> a1 = side(f1, j), a2 = side(f2, j);
      for (int l = 0; l <= j; ++l) {
        const double both = j == l ? 0.5 : 1;
        const T weight = T(both * TanhRule::weight(j) * TanhRule::weight(l));
        const TanhPair<T> pair = tanh_pair(a1, a2, side(f1, l), side(f2, l), m);
        sums.kernel += weight * pair.gap;
        sums.slope += weight * ((f1[j] * f2[l]) / pair.sine_eta + (f1[l] * f2[j]) / pair.sine_zeta);
      }
    }
    return sums;
  }

  template <bool kNtk, class T>
  static NTK_HD void step(const Constants<T>& k, const T* f1, const T* f2, Entry<T>& e) {
    const T m = e.m(), s1 = f1[kNodes + 1], s2 = f2[kNodes + 1], product = s1 * s2;
    // Beyond, the gap is no smaller than what it is subtracted from, or larger by far.
    const T far = select(m > T(0.25), T(1),
                         select(smaller(s1, s2) < T(1.0 / 32) * larger(s1, s2), T(1), T(0)));
    T deficit = T(0), slope = T(0);
    if (largest_lane(1 - far) > 0) {
      const Sums<T> sums = gap_sums(f1, f2, m);
      const T gap = T(2 / kPi) * sums.kernel - T(0.5) * square(s1 - s2);
      deficit = larger(T(0), gap) / nonzero(product), slope = sums.slope;
    }
    if (largest_lane(far) > 0) {
      const Sums<T> sums = direct_sums(f1, f2, m);
      const T distance = larger(T(0), 1 - T(2 / kPi) * sums.kernel / nonzero(product));
      deficit = select(far > T(0), distance, deficit);
      slope = select(far > T(0), sums.slope, slope);
    }
    e.v = copy_sign(deficit, e.v);
    if (kNtk) e.theta *= k.slope * slope;
  }

  static NTK_HD SampleStep sample(const double* p, double q, double* f) {
    const double Q = square(p[1]) * q;
    for (int j = 0; j < kNodes; ++j) f[j] = 1 / sqrt(TanhRule::square_of_node(j) + Q);
    f[kNodes] = sqrt(Q);
    const Sums<double> own = direct_sums(f, f, 0.0);
    f[kNodes + 1] = sqrt(2 / kPi * own.kernel);
    return {square(p[0] * f[kNodes + 1]), constants<double>(p).slope * own.slope};
  }
};

NTK_MATH_END
