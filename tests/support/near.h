// Comparisons with a tolerance that the caller states: factor x eps x scale.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "ntk/array.h"

namespace ntk::testing {

inline double value_at(const Array& a, std::int64_t i) {
  if (a.dtype() == DType::float32) return a.as<float>()[i];
  if (a.dtype() == DType::float64) return a.as<double>()[i];
  return static_cast<double>(a.as<std::int64_t>()[i]);
}

inline double epsilon(DType dtype) {
  return dtype == DType::float32 ? std::numeric_limits<float>::epsilon()
                                 : std::numeric_limits<double>::epsilon();
}

struct Worst {
  double error = 0;
  std::int64_t row = 0, column = 0;
};

// Largest |a_ij - b_ij| / sqrt(row_diagonal_i column_diagonal_j), NaN counted as infinite. A sample
// whose diagonal is zero is measured against the largest.
inline Worst kernel_error(const Array& a, const Array& b, std::vector<double> row_diagonal,
                          std::vector<double> column_diagonal) {
  Worst worst;
  for (std::vector<double>* d : {&row_diagonal, &column_diagonal})
    if (!d->empty())
      std::replace(d->begin(), d->end(), 0.0, *std::max_element(d->begin(), d->end()));
  const auto columns = static_cast<std::int64_t>(column_diagonal.size());
  for (std::int64_t at = 0; at < a.size(); ++at) {
    const std::int64_t i = at / columns, j = at % columns;
    const double scale = std::sqrt(row_diagonal[static_cast<std::size_t>(i)] *
                                   column_diagonal[static_cast<std::size_t>(j)]);
    const double difference = std::abs(value_at(a, at) - value_at(b, at));
    double error = difference == 0 ? 0 : difference / scale;
    if (std::isnan(error)) error = std::numeric_limits<double>::infinity();
    if (error > worst.error) worst = {error, i, j};
  }
  return worst;
}

inline std::vector<double> diagonal_of(const Array& a) {
  std::vector<double> d(static_cast<std::size_t>(a.shape()[0]));
  for (std::size_t i = 0; i < d.size(); ++i)
    d[i] = value_at(a, static_cast<std::int64_t>(i) * (a.shape()[1] + 1));
  return d;
}

// Largest |a - b| over the largest |b|.
inline double relative_error(const Array& a, const Array& b) {
  double worst = 0, scale = 0;
  for (std::int64_t i = 0; i < b.size(); ++i) {
    const double difference = std::abs(value_at(a, i) - value_at(b, i));
    worst = std::isnan(difference) ? std::numeric_limits<double>::infinity()
                                   : std::max(worst, difference);
    scale = std::max(scale, std::abs(value_at(b, i)));
  }
  return scale > 0 ? worst / scale : worst;
}

}  // namespace ntk::testing
