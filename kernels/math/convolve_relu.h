// From the taps of one convolution to those of the next, with a function between them that is
// positive: a min(x, 0) + b max(x, 0) with a b <= 0, as ReLU and |x| are
// (kernels/math/dual/ab_relu.h). Behind it no correlation is negative, so that from the second
// convolution on delta = 1 - rho is in [0, 1] and goes through the function as it is,
//   delta' = delta - c delta^(3/2) R(delta),   E[phi' phi'] = g (1 - c sqrt(delta) Q(delta)),
// with Q of kernels/math/angle.h, R = Q - P, g = u^2 + w^2 and c = (2/pi) sqrt(2) w^2/g; both as
// polynomials whose error counts relative to the two results (tools/angle_polynomials.py: 4e-8 in
// float32, 1.5e-16 in float64). What is written
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
    T angle[is_single<T>() ? 7 : 20];  // c Q, from degree 0
    T rest[is_single<T>() ? 6 : 19];   // c R
    AbRelu::Constants<T> relu;
  };

  // Of a function's angle and rest.
  template <class T>
  static void set_polynomials(double c, Constants<T>& k) {
    if constexpr (is_single<T>()) {
      scale(c,
            {1.000001264, 0.08329287942, 0.01913225297, 0.003987813595, 0.005239975707,
             -0.002860374296, 0.001926875435},
            k.angle);
      scale(c,
            {0.6666659631, 0.03335076879, 0.005232451604, 0.001617937067, -0.0001890979409,
             0.0004287177786},
            k.rest);
    } else {
      scale(c,
            {0.99999999999999999815,      0.083333333333334811366,     0.018749999999804005759,
             0.0055803571531497288159,    0.0018988712426045872035,    0.00069913478664018135761,
             0.00027108297386184681685,   0.00010952478156304420903,   0.000042692769784813945868,
             0.000029476162165201883631,  -0.000025699535695643385996, 0.000088358135786673098664,
             -0.00016213955816771025038,  0.00024433643932240655614,   -0.00027684276140276827268,
             0.00023706559370590234604,   -0.00014754729306870457341,  0.000063514583812308588687,
             -0.000016932741897838361228, 2.1484742887129798208e-6},
            k.angle);
      scale(c,
            {0.66666666666666666709, 0.033333333333333025321, 0.0053571428571797017002,
             0.0012400793633356651941, 0.00034524941215631369127, 0.0001075577982548432188,
             0.000036158202998243137775, 0.000012788983548915048017, 4.985490838461272257e-6,
             9.2651336695264168698e-7, 3.2447742038482658926e-6, -5.1988229491147322672e-6,
             9.1633776094307055014e-6, -0.000011249263398824157512, 0.000010539500249821205765,
             -7.086261963685134068e-6, 3.2923155248356806447e-6, -9.4239249879587797674e-7,
             1.2933809121934057013e-7},
            k.rest);
    }
  }

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
    const T root = sqrt_of(delta);
    After<T> after{delta - delta * root * polynomial(delta, k.rest), T(0)};
    if (kNtk) {
      const T product = f1[0] * f2[0];
      after.theta = (k.theta_gain * sums.theta + (product - product * delta)) *
                    (inside - root * polynomial(delta, k.angle));
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
  template <int kCount, class T>
  static void scale(double c, const double (&from)[kCount], T (&to)[kCount]) {
    for (int i = 0; i < kCount; ++i) to[i] = T(c * from[i]);
  }
  template <int kCount, class T>
  static NTK_HD T polynomial(T x, const T (&c)[kCount]) {
    T sum = c[kCount - 1];
    for (int i = kCount - 2; i >= 0; --i) sum = c[i] + x * sum;
    return sum;
  }
  // 1 - rho but for rounding; 0 where a side has no variance, which nothing then depends on.
  template <bool kAlike, class T>
  static NTK_HD T raw(const Constants<T>& k, const T* f1, const T* f2, T sum) {
    if (kAlike) return (k.gain * sum - square(f1[0] - f2[0])) * (f1[1] * f2[1]);
    const T apart = f1[0] - k.turn * f2[0];
    return (k.gain * sum + (k.bias - apart) * (k.bias + apart)) * (f1[1] * f2[1]) * k.back;
  }
};

NTK_MATH_END
