// Nonlinearities without a closed form, and polynomials: phi(sqrt(q) z) = s' sum a_n h_n(z) in
// normalized Hermite polynomials, with s' = sqrt(q') and sum a_n^2 = 1. Then (Mehler)
//   rho' = sum a_n(q1) a_n(q2) rho^n,   E[phi' phi'] = (s1' s2')/(s1 s2) d rho'/d rho.
// A sample's features are its a_n of even degree, those of odd degree, and s'/s.
//
// With c_n = a_n(q1) a_n(q2) and sum c_n = 1 - gap, gap = sum (a_n(q1) - a_n(q2))^2 / 2,
//   1 - rho' = gap + sum c_n (1 - rho^n),
// and 1 - x^k = (1 - x)(1 + x + ... + x^(k-1)): the sums over k of c_k (1 - x^k), x = rho^2, are
// (1 - x) Q(x), where Q has the suffix sums of c as its coefficients. No term is a difference.
#pragma once

#include "kernels/math/entry.h"
#include "kernels/math/program.h"

NTK_MATH_BEGIN

// Sums over the terms of one parity, for x = rho^2.
template <class T>
struct SeriesSum {
  T total;       // sum c_k
  T value;       // sum c_k x^k
  T slope;       // sum k c_k x^(k-1)
  T complement;  // sum c_k (1 - x^k)
  T gap;         // sum (a_k - b_k)^2
};

// All terms: one pass down the coefficients.
template <bool kNtk, class T, class Row, class Column>
NTK_HD SeriesSum<T> full_sum(int terms, Row a, Column b, T x, T one_minus_x) {
  T total = T(0), q = T(0), dq = T(0), gap = T(0);
  for (int k = terms - 1; k > 0; --k) {
    const T u = a(k), w = b(k);
    total = total + u * w;
    if (kNtk) dq = dq * x + q;
    q = q * x + total;
    gap = gap + square(u - w);
  }
  if (terms > 0) {
    const T u = a(0), w = b(0);
    total = total + u * w;
    gap = gap + square(u - w);
  }
  const T complement = one_minus_x * q;
  return {total, total - complement, q - one_minus_x * dq, complement, gap};
}

// The first terms, where x is so small that the others do not count.
template <bool kNtk, class T, class Row, class Column>
NTK_HD SeriesSum<T> cut_sum(int terms, Row a, Column b, T x) {
  T value = T(0), slope = T(0);
  for (int k = terms - 1; k >= 0; --k) {
    if (kNtk) slope = slope * x + value;
    value = value * x + a(k) * b(k);
  }
  return {T(0), value, slope, T(0), T(0)};
}

// How many terms count at x^2 = x, at most `terms`.
template <class T>
NTK_HD int counting_terms(int terms, T x) {
  const T negligible = sizeof(T) == sizeof(float) ? T(1e-9) : T(1e-18);
  int k = 1;
  for (T y = x; k < terms && y > negligible; y = y * y) k *= 2;
  return k < terms ? k : terms;
}

// Row and Column give a sample's features: even(k), odd(k) and ratio().
template <bool kNtk, class T, class Row, class Column>
NTK_HD void series_step(Terms terms, const Row& row, const Column& column, Entry<T>& e) {
  const T m = e.m(), r = 1 - m, sgn = e.sign(), rho = sgn * r;
  const T x = r * r, one_minus_x = e.one_minus_rho_squared();
  const int most = terms.even > terms.odd ? terms.even : terms.odd;
  constexpr int kFew = 8;  // which are all taken: to look costs more
  const int count = most > kFew ? counting_terms(most, largest_lane(x)) : most;
  const bool cut = count < most;
  auto sum_of = [&](int n, auto a, auto b) {
    return cut ? cut_sum<kNtk>(count < n ? count : n, a, b, x)
               : full_sum<kNtk>(n, a, b, x, one_minus_x);
  };
  const SeriesSum<T> even = sum_of(
      terms.even, [&](int k) { return row.even(k); }, [&](int k) { return column.even(k); });
  const SeriesSum<T> odd = sum_of(
      terms.odd, [&](int k) { return row.odd(k); }, [&](int k) { return column.odd(k); });
  if (cut) {
    const T value = even.value + rho * odd.value;
    e.v = copy_sign(larger(T(0), 1 - abs_of(value)), value);
  } else {
    // From the end that rho is near: 1 - rho' at 1, 1 + rho' at -1.
    const T odd_part = odd.total * m + r * odd.complement;
    const T even_part = select(sgn > T(0), even.complement, even.total + even.value);
    const T distance = T(0.5) * (even.gap + odd.gap) + even_part + odd_part;
    e.set_ends(select(sgn > T(0), distance, 2 - distance),
               select(sgn > T(0), 2 - distance, distance));
  }
  if (kNtk)
    e.theta *=
        (row.ratio() * column.ratio()) * (2 * rho * even.slope + odd.value + 2 * x * odd.slope);
}

// Normalizes a sample's coefficients, in place: a_n of s' to a_n of 1. Gives q' and E[phi'(u)^2].
NTK_HD SampleStep finish_series(Terms terms, double s, double* f, int64_t stride) {
  double own = 0, slope = 0;
  for (int k = 0; k < terms.even; ++k) {
    const double square_a = square(f[k * stride]);
    own += square_a, slope += 2.0 * k * square_a;
  }
  for (int k = 0; k < terms.odd; ++k) {
    const double square_a = square(f[(terms.even + k) * stride]);
    own += square_a, slope += (2.0 * k + 1) * square_a;
  }
  const double root = sqrt(own), inverse = root > 0 ? 1 / root : 0;
  for (int k = 0; k < terms.even + terms.odd; ++k) f[k * stride] *= inverse;
  f[(terms.even + terms.odd) * stride] = root / s;
  return {own, slope / (s * s)};
}

// The least standard deviation that coefficients are computed for: a zero sample's correlations are
// 0, and its features are those of such a one.
constexpr double kLeastDeviation = 1e-12;

// A polynomial: a_l = s^l sum_i g_li s^(2i). The table has the rows of g, `columns` numbers each,
// for the even l, then for the odd ones.
NTK_HD SampleStep polynomial_sample(Terms terms, int columns, const double* table, double q,
                                    double* f, int64_t stride) {
  const double s = sqrt(q) > kLeastDeviation ? sqrt(q) : kLeastDeviation;
  auto coefficient = [&](int row, int degree) {
    const double* g = table + row * columns;
    double sum = 0, power = 1;
    for (int i = columns - 1; i >= 0; --i) sum = sum * s * s + g[i];
    for (int i = 0; i < degree; ++i) power *= s;
    return sum * power;
  };
  for (int k = 0; k < terms.even; ++k) f[k * stride] = coefficient(k, 2 * k);
  for (int k = 0; k < terms.odd; ++k)
    f[(terms.even + k) * stride] = coefficient(terms.even + k, 2 * k + 1);
  return finish_series(terms, s, f, stride);
}

// The table of a function (src/infinite/tabulate.h): its coefficients, s' among them, at Chebyshev
// points of u = log q, panel by panel.
struct FunctionTable {
  double value_at_zero, slope_at_zero;  // phi(0), phi'(0)
  double first;                         // u where the first panel begins
  double width;                         // of a panel
  double panels, points;                // and the values follow
};
constexpr int kFunctionHeader = 6;

// phi(x) = phi(0) + phi'(0) x: of a zero sample.
NTK_HD SampleStep linear_sample(Terms terms, const FunctionTable& t, double* f, int64_t stride) {
  for (int k = 0; k < terms.even + terms.odd; ++k) f[k * stride] = 0;
  if (terms.even > 0) f[0] = t.value_at_zero;
  if (terms.odd > 0) f[terms.even * stride] = t.slope_at_zero * kLeastDeviation;
  const SampleStep step = finish_series(terms, kLeastDeviation, f, stride);
  return {square(t.value_at_zero), step.derivative};
}

// Barycentric interpolation at Chebyshev points of the first kind.
NTK_HD SampleStep function_sample(Terms terms, const double* table, double q, double* f,
                                  int64_t stride) {
  const FunctionTable t = {table[0], table[1], table[2], table[3], table[4], table[5]};
  if (!(q > kLeastDeviation * kLeastDeviation)) return linear_sample(terms, t, f, stride);
  const int panels = static_cast<int>(t.panels), points = static_cast<int>(t.points);
  const int columns = terms.even + terms.odd;
  const double place = (log(q) - t.first) / t.width;
  int panel = place > 0 ? static_cast<int>(place < panels ? place : panels - 1) : 0;
  if (panel >= panels) panel = panels - 1;
  const double x = 2 * (place - panel) - 1;
  const double* values = table + kFunctionHeader + static_cast<int64_t>(panel) * points * columns;

  for (int k = 0; k < columns; ++k) f[k * stride] = 0;
  double sum = 0;
  for (int i = 0; i < points; ++i) {
    const double angle = kPi * (2 * i + 1) / (2.0 * points), node = cos(angle);
    const double distance = x - node;
    if (distance == 0 || points == 1) {
      for (int k = 0; k < columns; ++k) f[k * stride] = values[i * columns + k];
      sum = 1;
      break;
    }
    const double weight = (i % 2 ? -1 : 1) * sin(angle) / distance;
    sum += weight;
    for (int k = 0; k < columns; ++k) f[k * stride] += weight * values[i * columns + k];
  }
  for (int k = 0; k < columns; ++k) f[k * stride] /= sum;
  return finish_series(terms, sqrt(q), f, stride);
}

NTK_MATH_END
