// The scale of a classical kernel that was given none, from samples.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <vector>

#include "ntk/classical.h"
#include "ntk/error.h"
#include "src/architecture/kernel_names.h"
#include "src/device/registry.h"
#include "src/tiles/samples.h"

namespace ntk {
namespace {

constexpr std::int64_t kMostSamples = 1000;

// Rows of the matrix at fixed places: all, or kMostSamples evenly spread ones. In float64.
std::vector<double> chosen_rows(const ArrayView& x, std::int64_t count) {
  const std::int64_t n = x.shape[0], d = x.shape[1];
  const std::size_t bytes = static_cast<std::size_t>(d) * size_of(x.dtype);
  std::vector<double> rows;
  rows.reserve(static_cast<std::size_t>(count * d));
  Array row(x.dtype, {d});
  for (std::int64_t k = 0; k < count; ++k) {
    const auto* const from =
        static_cast<const char*>(x.data) + static_cast<std::size_t>(k * n / count) * bytes;
    if (x.space == MemorySpace::host)
      std::copy_n(from, bytes, static_cast<char*>(row.data()));
    else
      backend_for(Device::cuda).copy(row.data(), from, bytes);
    if (x.dtype == DType::float32)
      rows.insert(rows.end(), row.as<float>(), row.as<float>() + d);
    else
      rows.insert(rows.end(), row.as<double>(), row.as<double>() + d);
  }
  return rows;
}

// Several sums at a time, which the compiler keeps in vector registers.
double distance(const double* a, const double* b, std::int64_t d) {
  constexpr std::int64_t kSums = 8;
  double sums[kSums] = {};
  std::int64_t k = 0;
  for (; k + kSums <= d; k += kSums)
    for (std::int64_t i = 0; i < kSums; ++i) {
      const double difference = a[k + i] - b[k + i];
      sums[i] += difference * difference;
    }
  double sum = 0;
  for (; k < d; ++k) sum += (a[k] - b[k]) * (a[k] - b[k]);
  for (const double part : sums) sum += part;
  return std::sqrt(sum);
}

// 0 if there are none.
double median(std::vector<double>& values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  return *std::max_element(values.begin(), middle) / 2 + *middle / 2;
}

double median_distance(const ArrayView& x) {
  const std::int64_t count = std::min(x.shape[0], kMostSamples), d = x.shape[1];
  const std::vector<double> rows = chosen_rows(x, count);
  std::vector<double> distances;
  distances.reserve(static_cast<std::size_t>(count * (count - 1) / 2));
  for (std::int64_t i = 0; i < count; ++i)
    for (std::int64_t j = 0; j < i; ++j) {
      const double between = distance(rows.data() + i * d, rows.data() + j * d, d);
      if (between > 0) distances.push_back(between);
    }
  return median(distances);
}

std::string short_text(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", value);
  return text;
}

ClassicalKernel with_length(const ClassicalKernel& kernel, double length) {
  switch (kernel.kind()) {
    case ClassicalKind::laplace:
      return laplace_kernel(length);
    case ClassicalKind::matern:
      return matern_kernel(kernel.nu(), length);
    default:
      return rbf_kernel(1 / (2 * length * length));
  }
}

}  // namespace

ClassicalKernel complete_kernel(const ClassicalKernel& kernel, const ArrayView& x,
                                const std::function<void(const std::string&)>& log,
                                const std::string& what) {
  if (kernel.scale()) return kernel;
  const SampleMatrix samples(kernel, x, what);
  const std::string name = "kernel " + name_of(kernel.kind());
  const std::int64_t n = samples.count(), d = samples.width();
  if (kernel.kind() == ClassicalKind::polynomial) {
    if (d == 0) throw DataError(name + ": samples without numbers have no 1/d; give gamma");
    if (log) log(name + ": gamma is 1/" + std::to_string(d) + ", one over the numbers of a sample");
    return polynomial_kernel(kernel.degree(), 1 / static_cast<double>(d), kernel.coef0());
  }
  const double length = median_distance(samples.view());
  if (!(length > 0) || !std::isfinite(length))
    throw DataError(name + ": the median distance between samples is its length where none is " +
                    "given, but " + what + " (" + to_string(x.shape) + ") has " +
                    (length > 0 ? "distances that overflow" : "no two samples that differ") +
                    "; give " + (kernel.kind() == ClassicalKind::rbf ? "gamma or " : "") +
                    "length, such as " + name_of(kernel.kind()) + ":length=1");
  if (log)
    log(name + ": length " + short_text(length) + " is the median distance between " +
        (n > kMostSamples ? std::to_string(kMostSamples) + " of " : "the ") + std::to_string(n) +
        " samples");
  return with_length(kernel, length);
}

}  // namespace ntk
