// Steps of a PixelWalk in which pixels are mixed among each other: pools, resizing, slices,
// patterns of graphs, attention. They act on covariances; correlations come out right to rounding.
#include <algorithm>
#include <cmath>

#include "kernels/math/pixels.h"
#include "kernels/pixels.h"

namespace ntk {
namespace {

std::size_t at(std::int64_t i) { return static_cast<std::size_t>(i); }

std::int64_t stride(std::int64_t pixels) { return PixelLayout::stride(pixels); }

void add_times(double factor, const double* from, std::int64_t n, double* to) {
  if (factor == 0) return;
  for (std::int64_t r = 0; r < n; ++r) to[r] += factor * from[r];
}

double dot(const double* x, const double* y, std::int64_t n) {
  double sum = 0;
  for (std::int64_t i = 0; i < n; ++i) sum += x[i] * y[i];
  return sum;
}

}  // namespace

// K to minus_, Theta to theta_, a pixel of `a` after the other.
void PixelWalk::to_covariances(std::size_t k, const double* a, const double* b) {
  const std::int64_t n = stage_.steps[k].before, ld = stride(n);
  const double *s1 = a + layout_.steps[k].before, *s2 = b + layout_.steps[k].before;
  for (std::int64_t p = 0; p < n; ++p)
    for (std::int64_t r = 0; r < ld; ++r) {
      const std::size_t i = at(p * ld + r);
      const math::Entry<double> e{now_.v[i], now_.theta[i]};
      minus_[i] = s1[p] * s2[r] * e.rho();
      theta_[i] = e.theta;
    }
}

void PixelWalk::mix(std::size_t k, const double* a, const double* b, double* own_block) {
  const PixelStep& step = stage_.steps[k];
  const PixelLayout::Step& place = layout_.steps[k];
  const AttentionStep& attention = step.attention;
  const bool attends = step.in.op == Op::attend,
             pairs_after = k + 1 < pairs_until_ || !stage_.output.empty();
  const double *mask_a = a + place.before + stride(step.before),
               *mask_b = b + place.before + stride(step.before);
  if (own_block) own_before_mix(k, own_block);
  to_covariances(k, a, b);
  if (own_block) own_matrix(k, own_block);
  if (attends && !attention.linear_scaling) {
    attend_squared(step, mask_a, mask_b);
  } else {
    if (attends && attention.embed_values) {
      embed(step, mask_a, mask_b, minus_.data());
      embed(step, mask_a, mask_b, theta_.data());
    }
    transform(step, a + place.matrix, b + place.matrix, pairs_after, minus_.data());
    transform(step, a + place.matrix, b + place.matrix, pairs_after, theta_.data());
  }
  const std::int64_t n = step.after, ld = stride(n);
  for (std::int64_t p = 0; attends && attention.linear_scaling && p < (pairs_after ? n : 1); ++p)
    for (std::int64_t r = 0; r < n; ++r) {
      double &product = minus_[at(p * ld + r)], &theta = theta_[at(p * ld + r)];
      theta = attention.value_out * (theta + 2 * product) + attention.b2;
      product = attention.value_out * product + attention.b2;
    }
  if (!pairs_after && attends && !attention.linear_scaling)
    for (std::int64_t p = 1; p < n; ++p) {
      minus_[at(p)] = minus_[at(p * ld + p)];
      theta_[at(p)] = theta_[at(p * ld + p)];
    }
  if (own_block) own_after_mix(k, own_block);
  const double *f1 = a + place.after, *f2 = b + place.after;
  for (std::int64_t p = 0; p < (pairs_after ? n : 1); ++p)
    for (std::int64_t r = 0; r < ld; ++r) {
      const std::size_t i = at(p * ld + r);
      const std::int64_t row = pairs_after ? p : r;
      const double both = f1[row] * f2[r];
      const auto e = r < n ? math::entry_from_covariance(both * minus_[i], both * theta_[i],
                                                         f1[ld + row], f2[ld + r])
                           : math::Entry<double>{1, 0};
      now_.v[i] = e.v;
      now_.theta[i] = e.theta;
    }
  if (own_block) own_diagonal(n, pairs_after);
}

// K' = A K B^T in place; with nothing but p = p' after it, these in one row.
void PixelWalk::transform(const PixelStep& step, const double* matrix_a, const double* matrix_b,
                          bool pairs_after, double* k) {
  const std::int64_t n = step.before, ld = stride(n), after = stride(step.after);
  const bool sparse = step.in.op == Op::mix;
  double* const rows = plus_.data();  // A K
  const auto row_of = [&](std::int64_t p, double* to) {
    std::fill_n(to, ld, 0.0);
    if (sparse)
      for (std::int32_t i = step.mix.begin[at(p)]; i < step.mix.begin[at(p + 1)]; ++i)
        add_times(step.mix.weight[at(i)], k + step.mix.column[at(i)] * ld, n, to);
    else
      for (std::int64_t q = 0; q < n; ++q) add_times(matrix_a[p * n + q], k + q * ld, n, to);
  };
  const auto entry_of = [&](const double* row, std::int64_t r) {
    if (!sparse) return dot(row, matrix_b + r * n, n);
    double sum = 0;
    for (std::int32_t i = step.mix.begin[at(r)]; i < step.mix.begin[at(r + 1)]; ++i)
      sum += step.mix.weight[at(i)] * row[step.mix.column[at(i)]];
    return sum;
  };
  for (std::int64_t p = 0; p < step.after; ++p) row_of(p, rows + p * ld);
  for (std::int64_t p = 0; p < step.after; ++p) {
    if (!pairs_after) {
      k[p] = entry_of(rows + p * ld, p);
      continue;
    }
    for (std::int64_t r = 0; r < step.after; ++r) k[p * after + r] = entry_of(rows + p * ld, r);
  }
}

// input K + position R between pixels that are not masked.
void PixelWalk::embed(const PixelStep& step, const double* mask_a, const double* mask_b,
                      double* k) const {
  const AttentionStep& attention = step.attention;
  if (attention.embedding.empty()) return;
  const std::int64_t n = step.before, ld = stride(n);
  for (std::int64_t p = 0; p < n; ++p)
    for (std::int64_t r = 0; r < n; ++r)
      k[p * ld + r] = attention.input * k[p * ld + r] + attention.position * mask_a[p] * mask_b[r] *
                                                            attention.embedding[at(p * n + r)];
}

void PixelWalk::attend_squared(const PixelStep& step, const double* mask_a, const double* mask_b) {
  const AttentionStep& attention = step.attention;
  const std::int64_t n = step.before, ld = stride(n);
  const double factor = attention.query_key * attention.value_out, b2 = attention.b2;
  double *k = minus_.data(), *theta = theta_.data(), *c = plus_.data(), *d = now_.v.data();
  std::copy_n(k, n * ld, c);
  std::copy_n(theta, n * ld, d);
  embed(step, mask_a, mask_b, c);
  embed(step, mask_a, mask_b, d);
  const bool embedded = attention.embed_values || attention.embedding.empty();
  double inner = 0, slope = 0;
  for (std::int64_t p = 0; p < n; ++p) {
    const std::int64_t row = p * ld;
    inner += dot(c + row, (embedded ? c : k) + row, n);
    slope += embedded ? 2 * dot(c + row, d + row, n)
                      : dot(c + row, theta + row, n) + dot(k + row, d + row, n);
  }
  for (std::int64_t p = 0; p < n; ++p)
    for (std::int64_t i = p * ld; i < p * ld + n; ++i) {
      theta[i] = factor * (slope * c[i] + inner * (d[i] + 4 * c[i])) + b2;
      k[i] = factor * inner * c[i] + b2;
    }
}

}  // namespace ntk
