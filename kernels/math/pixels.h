// What steps that look at many pixels (kernels/pixel_stage.h) do to the state of an entry.
//
// A convolution's K' = w2 A(K) + b2 is a mean over taps t of covariances a_t b_t rho_t. With x_t =
// a_t / s1' and y_t = b_t / s2', the taps' deviations in units of the outputs',
//   1 -+ rho' = w2 mean_t [ (x_t - y_t)^2 / 2 + x_t y_t (1 -+ rho_t) ] + (the same of the bias),
// in which no term is negative, so that the correlation of pixels that are all but parallel, or
// opposite, keeps its digits. Where pixels are mixed among each other (pools, attention) the
// covariances themselves are summed.
#pragma once

#include "kernels/math/entry.h"

NTK_MATH_BEGIN

// The sums over taps.
struct TapSums {
  double squares = 0;          // (x - y)^2
  double minus = 0, plus = 0;  // x y (1 -+ rho)
  double theta = 0;
  double covariance = 0;  // a b rho, where the NTK asks for it

  // x = y = 0 of a tap outside.
  NTK_HD void add(double x, double y, double delta) {
    squares += square(x - y);
    minus += x * y * delta;
    plus += x * y * (2 - delta);
  }
};

// K' = w2 A(K) + b2;  T' = w2 A(T) + out K' + in A(K) + one.
struct TapMean {
  double w2, bias, out, in, one, share;

  static NTK_HD TapMean of(const double* p, int64_t taps) {
    return {p[0], sqrt(p[1]), p[2], p[3], p[4], 1.0 / static_cast<double>(taps)};
  }

  // Deviations after the layer and their inverses, 0 of a pixel without variance: it has no angle.
  NTK_HD Entry<double> finish(const TapSums& sum, double s1, double inverse1, double s2,
                              double inverse2) const {
    const double x = bias * inverse1, y = bias * inverse2, mean = w2 * share;
    const double squares = 0.5 * (mean * sum.squares + square(x - y));
    Entry<double> e{1, 0};
    if (inverse1 * inverse2 > 0)
      e.set_ends(squares + mean * sum.minus, squares + mean * sum.plus + 2 * x * y);
    e.v = copy_sign(smaller(e.m(), 1.0), e.v);
    e.theta = mean * sum.theta + out * (s1 * s2) * e.rho() + in * share * sum.covariance + one;
    return e;
  }
};

// From a covariance and the inverse deviations.
NTK_HD Entry<double> entry_from_covariance(double k, double theta, double inverse1,
                                           double inverse2) {
  const double inverse = inverse1 * inverse2;
  Entry<double> e{1, theta};
  if (inverse > 0) e.v = entry_from_correlation(larger(-1.0, smaller(1.0, k * inverse))).v;
  return e;
}

NTK_MATH_END
