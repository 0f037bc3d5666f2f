// The state of one entry of a kernel between two layers.
//
// The covariance K of an entry is carried as the correlation rho = K / sqrt(q1 q2), with q the
// samples' own variances, and rho as its distance from the nearer end, m = 1 - |rho|, with rho's
// sign. Near the ends everything depends on the angle, theta = sqrt(2 m) (1 + ...), so that
// rounding rho to a float loses half of the digits (the NTK of a near-duplicate is off by 1e-4 in
// float32), while every map below gives m' from m with a small relative error: no term is a
// difference of nearly equal numbers. Theta is carried as it is.
#pragma once

#include "kernels/math/scalar.h"

NTK_MATH_BEGIN

template <class T>
struct Entry {
  T v;      // copysign(1 - |rho|, rho); -0 is rho = -1
  T theta;  // the NTK

  NTK_HD T m() const { return abs_of(v); }
  NTK_HD T sign() const { return copy_sign(T(1), v); }
  NTK_HD T rho() const { return copy_sign(1 - m(), v); }
  NTK_HD T delta() const {  // 1 - rho
    const T sgn = sign();
    return (1 - sgn) + sgn * m();
  }
  NTK_HD T one_minus_rho_squared() const { return m() * (2 - m()); }

  // From 1 - rho and 1 + rho, both without cancellation.
  NTK_HD void set_ends(T one_minus, T one_plus) {
    v = select(one_minus <= one_plus, one_minus, -one_plus);
  }
  // From rho and 1 - rho^2.
  NTK_HD void set_squared(T rho, T one_minus_squared) {
    v = copy_sign(one_minus_squared / (1 + abs_of(rho)), rho);
  }
  // The same for a 1 - rho^2 whose terms cancel far from the ends, where rho alone will do.
  NTK_HD void set_squared_near_ends(T rho, T one_minus_squared) {
    const T r = abs_of(rho);
    v = copy_sign(select(r < T(0.5), 1 - r, one_minus_squared / (1 + r)), rho);
  }
};

// The input: a correlation as a GEMM of normalized rows gives it, right to rounding in rho. Entries
// near an end are done again from the rows' difference.
template <class T>
NTK_HD Entry<T> entry_from_correlation(T rho) {
  return {copy_sign(larger(T(0), 1 - abs_of(rho)), rho), T(0)};
}

// What happens to a sample's own variance q, and the factor of its own Theta.
struct SampleStep {
  double q;
  double derivative;
};

NTK_MATH_END
