// What steps that look at many pixels (kernels/pixel_stage.h) do to the state of an entry.
//
// A convolution sums squared distances from both ends, D = s1^2 + s2^2 -+ 2 K = (s1 - s2)^2 + 2 s1
// s2 (1 -+ rho): they are linear, and each is 0 at its end, so that the correlations of images that
// are all but equal, or opposite, keep their digits. Deviations are in units of about the root mean
// square of each image's own after the layer (kernels/math/convolve.h). Where pixels are mixed
// among each other (pools, attention) the covariances themselves are summed.
#pragma once

#include "kernels/math/entry.h"

NTK_MATH_BEGIN

template <class T>
struct Distances {
  T minus, plus;
};

// Of deviations s1, s2 and an entry between them.
template <class T>
NTK_HD Distances<T> distances(T s1, T s2, const Entry<T>& e) {
  const T difference = square(s1 - s2), twice = 2 * (s1 * s2), delta = e.delta();
  return {difference + twice * delta, difference + twice * (2 - delta)};
}

// K' = w2 A(K) + b2;  T' = w2 A(T) + out K' + in A(K) + one.
struct TapMean {
  double w2, out, in, one;       // out and in times the product of the units
  double minus_bias, plus_bias;  // (b1 -+ b2)^2, a bias in the units of either image

  static NTK_HD TapMean of(const double* p, double unit1, double bias1, double unit2,
                           double bias2) {
    const double units = unit1 * unit2;
    return {p[0], p[2] * units, p[3] * units, p[4], square(bias1 - bias2), square(bias1 + bias2)};
  }

  // From the means of the distances and of Theta over the taps. s1 and s2 are the deviations after
  // the layer, inverse sqrt(1/2) over them, 0 of a pixel without variance: it has no angle.
  NTK_HD Entry<double> finish(Distances<double> mean, double theta, double s1, double inverse1,
                              double s2, double inverse2) const {
    const double inverse = inverse1 * inverse2, difference = square(s1 - s2);
    const double minus = (w2 * mean.minus + minus_bias - difference) * inverse,
                 plus = (w2 * mean.plus + plus_bias - difference) * inverse;
    Entry<double> e{1, 0};
    if (inverse > 0) {
      e.set_ends(larger(minus, 0.0), larger(plus, 0.0));
      e.v = copy_sign(smaller(e.m(), 1.0), e.v);
    }
    e.theta = w2 * theta + out * (s1 * s2) * e.rho() + in * 0.25 * (mean.plus - mean.minus) + one;
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
