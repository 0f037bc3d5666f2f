// Convolution of a pair of images, of two pixels at a fixed displacement: K' = w2 A(K) + b2, where
// A is the mean over the F taps (p + t, p' + t) and K is 0 where a tap is outside (Novak et al.
// 2019, Arora et al. 2019).
//
// What is summed over the taps is the squared distance D = q1 + q2 - 2 K = (s1 - s2)^2 + 2 s1 s2 (1
// - rho): it is linear, a bias leaves it alone, and it is 0 where the two sides are equal. Then
//   1 - rho' = (D' - (s1' - s2')^2) / (2 s1' s2'),   D' = w2 A(D) + (b1 - b2)^2.
// All deviations are in units of about the root mean square of the image's own deviations after the
// layer, so that images that differ in magnitude alone are not far apart; a bias b is then b1 in
// one image's units and b2 in the other's. A tap outside of one image only contributes the other's
// q, as it should. A pixel's features are f = {sqrt(w2/F) s, s', sqrt(1/2)/s'} and, for the
// standard parameterization, w2 A(q).
#pragma once

#include "kernels/math/entry.h"

NTK_MATH_BEGIN

struct Convolve {
  // D of one tap, times w2/F; f = feature 0 of each side.
  template <class T>
  static NTK_HD T distance(T f1, T f2, T delta) {
    const T difference = f1 - f2;
    return difference * difference + 2 * (f1 * f2) * delta;
  }

  template <class T>
  struct Constants {
    T bias;          // b1 - b2
    T w2;            // over F
    T out, in, one;  // out and in times the product of the images' units
  };
  // `sign` -1: D is that of one image with its sign changed, which keeps small numbers where rho is
  // near -1. The correlation that comes out has the other sign, too.
  template <class T>
  static NTK_HD Constants<T> constants(const double* p, int taps, double unit1, double bias1,
                                       double unit2, double bias2, double sign) {
    const double units = sign * unit1 * unit2;
    return {T(bias1) - T(sign * bias2), T(p[0] / taps), T(p[2] * units),
            T(p[0] > 0 ? 0.5 * p[3] * units / p[0] : 0.0), T(p[4])};
  }

  // From the sums of D and of Theta over the taps; f = the features from the second on. A pixel
  // without variance has no angle: its correlations count as 0.
  template <bool kNtk, bool kStandard, class T>
  static NTK_HD void finish(const Constants<T>& k, const T* f1, const T* f2, T sum, T theta,
                            Entry<T>& e) {
    const T inverse = f1[1] * f2[1];
    const T difference =
        f1[0] - f2[0];  // equal to the bias, to the bit, where there is nothing else
    const T raw = (sum + (k.bias - difference) * (k.bias + difference)) * inverse;
    const T delta = select(inverse > T(0), smaller(larger(raw, T(0)), T(2)), T(1));
    e.v = select(delta <= T(1), delta, -(2 - delta));  // -0 at the other end
    if (!kNtk) return;
    e.theta = k.w2 * theta + k.out * (f1[0] * f2[0]) * (1 - delta);
    if (kStandard) e.theta += k.in * (f1[2] + f2[2] - sum) + k.one;
  }
};

NTK_MATH_END
