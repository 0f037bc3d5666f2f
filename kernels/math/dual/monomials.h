// Powers: of the covariance (Hermite polynomials) and of the rectified input.
#pragma once

#include "kernels/math/angle.h"
#include "kernels/math/entry.h"

NTK_MATH_BEGIN

// x^n for a whole n >= 0, 0^0 = 1.
template <class T>
NTK_HD T power(T x, int n) {
  T y = T(1);
  for (int i = 0; i < n; ++i) y = y * x;
  return y;
}

// The kernel K^n: that of the normalized Hermite polynomial of degree n where the variance is 1
// (neural_tangents stax.Hermite). E[phi' phi'] = n K^(n-1).
struct Hermite {
  static constexpr int kFeatures = 1;  // sqrt(q)^(n-1)
  template <class T>
  struct Constants {
    int n;
  };
  template <class T>
  static NTK_HD Constants<T> constants(const double* p) {
    return {static_cast<int>(p[0])};
  }
  template <bool kNtk, class T>
  static NTK_HD void step(const Constants<T>& k, const T* f1, const T* f2, Entry<T>& e) {
    const T m = e.m(), rho = e.rho();
    T one_minus = T(0), odd = T(1);  // 1 - |rho|^n, sign(rho)^n
    for (int i = 0; i < k.n; ++i) one_minus = m + (1 - m) * one_minus, odd = odd * e.sign();
    e.v = copy_sign(one_minus, odd);
    if (kNtk) e.theta *= k.n == 0 ? T(0) : T(k.n) * (f1[0] * f2[0]) * power(rho, k.n - 1);
  }
  static NTK_HD SampleStep sample(const double* p, double q, double* f) {
    const int n = static_cast<int>(p[0]);
    f[0] = n == 0 ? 0 : power(sqrt(q), n - 1);
    return {power(q, n), n == 0 ? 0 : n * f[0] * f[0] * (q > 0 || n == 1 ? 1 : 0)};
  }
};

// phi(x) = max(x, 0)^n: the arc-cosine kernel of order n (Cho and Saul 2009). With
// R_n = K' / sqrt(q1' q2') the correlation, J_n in their words divided by J_n(0),
//   R_(n+1) = rho R_n + k_n (1 - rho^2) R_(n-1),  k_n = n^2 / (4 n^2 - 1),
// the recursion of Legendre's polynomials, and E[phi' phi'] is n^2 times the K' of order n - 1.
// For U_n = 1 - R_n no term is a difference:
//   U_(n+1) = rho U_n + (1 - rho) [1 - k_n (1 + rho) (1 - U_(n-1))].
struct RectifiedMonomial {
  static constexpr int kFeatures = 1;  // sqrt(q)^(n-1)
  template <class T>
  struct Constants {
    int n;
    T slope;  // n^2 (2n - 3)!! / 2
  };
  static NTK_HD double odd_factorial(int n) {  // n!! for an odd n, 1 for n <= 1
    double product = 1;
    for (int i = 3; i <= n; i += 2) product *= i;
    return product;
  }
  template <class T>
  static NTK_HD Constants<T> constants(const double* p) {
    const int n = static_cast<int>(p[0]);
    return {n, T(0.5 * n * n * odd_factorial(2 * n - 3))};
  }
  template <bool kNtk, class T>
  static NTK_HD void step(const Constants<T>& k, const T* f1, const T* f2, Entry<T>& e) {
    const T m = e.m(), sgn = e.sign(), rho = e.rho();
    const T root = sqrt_of(2 * m), turn = T(1 / kPi) * root * angle_ratio(m);
    const T one_minus = (1 - sgn) + sgn * m, one_plus = (1 + sgn) - sgn * m;
    const T deficit = m * (T(2 / kPi) * root * angle_excess(m) + 1 - 2 * turn);  // of E|x||y|
    T before = select(sgn > T(0), turn, 1 - turn), now = T(0.5) * (one_minus + deficit);
    if (k.n == 0) now = before;
    for (int i = 1; i < k.n; ++i) {
      const T ratio = T(static_cast<double>(i) * i / (4.0 * i * i - 1));
      const T next = rho * now + one_minus * (1 - ratio * one_plus * (1 - before));
      before = now, now = next;
    }
    e.v = smaller(larger(now, T(0)), T(1));
    if (kNtk) e.theta *= k.slope * (f1[0] * f2[0]) * (1 - before);
  }
  static NTK_HD SampleStep sample(const double* p, double q, double* f) {
    const Constants<double> k = constants<double>(p);
    f[0] = k.n == 0 ? 0 : power(sqrt(q), k.n - 1);
    // At q = 0 the angle counts as pi/2.
    const double derivative = q > 0 ? k.slope * f[0] * f[0] : k.n == 1 ? 0.25 : 0;
    return {0.5 * odd_factorial(2 * k.n - 1) * power(q, k.n), derivative};
  }
};

NTK_MATH_END
