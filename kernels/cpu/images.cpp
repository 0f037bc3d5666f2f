#include "kernels/cpu/images.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <exception>
#include <limits>
#include <mutex>

#include "kernels/sample_checks.h"

namespace ntk::cpu {
namespace {

std::size_t elements_of_one(const ImageStage& stage, const ImageLayout& layout) {
  return static_cast<std::size_t>((stage.features + stage.channels) * layout.stride);
}

template <class T>
void fill_inside(const ImageLayout& layout, T* inside) {
  const std::vector<bool> pixels = layout.pixels();
  for (std::size_t p = 0; p < pixels.size(); ++p) inside[p] = pixels[p] ? 1 : 0;
}

// |x|, safe from overflow and underflow of the squares.
template <class X>
double length_of(const X* x, std::int64_t n) {
  double largest = 0, sum = 0;
  for (std::int64_t c = 0; c < n; ++c) largest = std::max<double>(largest, std::fabs(x[c]));
  if (largest == 0) return 0;
  for (std::int64_t c = 0; c < n; ++c) sum += (x[c] / largest) * (x[c] / largest);
  return largest * std::sqrt(sum);
}

}  // namespace

// What one thread needs to make images ready. What depends on one pixel is computed in float64.
class Images::Preparation {
 public:
  Preparation(const Program& program, const ArrayView& x, Images& images)
      : program_(program),
        stage_(*program.images),
        x_(x),
        images_(images),
        layout_(images.layout_),
        walk_(program, layout_),
        variances_(static_cast<std::size_t>(layout_.stride)) {
    if (images.working_ == DType::float32)
      own_ = HostBuffer<double>(elements_of_one(stage_, layout_));
    if (stage_.pooling != Pooling::average) return;
    const std::size_t scratch = slice_scratch(program, layout_);
    if (own_)
      scratch_f32_ = zeros<float>(scratch);
    else
      scratch_f64_ = zeros<double>(scratch);
  }

  // Returns the largest kernel value on the way.
  double run(std::int64_t i) {
    const std::size_t elements = elements_of_one(stage_, layout_);
    const auto at = static_cast<std::size_t>(i);
    double* const data = own_ ? own_.data() : images_.data_f64_.data() + at * elements;
    double* const pixels = data + stage_.features * layout_.stride;
    if (x_.dtype == DType::float32)
      read(static_cast<const float*>(x_.data), i, pixels);
    else
      read(static_cast<const double*>(x_.data), i, pixels);
    ConvolutionScale* const scales = images_.scales_.data() + i * images_.instructions_;
    double largest = walk_.run(variances_.data(), data, scales, &images_.deviation_[at]);
    if (own_) std::copy_n(data, elements, images_.data_f32_.data() + at * elements);
    const math::SampleState pooled = own_ ? pool<float>(i) : pool<double>(i);
    images_.variance_[at] = pooled.q;
    const math::SampleResult result = math::run_sample(
        program_.instructions.data(), static_cast<int>(program_.instructions.size()),
        program_.tables.data(), pooled, images_.vector_features_.data() + i, images_.n_);
    images_.nngp_[at] = result.nngp;
    images_.ntk_[at] = result.ntk;
    return std::max(largest, result.largest);
  }

 private:
  // Unit pixels, channel by channel, and their variances. A pixel whose square is no longer a
  // number counts as zero: so does its kernel.
  template <class X>
  void read(const X* x, std::int64_t i, double* pixels) {
    const std::int64_t channels = stage_.channels;
    std::fill_n(pixels, channels * layout_.stride, 0.0);
    x += i * stage_.pixels() * channels;
    for (std::int64_t row = 0; row < layout_.height; ++row)
      for (std::int64_t column = 0; column < layout_.width; ++column, x += channels) {
        const std::int64_t place = layout_.before + layout_.place(row, column);
        const double length = length_of(x, channels);
        const double scale = length * length > 0 ? 1 / length : 0;
        variances_[static_cast<std::size_t>(place)] =
            scale > 0 ? length / static_cast<double>(channels) * length : 0;
        for (std::int64_t c = 0; c < channels; ++c)
          pixels[c * layout_.stride + place] = x[c] * scale;
      }
  }

  // The image with itself: its pixels with themselves from the walk, pairs of pixels by slices in
  // the working precision, of which those at displacements d and -d are equal.
  template <class T>
  math::SampleState pool(std::int64_t i) {
    math::SampleState sum{0, 0};
    for (std::int64_t p = 0; p < layout_.stride; ++p)
      if (walk_.is_pixel(p)) {
        sum.q += walk_.state(p).q;
        sum.theta += walk_.state(p).theta;
      }
    auto pairs = static_cast<double>(stage_.pixels());
    if (stage_.pooling == Pooling::average) {
      SliceJob<T> job;
      job.program = &program_;
      job.layout = &layout_;
      job.row = job.column = images_.side<T>(i);
      job.inside = images_.inside(T{}) + layout_.before;
      job.scratch = scratch(T{});
      job.first = 1;
      job.end = layout_.length;
      const SliceSums half = slice_kernels().run(job);
      sum.q += 2 * half.product * square(images_.deviation(i));
      sum.theta += 2 * half.theta;
      pairs *= pairs;
    }
    return {std::max(0.0, sum.q / pairs), sum.theta / pairs};
  }

  template <class T>
  static HostBuffer<T> zeros(std::size_t count) {
    HostBuffer<T> buffer(count);
    std::fill_n(buffer.data(), count, T(0));
    return buffer;
  }
  float* scratch(float) const { return scratch_f32_.data(); }
  double* scratch(double) const { return scratch_f64_.data(); }
  static double square(double x) { return x * x; }

  const Program& program_;
  const ImageStage& stage_;
  const ArrayView& x_;
  Images& images_;
  const ImageLayout& layout_;
  ImageWalk walk_;
  std::vector<double> variances_;
  HostBuffer<double> own_;  // of an image that is kept in float32
  HostBuffer<float> scratch_f32_;
  HostBuffer<double> scratch_f64_;
};

std::size_t slice_scratch(const Program& program, const ImageLayout& layout) {
  constexpr std::int64_t kArrays = 8;
  return static_cast<std::size_t>(kArrays * (layout.stride + layout.before) +
                                  2 * program.images->slots * layout.stride);
}

std::size_t Images::bytes(const Program& program, std::int64_t count, DType working, int threads) {
  const ImageStage& stage = *program.images;
  const ImageLayout layout(stage);
  const std::size_t one = elements_of_one(stage, layout), n = static_cast<std::size_t>(count);
  const std::size_t each = one * size_of(working) +
                           stage.instructions.size() * sizeof(ConvolutionScale) +
                           static_cast<std::size_t>(program.features + 4) * sizeof(double);
  const std::size_t walk = static_cast<std::size_t>(layout.stride) *
                           (2 + static_cast<std::size_t>(std::max(stage.slots, 1)) * 2 + 8) *
                           sizeof(double);
  return n * each + static_cast<std::size_t>(threads) *
                        (walk + (one + slice_scratch(program, layout)) * sizeof(double));
}

Images::Images(const Program& program, const ArrayView& x, DType working, int threads)
    : n_(x.shape[0]),
      channels_(program.images->channels),
      features_(program.images->features),
      instructions_(static_cast<std::int64_t>(program.images->instructions.size())),
      working_(working),
      layout_(*program.images) {
  const auto n = static_cast<std::size_t>(n_), stride = static_cast<std::size_t>(layout_.stride);
  const std::size_t elements = n * elements_of_one(*program.images, layout_);
  if (working == DType::float32)
    data_f32_ = HostBuffer<float>(elements);
  else
    data_f64_ = HostBuffer<double>(elements);
  inside_f32_ = HostBuffer<float>(stride);
  inside_f64_ = HostBuffer<double>(stride);
  fill_inside(layout_, inside_f32_.data());
  fill_inside(layout_, inside_f64_.data());
  scales_.resize(n * static_cast<std::size_t>(instructions_));
  for (std::vector<double>* values : {&deviation_, &variance_, &nngp_, &ntk_}) values->resize(n);
  vector_features_.resize(n * static_cast<std::size_t>(program.features));

  std::vector<double> largest(n);
  std::exception_ptr error;
  std::mutex mutex;
#pragma omp parallel num_threads(threads)
  {
    try {
      Preparation preparation(program, x, *this);
#pragma omp for schedule(dynamic) nowait
      for (std::int64_t i = 0; i < n_; ++i)
        largest[static_cast<std::size_t>(i)] = preparation.run(i);
    } catch (...) {
      const std::lock_guard lock(mutex);
      error = std::current_exception();
    }
  }
  if (error) std::rethrow_exception(error);
  for (std::int64_t i = 0; i < n_; ++i)
    require_representable(i, largest[static_cast<std::size_t>(i)], working);
}

}  // namespace ntk::cpu
