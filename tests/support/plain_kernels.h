// Classical kernels and their ridge regression as one would write them down: plain loops.
#pragma once

#include <cmath>
#include <utility>
#include <vector>

#include "near.h"
#include "ntk/classical.h"

namespace ntk::testing {

// Between row i of a and row j of b.
inline double plain_kernel(const ClassicalKernel& kernel, const Array& a, std::int64_t i,
                           const Array& b, std::int64_t j) {
  const std::int64_t d = a.size() / a.shape()[0];
  long double product = 0, squared = 0;
  for (std::int64_t k = 0; k < d; ++k) {
    const long double u = value_at(a, i * d + k), v = value_at(b, j * d + k);
    product += u * v;
    squared += (u - v) * (u - v);
  }
  const long double scale = kernel.scale().value();
  const long double t = std::sqrt(squared) / scale;
  const long double u = std::sqrt(2 * static_cast<long double>(kernel.nu())) * t;
  switch (kernel.kind()) {
    case ClassicalKind::rbf:
      return static_cast<double>(std::exp(-scale * squared));
    case ClassicalKind::laplace:
      return static_cast<double>(std::exp(-t));
    case ClassicalKind::matern:
      if (kernel.nu() == 0.5) return static_cast<double>(std::exp(-u));
      if (kernel.nu() == 1.5) return static_cast<double>((1 + u) * std::exp(-u));
      return static_cast<double>((1 + u + u * u / 3) * std::exp(-u));
    case ClassicalKind::polynomial:
      return static_cast<double>(
          std::pow(scale * product + kernel.coef0(), static_cast<long double>(kernel.degree())));
  }
  return NAN;
}

inline Array plain_gram(const ClassicalKernel& kernel, const Array& a, const Array& b) {
  Array gram(DType::float64, {a.shape()[0], b.shape()[0]});
  for (std::int64_t at = 0; at < gram.size(); ++at)
    gram.as<double>()[at] = plain_kernel(kernel, a, at / b.shape()[0], b, at % b.shape()[0]);
  return gram;
}

// X with A X = B by Gauss's elimination with pivots; A is n x n, B n x m, row-major.
inline std::vector<double> solved(std::vector<double> a, std::vector<double> b) {
  std::size_t n = 0;
  while (n * n < a.size()) ++n;
  const std::size_t m = b.size() / n;
  for (std::size_t k = 0; k < n; ++k) {
    std::size_t pivot = k;
    for (std::size_t i = k; i < n; ++i)
      if (std::abs(a[i * n + k]) > std::abs(a[pivot * n + k])) pivot = i;
    for (std::size_t j = 0; j < n; ++j) std::swap(a[k * n + j], a[pivot * n + j]);
    for (std::size_t j = 0; j < m; ++j) std::swap(b[k * m + j], b[pivot * m + j]);
    for (std::size_t i = 0; i < n; ++i) {
      if (i == k) continue;
      const double factor = a[i * n + k] / a[k * n + k];
      for (std::size_t j = k; j < n; ++j) a[i * n + j] -= factor * a[k * n + j];
      for (std::size_t j = 0; j < m; ++j) b[i * m + j] -= factor * b[k * m + j];
    }
  }
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < m; ++j) b[i * m + j] /= a[i * n + i];
  return b;
}

struct PlainRidge {
  std::vector<double> mean, variance;  // M, of targets that are a vector
};

// mean = K* (K + r I)^-1 y, variance = K** - K* (K + r I)^-1 K*^T with r = diag_reg mean(diag K).
inline PlainRidge plain_ridge(const ClassicalKernel& kernel, const Array& x, const Array& y,
                              const Array& z, double diag_reg) {
  const auto n = static_cast<std::size_t>(x.shape()[0]), m = static_cast<std::size_t>(z.shape()[0]);
  const Array k = plain_gram(kernel, x, x), cross = plain_gram(kernel, x, z);
  std::vector<double> a(k.as<double>(), k.as<double>() + n * n);
  double trace = 0;
  for (std::size_t i = 0; i < n; ++i) trace += a[i * n + i];
  for (std::size_t i = 0; i < n; ++i) a[i * n + i] += diag_reg * trace / static_cast<double>(n);
  const std::vector<double> c(cross.as<double>(), cross.as<double>() + n * m);
  const std::vector<double> weights = solved(a, c);  // n x m
  PlainRidge ridge{std::vector<double>(m), std::vector<double>(m)};
  for (std::size_t j = 0; j < m; ++j) {
    const auto at = static_cast<std::int64_t>(j);
    ridge.variance[j] = plain_kernel(kernel, z, at, z, at);
    for (std::size_t i = 0; i < n; ++i) {
      ridge.mean[j] += weights[i * m + j] * value_at(y, static_cast<std::int64_t>(i));
      ridge.variance[j] -= weights[i * m + j] * c[i * m + j];
    }
  }
  return ridge;
}

}  // namespace ntk::testing
