// Angles from 1 - cos, without cancellation. With m = 1 - cos(theta) in [0, 1]:
//   theta              = sqrt(2 m) Q(m),    Q(m) = asin(sqrt(m/2)) / sqrt(m/2)
//   theta - sin(theta) = sqrt(2 m) m P(m)
// Q and P are analytic on [0, 1], so a polynomial each will do: no branch, no table. Coefficients
// and their errors: tools/angle_polynomials.py (relative error 7e-8 in float32, 1.4e-16 in
// float64).
#pragma once

#include "kernels/math/scalar.h"

NTK_MATH_BEGIN

template <class T, class C>
NTK_HD T horner(T, C c) {
  return T(c);
}
template <class T, class C, class... Rest>
NTK_HD T horner(T x, C c, Rest... rest) {
  return T(c) + x * horner(x, rest...);
}

// Q(m)
template <class T>
NTK_HD T angle_ratio(T m) {
  if constexpr (is_single<T>())
    return horner(m, 1.000000002f, 0.08333307119f, 0.01875689329f, 0.005511452092f, 0.002238389955f,
                  -0.0002193930985f, 0.001678125333f, -0.001061845869f, 0.0004840370895f);
  else
    return horner(m, 0.99999999999999999815, 0.083333333333334811366, 0.018749999999804005759,
                  0.0055803571531497288159, 0.0018988712426045872035, 0.00069913478664018135761,
                  0.00027108297386184681685, 0.00010952478156304420903, 0.000042692769784813945868,
                  0.000029476162165201883631, -0.000025699535695643385996,
                  0.000088358135786673098664, -0.00016213955816771025038, 0.00024433643932240655614,
                  -0.00027684276140276827268, 0.00023706559370590234604, -0.00014754729306870457341,
                  0.000063514583812308588687, -0.000016932741897838361228,
                  2.1484742887129798208e-6);
}

// P(m)
template <class T>
NTK_HD T angle_excess(T m) {
  if constexpr (is_single<T>())
    return horner(m, 0.3333333348f, 0.04999975763f, 0.01339922999f, 0.004276585464f,
                  0.001867374364f, -0.0002569109092f, 0.001533901937f, -0.0009836601796f,
                  0.0004443375052f);
  else
    return horner(m, 0.33333333333333333155, 0.050000000000001426488, 0.013392857142667984333,
                  0.0043402777877113200239, 0.0015536218838683822138, 0.00059157616139648756027,
                  0.00023493326610883197667, 0.000096674615944523529947, 0.000038027874427857120413,
                  0.000027296044614778601173, -0.000025224657187647654001,
                  0.000085098588486114393526, -0.00015650574293366434585, 0.00023571581350918200537,
                  -0.0002670911069806175204, 0.00022868233172468669227, -0.00014231658822131708855,
                  0.000061252387486141520564, -0.000016326520441320239537, 2.0707375275527923e-6);
}

// asin(x) for |x| <= sqrt(1/2), to a rounding or two.
template <class T>
NTK_HD T asin_small(T x) {
  return x * angle_ratio(2 * x * x);
}

NTK_MATH_END
