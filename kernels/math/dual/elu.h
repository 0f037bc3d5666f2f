// phi(x) = l x for x > 0, l A (exp(x) - 1) for x < 0: ELU (l = 1), SELU.
// In polar coordinates u = s1 r cos t, v = s2 r cos(t - w) with w the angle of rho, W = pi - w.
// Where both are positive the expectation is the arc-cosine kernel's; elsewhere the integral over r
// is known and that over the angle is smooth. With h(a) = sqrt(pi/2) exp(a^2/2) erfc(a/sqrt 2) and
// G(a) = E[exp(-a r)] = 1 - a h(a):
//   both negative:   E[(exp(-a r) - 1)(exp(-b r) - 1)] = a (h(a) - h(a + b)) + b (h(b) - h(a + b))
//   u < 0 < v:       E[r (1 - exp(-a r))] = h(0) - h(a) + a G(a)
// h is a polynomial in t = (a - 4)/(a + 4), and its differences are divided differences of that
// polynomial: no term cancels for small variances. 1 - rho' is right to roundings of rho'.
#pragma once

#include "kernels/math/angle.h"
#include "kernels/math/entry.h"

NTK_MATH_BEGIN

// The tables are made by tools/elu_tables.py: errors 3.5e-9 and 2e-17 of h; nodes that crowd at
// both ends of [0, 1], for variances up to about 1e4 (at 1e6, in float64, 3e-11 for K and 1e-8 for
// the derivative).
template <class T, bool kSingle = is_single<T>()>
struct EluTable {
  static constexpr int kTerms = 12, kPairs = 8;
  static NTK_HD T term(int k) {
    constexpr float c[] = {0.2366523863f,     -0.4271237462f,    0.3117723136f,   -0.1797438525f,
                           0.07736947671f,    -0.02128607825f,   0.001259669201f, 0.001599288579f,
                           -0.0004438072903f, -0.0001101072477f, 4.703310181e-5f, 7.427464094e-6f};
    return T(c[k]);
  }
  static NTK_HD T node(int i) {
    constexpr float x[] = {8.395745907e-5f, 0.002261380665f, 0.01293472405f, 0.04121189726f,
                           0.09556463287f,  0.1805080344f,   0.2943801667f,  0.4289550461f};
    return T(x[i]);
  }
  static NTK_HD T weight(int i) {
    constexpr float w[] = {0.0004293982895f, 0.005032171431f, 0.01789093887f, 0.04013341202f,
                           0.06936342794f,   0.1002532287f,   0.1260921465f,  0.1408052763f};
    return T(w[i]);
  }
};
template <class T>
struct EluTable<T, false> {
  static constexpr int kTerms = 24, kPairs = 20;
  static NTK_HD T term(int k) {
    constexpr double c[] = {
        0.23665238291356065151,      -0.42712374676605853214,    0.31177255821095179212,
        -0.17974381473324861899,     0.07736659066359662187,     -0.021286526646468708444,
        0.0012722694530593533431,    0.001601268864661115042,    -0.00046920142737162846497,
        -0.00011418919860204193778,  0.000071811004936394877387, 0.000011609654599544980824,
        -0.000010788312047461795373, -2.0792073212499075328e-6,  1.6601767867187071647e-6,
        5.1672608669328062768e-7,    -2.3905229828934641113e-7,  -1.3280397190420559279e-7,
        2.6308587614593630774e-8,    3.013157360364289636e-8,    -1.1654813148193415776e-9,
        -5.1604241103980520599e-9,   -1.1653034040194060183e-10, 4.8142409131286561375e-10};
    return T(c[k]);
  }
  static NTK_HD T node(int i) {
    constexpr double x[] = {
        2.3278820264656088504e-6, 0.000064302594485866108128, 0.0003848926299514656134,
        0.001309613312539624242,  0.0033097663083835957784,   0.006953895686959205414,
        0.012873069549252121226,  0.021721882106929949991,    0.034137308387986792832,
        0.050697664914962152368,  0.071883929083568479252,    0.098045547648688099803,
        0.12937262727849434727,   0.16587606034160075285,     0.20737671524005727655,
        0.25350433551914565845,   0.30370627180262720514,     0.35726564334317938968,
        0.41332802004986724362,   0.47093525851775347386};
    return T(x[i]);
  }
  static NTK_HD T weight(int i) {
    constexpr double w[] = {
        0.000011941172903894203064, 0.00014536071700359641527, 0.00055375491480369191626,
        0.0013747161892321783111,   0.0027209303412493885909,  0.0046731615209739507281,
        0.007274976407693617878,    0.010529500613432543982,   0.014398387831328329372,
        0.018803062528541194231,    0.023628174156947648605,   0.028727081368246376661,
        0.033929074995201850591,    0.039047954511046133685,   0.043891499375920282365,
        0.048271328076288437272,    0.052012616382802533019,   0.054963153543634202896,
        0.057001250408512309894,    0.058042074944237839384};
    return T(w[i]);
  }
};

template <class T>
NTK_HD T elu_place(T a) {
  return (a - 4) / (a + 4);
}

// The divided difference of h's polynomial between t1 and t2, and its value at t2.
template <class T>
struct EluDifference {
  T quotient, value;
};
template <class T>
NTK_HD EluDifference<T> elu_difference(T t1, T t2) {
  T quotient = T(0), value = EluTable<T>::term(EluTable<T>::kTerms - 1);
  for (int k = EluTable<T>::kTerms - 2; k >= 0; --k) {
    quotient = quotient * t1 + value;
    value = value * t2 + EluTable<T>::term(k);
  }
  return {quotient, value};
}

// G(a) = 1 - a h(a), where h's error is multiplied by a; for large a by its asymptotic series.
template <class T>
NTK_HD T elu_fall(T a, T h) {
  const T far = is_single<T>() ? T(32) : T(200), inverse = 1 / larger(a, T(1));
  const T square_inverse = inverse * inverse;
  const T series = square_inverse * (1 - square_inverse * (3 - 15 * square_inverse));
  return select(a > far, series, 1 - a * h);
}

// What the kernel and the derivative get from one place of a sector.
template <class T>
struct EluPart {
  T kernel, derivative;
};

// Both negative: over a b, and G(a + b).
template <class T>
NTK_HD EluPart<T> elu_both_negative(T a, T b) {
  const T x = a + b, t = elu_place(x);
  const EluDifference<T> first = elu_difference(elu_place(a), t);
  const EluDifference<T> second = elu_difference(elu_place(b), t);
  const T bracket = first.quotient / (a + 4) + second.quotient / (b + 4);
  return {-8 * bracket / (x + 4), elu_fall(x, first.value)};
}

// One of them negative, a its size: over a, and G(a).
template <class T>
NTK_HD EluPart<T> elu_one_negative(T a) {
  const EluDifference<T> from_zero = elu_difference(T(-1), elu_place(a));
  const T fall = elu_fall(a, from_zero.value);
  return {fall - 2 * from_zero.quotient / (a + 4), fall};
}

// sin and cos of y in [0, pi/2], by Taylor's series.
template <class T>
struct SineCosine {
  T sine, cosine;
};
template <class T>
NTK_HD SineCosine<T> sine_cosine(T y) {
  constexpr int kPairs = is_single<T>() ? 6 : 11;
  const T y2 = y * y;
  T sine = T(1), cosine = T(1);
  for (int k = kPairs; k > 0; --k) {
    sine = 1 - y2 * sine * T(1.0 / ((2 * k) * (2 * k + 1)));
    cosine = 1 - y2 * cosine * T(1.0 / ((2 * k - 1) * (2 * k)));
  }
  return {y * sine, cosine};
}

struct Elu {
  static constexpr int kFeatures = 2;  // sqrt q, sqrt q'
  template <class T>
  struct Constants {
    T l2, A;
  };
  template <class T>
  static NTK_HD Constants<T> constants(const double* p) {
    return {T(square(p[1])), T(p[0])};
  }

  // K' / (s1 s2) and E[phi' phi'].
  template <class T>
  static NTK_HD EluPart<T> expectation(const Constants<T>& k, T s1, T s2, T m, T sgn) {
    const T nearer = sqrt_of(2 * m) * angle_ratio(m), farther = T(kPi) - nearer;
    const auto positive = sgn > T(0);
    const T w = select(positive, nearer, farther), W = select(positive, farther, nearer);
    const T sine = sqrt_of(m * (2 - m)), cosine = sgn * (1 - m);
    T both = T(0), both_slope = T(0), one = T(0), one_slope = T(0);
    for (int i = 0; i < EluTable<T>::kPairs; ++i) {
      const T x = EluTable<T>::node(i), weight = EluTable<T>::weight(i);
      const SineCosine<T> y = sine_cosine(W * x), z = sine_cosine(w * x);
      const T S0 = y.sine, S1 = sine * y.cosine + cosine * y.sine;  // of W x and W (1 - x)
      const T R0 = z.sine, R1 = sine * z.cosine - cosine * z.sine;  // of w x and w (1 - x)
      const EluPart<T> n1 = elu_both_negative(s1 * S1, s2 * S0);
      const EluPart<T> n2 = elu_both_negative(s1 * S0, s2 * S1);
      both += weight * (S0 * S1) * (n1.kernel + n2.kernel);
      both_slope += weight * (n1.derivative + n2.derivative);
      const EluPart<T> p1 = elu_one_negative(s1 * R0), p2 = elu_one_negative(s1 * R1);
      const EluPart<T> p3 = elu_one_negative(s2 * R0), p4 = elu_one_negative(s2 * R1);
      one += weight * (R0 * R1) * ((p1.kernel + p2.kernel) + (p3.kernel + p4.kernel));
      one_slope += weight * ((p1.derivative + p2.derivative) + (p3.derivative + p4.derivative));
    }
    const T scale = k.l2 * T(0.5 / kPi);
    return {scale * ((sine + W * cosine) + k.A * k.A * W * both - k.A * w * one),
            scale * (W + k.A * k.A * W * both_slope + k.A * w * one_slope)};
  }

  template <bool kNtk, class T>
  static NTK_HD void step(const Constants<T>& k, const T* f1, const T* f2, Entry<T>& e) {
    const T m = e.m(), sgn = e.sign();
    const EluPart<T> part = expectation(k, f1[0], f2[0], m, sgn);
    const T rho = (f1[0] / nonzero(f1[1])) * (f2[0] / nonzero(f2[1])) * part.kernel;
    const T v = copy_sign(larger(T(0), 1 - abs_of(rho)), rho);
    // Between equal samples rho' is 1, not a rounding less.
    const auto same = abs_of(f1[0] - f2[0]) + (1 - sgn) + m <= T(0);
    e.v = select(same, T(0), v);
    if (kNtk) e.theta *= part.derivative;
  }
  static NTK_HD SampleStep sample(const double* p, double q, double* f) {
    const double s = sqrt(q), m = q > 0 ? 0 : 1;  // at q = 0 the angle counts as pi/2
    const EluPart<double> own = expectation(constants<double>(p), s, s, m, 1.0);
    f[0] = s, f[1] = s * sqrt(own.kernel);
    return {q * own.kernel, own.derivative};
  }
};

NTK_MATH_END
