// From the taps of one convolution to those of the next, with a function between them that is
// positive: a min(x, 0) + b max(x, 0) with a b <= 0, as ReLU and |x| are
// (kernels/math/dual/ab_relu.h). Behind it no correlation is negative, so that from the second
// convolution on delta = 1 - rho is in [0, 1] and goes through the function as it is,
//   delta' = delta - c delta^(3/2) R(delta),   E[phi' phi'] = g (1 - c sqrt(delta) Q(delta)),
// with Q and R of kernels/math/angle.h, g = u^2 + w^2 and c = (2/pi) sqrt(2) w^2/g. What is written
// are squared distances (kernels/math/convolve.h) in the first convolution's units, without the
// weights of the second: these, g, and the units of Theta are left to the factors of the next sums.
#pragma once

#include "kernels/math/convolve.h"
#include "kernels/math/dual/ab_relu.h"

NTK_MATH_BEGIN

struct ConvolveRelu {
  template <class T>
  struct Constants {
    T gain;        // of the sum of distances
    T theta_gain;  // of the sum of Theta
    T turn, back;  // the unit of the columns' deviations over that of the rows', and its inverse
    T next;        // the same for the distances that are written
    T bias;        // Convolve::Constants::bias
    T sign;        // Convolve::constants
    T c;
    AbRelu::Constants<T> relu;
  };

  template <class T>
  struct Taps {
    T distance, theta;
  };

  // delta' and Theta; `sums` are those over the taps, f1 and f2 the convolution's features from the
  // second on, `inside` is 1 for a pair of pixels and 0 beside the images. kAlike: no bias, all
  // turns are 1.
  template <class T>
  struct After {
    T delta, theta;
  };
  template <bool kNtk, bool kAlike, class T>
  static NTK_HD After<T> step(const Constants<T>& k, const T* f1, const T* f2, Taps<T> sums,
                              T inside) {
    const T delta = larger(raw<kAlike>(k, f1, f2, sums.distance), T(0));
    const T root = k.c * sqrt_of(delta);
    After<T> after{delta - delta * root * angle_rest(delta), T(0)};
    if (kNtk) {
      const T product = f1[0] * f2[0];
      after.theta = (k.theta_gain * sums.theta + (product - product * delta)) *
                    (inside - root * angle_ratio(delta));
    }
    return after;
  }

  // The same for the first convolution, before which correlations have any sign. Theta has the
  // gain.
  template <bool kNtk, bool kAlike, class T>
  static NTK_HD After<T> first_step(const Constants<T>& k, const T* f1, const T* f2, Taps<T> sums,
                                    T inside) {
    const T delta = smaller(larger(raw<kAlike>(k, f1, f2, sums.distance), T(0)), T(2));
    Entry<T> e{k.sign * select(delta <= T(1), delta, -(2 - delta)),
               k.theta_gain * sums.theta + k.sign * (f1[0] * f2[0]) * (1 - delta)};
    AbRelu::step<kNtk>(k.relu, f1, f2, e);
    return {e.m(), inside * e.theta};
  }

  // The squared distance that the next convolution sums.
  template <bool kAlike, class T>
  static NTK_HD T distance(const Constants<T>& k, T f1, T f2, T delta) {
    const T product = f1 * f2;
    if (kAlike) return square(f1 - f2) + (product + product) * delta;
    return square(f1 - k.next * f2) + 2 * k.next * product * delta;
  }

 private:
  // 1 - rho but for rounding; 0 where a side has no variance, which nothing then depends on.
  template <bool kAlike, class T>
  static NTK_HD T raw(const Constants<T>& k, const T* f1, const T* f2, T sum) {
    if (kAlike) return (k.gain * sum - square(f1[0] - f2[0])) * (f1[1] * f2[1]);
    const T apart = f1[0] - k.turn * f2[0];
    return (k.gain * sum + (k.bias - apart) * (k.bias + apart)) * (f1[1] * f2[1]) * k.back;
  }
};

NTK_MATH_END
