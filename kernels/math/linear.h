// The instructions that are no nonlinearities: weight layers, joins of branches, normalizations.
//
// Each K' is a sum of two covariances, and the correlation a mean of two correlations, weighted by
// each sample's shares a^2 + c^2 = 1 of the two in its variance:
//   rho' = A rho_a + C rho_c,  A = a1 a2,  C = c1 c2,
//   1 - rho'^2 = A^2 (1 - rho_a^2) + C^2 (1 - rho_c^2) + (a1 c2 - c1 a2)^2 + 2 A C (1 - rho_a
//   rho_c),
// where no term is negative.
#pragma once

#include "kernels/math/entry.h"

NTK_MATH_BEGIN

struct Shares {
  double a, c, s;  // and the standard deviation of the sum
};
NTK_HD Shares shares_of(double s_a, double s_c) {
  const double s = hypot(s_a, s_c);
  if (s == 0) return {0, 0, 0};
  return {s_a / s, s_c / s, s};
}

// a1 c2 - c1 a2, exactly 0 for equal shares (also where a compiler contracts to fused operations).
template <class T>
NTK_HD T shares_difference(const T* f1, const T* f2) {
  return (f1[0] - f2[0]) * f2[1] - (f1[1] - f2[1]) * f2[0];
}

// K' = w2 K, T' = w2 T + out K'.  p = {w2, -, out}. The correlation stays.
struct Scale {
  static constexpr int kFeatures = 1;
  template <class T>
  struct Constants {
    T w2, out;
  };
  template <class T>
  static NTK_HD Constants<T> constants(const double* p) {
    return {T(p[0]), T(p[2])};
  }
  template <bool kNtk, class T>
  static NTK_HD void step(const Constants<T>& k, const T* f1, const T* f2, Entry<T>& e) {
    if (kNtk) e.theta = k.w2 * e.theta + k.out * (f1[0] * f2[0]) * e.rho();
  }
  static NTK_HD SampleStep sample(const double* p, double q, double* f) {
    f[0] = sqrt(p[0] * q);
    return {p[0] * q, p[0]};
  }
};

// K' = w2 K + b2, T' = w2 T + out K'.  p = {w2, b2, out}.
struct Affine {
  static constexpr int kFeatures = 3;
  template <class T>
  struct Constants {
    T w2, out;
  };
  template <class T>
  static NTK_HD Constants<T> constants(const double* p) {
    return {T(p[0]), T(p[2])};
  }
  // The correlation after a bias, from f = {a, c}.
  template <class T>
  static NTK_HD void mix(const T* f1, const T* f2, Entry<T>& e) {
    const T A = f1[0] * f2[0], C = f1[1] * f2[1];
    const T difference = shares_difference(f1, f2);
    e.set_squared(A * e.rho() + C,
                  A * A * e.one_minus_rho_squared() + square(difference) + 2 * A * C * e.delta());
  }
  template <bool kNtk, class T>
  static NTK_HD void step(const Constants<T>& k, const T* f1, const T* f2, Entry<T>& e) {
    mix(f1, f2, e);
    if (kNtk) e.theta = k.w2 * e.theta + k.out * (f1[2] * f2[2]) * e.rho();
  }
  static NTK_HD SampleStep sample(const double* p, double q, double* f) {
    const Shares share = shares_of(sqrt(p[0] * q), sqrt(p[1]));
    f[0] = share.a, f[1] = share.c, f[2] = share.s;
    return {p[0] * q + p[1], p[0]};
  }
};

// K' = w2 K + b2, T' = w2 T + in K + one: a weight layer in the standard parameterization.
// p = {w2, b2, -, in, one}. Theta may be positive here where q' is 0 (a zero row, a bias that
// starts at zero); such an entry's correlation is 0, as neural_tangents has it.
struct AffineStandard {
  static constexpr int kFeatures = 3;
  template <class T>
  struct Constants {
    T w2, in, one;
  };
  template <class T>
  static NTK_HD Constants<T> constants(const double* p) {
    return {T(p[0]), T(p[3]), T(p[4])};
  }
  template <bool kNtk, class T>
  static NTK_HD void step(const Constants<T>& k, const T* f1, const T* f2, Entry<T>& e) {
    if (kNtk) e.theta = k.w2 * e.theta + k.in * (f1[2] * f2[2]) * e.rho() + k.one;
    Affine::mix(f1, f2, e);
    e.v = select(f1[0] * f2[0] + f1[1] * f2[1] > T(0), e.v, T(1));
  }
  static NTK_HD SampleStep sample(const double* p, double q, double* f) {
    const Shares share = shares_of(sqrt(p[0] * q), sqrt(p[1]));
    f[0] = share.a, f[1] = share.c, f[2] = sqrt(q);
    return {p[0] * q + p[1], p[0]};
  }
};

// K' = K + Ks, T' = T + Ts with the state s of a slot. f = {a, c}: shares of the accumulator and
// slot.
struct Add {
  static constexpr int kFeatures = 2;
  template <bool kNtk, class T>
  static NTK_HD void step(const T* f1, const T* f2, const Entry<T>& slot, Entry<T>& e) {
    const T A = f1[0] * f2[0], C = f1[1] * f2[1];
    const T difference = shares_difference(f1, f2);
    const T same = e.m() + slot.m() * (1 - e.m());  // 1 - |rho_a rho_c|
    const T sgn = e.sign() * slot.sign();
    const T cross = (1 - sgn) + sgn * same;
    const T rest = A * A * e.one_minus_rho_squared() + C * C * slot.one_minus_rho_squared() +
                   square(difference) + 2 * A * C * cross;
    e.set_squared(A * e.rho() + C * slot.rho(), select(A + C > T(0), rest, T(1)));
    if (kNtk) e.theta += slot.theta;
  }
  static NTK_HD double sample(double q, double q_slot, double* f) {
    const Shares share = shares_of(sqrt(q), sqrt(q_slot));
    f[0] = share.a, f[1] = share.c;
    return q + q_slot;
  }
};

// K' = K Ks, T' = T Ks + Ts K with the state s of a slot. f = {sqrt q, sqrt qs}.
struct Multiply {
  static constexpr int kFeatures = 2;
  template <bool kNtk, class T>
  static NTK_HD void step(const T* f1, const T* f2, const Entry<T>& slot, Entry<T>& e) {
    if (kNtk)
      e.theta = e.theta * (f1[1] * f2[1] * slot.rho()) + slot.theta * (f1[0] * f2[0] * e.rho());
    e.v = copy_sign(e.m() + slot.m() * (1 - e.m()), e.sign() * slot.sign());
  }
  static NTK_HD double sample(double q, double q_slot, double* f) {
    f[0] = sqrt(q), f[1] = sqrt(q_slot);
    return q * q_slot;
  }
};

// LayerNorm: K' = K / sqrt((q1 + e)(q2 + e)) and T' likewise. The correlation stays.
struct Normalize {
  static constexpr int kFeatures = 1;
  template <class T>
  struct Constants {};
  template <class T>
  static NTK_HD Constants<T> constants(const double*) {
    return {};
  }
  template <bool kNtk, class T>
  static NTK_HD void step(const Constants<T>&, const T* f1, const T* f2, Entry<T>& e) {
    if (kNtk) e.theta *= f1[0] * f2[0];
  }
  static NTK_HD SampleStep sample(const double* p, double q, double* f) {
    const double sum = q + p[0];  // 0 for a zero sample if e is 0: it stays one
    f[0] = sum > 0 ? 1 / sqrt(sum) : 0;
    return {sum > 0 ? q / sum : 0, sum > 0 ? 1 / sum : 0};
  }
};

// Of pixels some of which are not there: f = {1} or, for those, {0}. A pixel without variance has
// no angle: its correlations count as 0.
struct Mask {
  static constexpr int kFeatures = 1;
  template <class T>
  struct Constants {};
  template <class T>
  static NTK_HD Constants<T> constants(const double*) {
    return {};
  }
  template <bool kNtk, class T>
  static NTK_HD void step(const Constants<T>&, const T* f1, const T* f2, Entry<T>& e) {
    const T both = f1[0] * f2[0];
    e.v = select(both > T(0), e.v, T(1));
    if (kNtk) e.theta *= both;
  }
  // Of a sample that is no image nothing is masked.
  static NTK_HD SampleStep sample(const double*, double q, double* f) {
    f[0] = 1;
    return {q, 1};
  }
};

// Dropout that keeps a share p0 of the units: of a sample with itself q' = q / p0, T' = T / p0;
// between samples K and T stay, so that the correlation shrinks to p0 rho.
struct Dropout {
  static constexpr int kFeatures = 0;
  template <class T>
  struct Constants {
    T kept, dropped;
  };
  template <class T>
  static NTK_HD Constants<T> constants(const double* p) {
    return {T(p[0]), T(1 - p[0])};
  }
  template <bool kNtk, class T>
  static NTK_HD void step(const Constants<T>& k, const T*, const T*, Entry<T>& e) {
    e.v = copy_sign(k.dropped + k.kept * e.m(), e.v);
  }
  static NTK_HD SampleStep sample(const double* p, double q, double*) {
    return {q / p[0], 1 / p[0]};
  }
};

NTK_MATH_END
