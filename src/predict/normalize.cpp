#include "src/predict/normalize.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "ntk/io.h"

namespace ntk::internal {
namespace {

std::int64_t rows_of(const Array& x) { return x.shape().at(0); }
std::int64_t width_of(const Array& x) { return x.size() / std::max<std::int64_t>(rows_of(x), 1); }

// Divided by the largest entry first, so that no square over- or underflows.
template <class T>
void make_unit_rows(T* x, std::int64_t rows, std::int64_t width) {
  for (std::int64_t i = 0; i < rows; ++i, x += width) {
    double largest = 0;
    for (std::int64_t j = 0; j < width; ++j)
      largest = std::max(largest, std::abs(static_cast<double>(x[j])));
    if (largest == 0) continue;
    double squares = 0;
    for (std::int64_t j = 0; j < width; ++j) {
      const double part = static_cast<double>(x[j]) / largest;
      squares += part * part;
    }
    const double length = std::sqrt(squares);
    for (std::int64_t j = 0; j < width; ++j)
      x[j] = static_cast<T>(static_cast<double>(x[j]) / largest / length);
  }
}

template <class T>
void standardize(const Normalization& normalization, T* x, std::int64_t rows, std::int64_t width) {
  const double* const mean = normalization.mean.as<double>();
  const double* const scale = normalization.scale.as<double>();
  for (std::int64_t i = 0; i < rows; ++i, x += width)
    for (std::int64_t j = 0; j < width; ++j)
      x[j] = scale[j] > 0 ? static_cast<T>((static_cast<double>(x[j]) - mean[j]) / scale[j]) : T{0};
}

// Mean and deviation in two passes over the rows. A constant feature is known by its extremes: the
// deviation of equal numbers may come out as a rounding error.
template <class T>
void learn_standard(const T* x, std::int64_t rows, std::int64_t width, double* mean,
                    double* scale) {
  const auto count = static_cast<double>(rows);
  std::vector<T> lowest(x, x + width), highest(x, x + width);
  for (std::int64_t i = 0; i < rows; ++i)
    for (std::int64_t j = 0; j < width; ++j) {
      const T value = x[i * width + j];
      const auto at = static_cast<std::size_t>(j);
      mean[j] += static_cast<double>(value) / count;
      lowest[at] = std::min(lowest[at], value);
      highest[at] = std::max(highest[at], value);
    }
  for (std::int64_t i = 0; i < rows; ++i)
    for (std::int64_t j = 0; j < width; ++j) {
      const double difference = static_cast<double>(x[i * width + j]) - mean[j];
      scale[j] += difference * difference / count;
    }
  for (std::int64_t j = 0; j < width; ++j) {
    const auto at = static_cast<std::size_t>(j);
    scale[j] = lowest[at] == highest[at] ? 0 : std::sqrt(scale[j]);
  }
}

}  // namespace

const char* name_of(Normalize kind) {
  switch (kind) {
    case Normalize::none:
      return "none";
    case Normalize::unit:
      return "unit";
    case Normalize::standard:
      return "standard";
  }
  return "?";
}

Normalization learn_normalization(Normalize kind, const Array& x) {
  Normalization learned;
  learned.kind = kind;
  if (kind != Normalize::standard || x.empty()) return learned;
  const std::int64_t rows = rows_of(x), width = width_of(x);
  learned.mean = Array(DType::float64, {width});
  learned.scale = Array(DType::float64, {width});
  double* const mean = learned.mean.as<double>();
  double* const scale = learned.scale.as<double>();
  if (x.dtype() == DType::float32)
    learn_standard(x.as<float>(), rows, width, mean, scale);
  else
    learn_standard(x.as<double>(), rows, width, mean, scale);
  require_finite(learned.mean, "x: the means of its features");
  require_finite(learned.scale, "x: the deviations of its features");
  return learned;
}

void apply_normalization(const Normalization& normalization, Array& x, const std::string& what) {
  if (normalization.kind == Normalize::none || x.empty()) return;
  const std::int64_t rows = rows_of(x), width = width_of(x);
  const auto apply = [&](auto* values) {
    if (normalization.kind == Normalize::unit)
      make_unit_rows(values, rows, width);
    else
      standardize(normalization, values, rows, width);
  };
  if (x.dtype() == DType::float32)
    apply(x.as<float>());
  else
    apply(x.as<double>());
  require_finite(x, what + ", normalized");
}

}  // namespace ntk::internal
