#include "kernels/cpu/samples.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>

#include "kernels/math/run.h"
#include "kernels/sample_checks.h"

namespace ntk::cpu {
namespace {

std::int64_t padded(std::int64_t n) {
  return (n + kStripLength - 1) / kStripLength * kStripLength + kStripLength;
}

}  // namespace

std::size_t Samples::bytes(const Program& program, std::int64_t count, std::int64_t width,
                           DType working) {
  const auto n = static_cast<std::size_t>(count), stride = static_cast<std::size_t>(padded(count));
  const std::size_t element = size_of(working);
  const std::size_t per_feature = stride * (sizeof(double) + (element == 4 ? 4 : 0));
  return n * static_cast<std::size_t>(width) * element + n * 3 * sizeof(double) +
         static_cast<std::size_t>(program.features) * per_feature;
}

Samples::Samples(const Program& program, const ArrayView& x, DType working, int threads)
    : n_(x.shape[0]), width_(x.shape[1]), stride_(padded(n_)), working_(working), x_(x) {
  const auto n = static_cast<std::size_t>(n_);
  const auto features = static_cast<std::size_t>(program.features * stride_);
  scale_.resize(n);
  nngp_.resize(n);
  ntk_.resize(n);
  features_f64_ = HostBuffer<double>(features);
  std::fill_n(features_f64_.data(), features, 0.0);
  if (working == DType::float32)
    rows_f32_ = HostBuffer<float>(n * static_cast<std::size_t>(width_));
  else
    rows_f64_ = HostBuffer<double>(n * static_cast<std::size_t>(width_));

  std::int64_t first_overflow = n_;
  std::vector<double> largest(n);
#pragma omp parallel for num_threads(threads) schedule(static) reduction(min : first_overflow)
  for (std::int64_t i = 0; i < n_; ++i) {
    const double length = normalize(i), q = length / static_cast<double>(width_) * length;
    const math::SampleResult result =
        math::run_sample(program.instructions.data(), static_cast<int>(program.instructions.size()),
                         program.tables.data(), {q, 0}, features_f64_.data() + i, stride_);
    const auto at = static_cast<std::size_t>(i);
    nngp_[at] = result.nngp;
    ntk_[at] = result.ntk;
    largest[at] = result.largest;
    const double limit = working == DType::float32 ? std::numeric_limits<float>::max()
                                                   : std::numeric_limits<double>::max();
    if (!(result.largest <= limit)) first_overflow = std::min(first_overflow, i);
  }
  if (first_overflow < n_)
    require_representable(first_overflow, largest[static_cast<std::size_t>(first_overflow)],
                          working);

  if (working == DType::float32) {
    features_f32_ = HostBuffer<float>(features);
    std::copy_n(features_f64_.data(), features, features_f32_.data());
  }
}

// |x_i|, safe from overflow and underflow of the squares.
double Samples::norm(std::int64_t i) const {
  return with_row(i, [n = width_](const auto* x) {
    double sum = 0;
#pragma omp simd reduction(+ : sum)
    for (std::int64_t k = 0; k < n; ++k) sum += static_cast<double>(x[k]) * x[k];
    if (sum > 1e-280 && sum < 1e280) return std::sqrt(sum);
    double largest = 0;
    for (std::int64_t k = 0; k < n; ++k) largest = std::max<double>(largest, std::fabs(x[k]));
    if (largest == 0) return 0.0;
    sum = 0;
    for (std::int64_t k = 0; k < n; ++k) sum += (x[k] / largest) * (x[k] / largest);
    return largest * std::sqrt(sum);
  });
}

// A row whose square is no longer a number counts as zero: so does its kernel.
double Samples::normalize(std::int64_t i) {
  const double length = norm(i);
  const double scale = length * length > 0 ? 1 / length : 0;
  scale_[static_cast<std::size_t>(i)] = scale;
  with_row(i, [this, i, scale](const auto* x) {
    auto fill = [&](auto* to) {
      for (std::int64_t k = 0; k < width_; ++k)
        to[k] = static_cast<std::remove_pointer_t<decltype(to)>>(x[k] * scale);
    };
    if (working_ == DType::float32)
      fill(rows_f32_.data() + i * width_);
    else
      fill(rows_f64_.data() + i * width_);
  });
  return length;
}

void Samples::copy_row(std::int64_t i, double* to) const {
  const double scale = scale_[static_cast<std::size_t>(i)];
  with_row(i, [this, scale, to](const auto* x) {
    for (std::int64_t k = 0; k < width_; ++k) to[k] = x[k] * scale;
  });
}

Ends Samples::ends(const StripKernels& kernels, const Samples& a, std::int64_t i, const Samples& b,
                   std::int64_t j) {
  const std::int64_t d = a.width_;
  const double s = a.scale_[static_cast<std::size_t>(i)], t = b.scale_[static_cast<std::size_t>(j)];
  if (a.x_.dtype == DType::float32 && b.x_.dtype == DType::float32)
    return kernels.ends(d, static_cast<const float*>(a.x_.data) + i * d, s,
                        static_cast<const float*>(b.x_.data) + j * d, t);
  if (a.x_.dtype == DType::float64 && b.x_.dtype == DType::float64)
    return kernels.ends(d, static_cast<const double*>(a.x_.data) + i * d, s,
                        static_cast<const double*>(b.x_.data) + j * d, t);
  std::vector<double> u(static_cast<std::size_t>(d)), w(static_cast<std::size_t>(d));
  a.copy_row(i, u.data());
  b.copy_row(j, w.data());
  return kernels.ends(d, u.data(), 1, w.data(), 1);
}

}  // namespace ntk::cpu
