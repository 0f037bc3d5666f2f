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

template <class T>
void fill_inside(const ImageLayout& layout, T* inside) {
  const std::vector<bool> pixels = layout.pixels();
  for (std::size_t p = 0; p < pixels.size(); ++p) inside[p] = pixels[p] ? 1 : 0;
}

template <class T>
HostBuffer<T> zeros(std::size_t count) {
  HostBuffer<T> buffer(count);
  std::fill_n(buffer.data(), count, T(0));
  return buffer;
}

std::vector<const ImageStage*> stages_of(const ImageStage& first) {
  std::vector<const ImageStage*> all;
  for (const ImageStage* stage = &first; stage; stage = stage->next.get()) all.push_back(stage);
  return all;
}

std::int64_t rows_behind(const ImageStage& stage) {
  return stage.next ? ImageLayout(*stage.next).length + 1 : 0;
}

double square(double x) { return x * x; }

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

std::size_t slice_scratch(const ImageStage& stage, const ImageLayout& layout) {
  constexpr std::int64_t kArrays = 8;
  return static_cast<std::size_t>(kArrays * (layout.stride + layout.before) +
                                  2 * stage.slots * layout.stride);
}

StageImages::StageImages(const ImageStage& stage, std::int64_t count, DType working)
    : stage_(stage), layout_(stage), windows_(stage) {
  const auto n = static_cast<std::size_t>(count), stride = static_cast<std::size_t>(layout_.stride);
  const std::size_t all = n * static_cast<std::size_t>(elements());
  if (working == DType::float32)
    data_f32_ = HostBuffer<float>(all);
  else
    data_f64_ = HostBuffer<double>(all);
  inside_f32_ = HostBuffer<float>(stride);
  inside_f64_ = HostBuffer<double>(stride);
  fill_inside(layout_, inside_f32_.data());
  fill_inside(layout_, inside_f64_.data());
  scales_.resize(n * stage.instructions.size());
  deviation_.resize(n);
}

std::size_t StageImages::bytes_of_one(const ImageStage& stage, DType working) {
  const auto elements = static_cast<std::size_t>(stage.features + stage.channels);
  return elements * static_cast<std::size_t>(ImageLayout(stage).stride) * size_of(working) +
         stage.instructions.size() * sizeof(ConvolutionScale) + sizeof(double);
}

template <class T>
PairStates<T>::PairStates(const ImageStage& first) {
  std::size_t most = 0;
  for (const ImageStage* stage : stages_of(first)) {
    most = std::max(most, slice_scratch(*stage, ImageLayout(*stage)));
    rows_.push_back(rows_behind(*stage));
    states_.emplace_back(static_cast<std::size_t>(2 * rows_.back() * rows_.back()));
  }
  scratch_ = zeros<T>(most);
}

template <class T>
PairState<T> PairStates<T>::cleared(std::size_t k) {
  const std::int64_t rows = rows_[k];
  T* const data = states_[k].data();
  std::fill_n(data, 2 * rows * rows, T(0));
  return {data, data + rows * rows, rows};
}

template <class T>
std::size_t PairStates<T>::bytes(const ImageStage& first) {
  std::size_t most = 0, states = 0;
  for (const ImageStage* stage : stages_of(first)) {
    most = std::max(most, slice_scratch(*stage, ImageLayout(*stage)));
    states += static_cast<std::size_t>(2 * rows_behind(*stage) * rows_behind(*stage));
  }
  return (most + states) * sizeof(T);
}
template class PairStates<float>;
template class PairStates<double>;

// What one thread needs to make images ready. What depends on one pixel is computed in float64.
template <class T>
class Images::Preparation {
 public:
  Preparation(const Program& program, const ArrayView& x, Images& images)
      : program_(program), x_(x), images_(images), pairs_(*program.images) {
    for (const auto& stage : images.stages_)
      walks_.emplace_back(program, stage->stage(), stage->layout());
  }

  // Returns the largest kernel value on the way.
  double run(std::int64_t i) {
    if (x_.dtype == DType::float32)
      read(static_cast<const float*>(x_.data), i);
    else
      read(static_cast<const double*>(x_.data), i);
    double largest = 0;
    PairState<T> from;
    for (std::size_t k = 0; k < walks_.size(); ++k) {
      largest = std::max(largest, walk(i, k));
      if (k + 1 < walks_.size())
        from = to_windows(i, k, from);
      else
        pool(i, k, from);
    }
    const auto at = static_cast<std::size_t>(i);
    images_.variance_[at] = pooled_.q;
    const math::SampleResult result = math::run_sample(
        program_.instructions.data(), static_cast<int>(program_.instructions.size()),
        program_.tables.data(), pooled_, images_.vector_features_.data() + i, images_.n_);
    images_.nngp_[at] = result.nngp;
    images_.ntk_[at] = result.ntk;
    return std::max(largest, result.largest);
  }

 private:
  // Unit pixels, channel by channel, and their variances. A pixel whose square is no longer a
  // number counts as zero: so does its kernel.
  template <class X>
  void read(const X* x, std::int64_t i) {
    const StageImages& images = *images_.stages_.front();
    const ImageLayout& layout = images.layout();
    const std::int64_t channels = images.stage().channels;
    pixels_.assign(static_cast<std::size_t>(channels * layout.stride), 0);
    input_.assign(static_cast<std::size_t>(layout.stride), {0, 0});
    x += i * images.stage().pixels() * channels;
    for (std::int64_t row = 0; row < layout.height; ++row)
      for (std::int64_t column = 0; column < layout.width; ++column, x += channels) {
        const std::int64_t place = layout.before + layout.place(row, column);
        const double length = length_of(x, channels);
        const double scale = length * length > 0 ? 1 / length : 0;
        input_[static_cast<std::size_t>(place)].q =
            scale > 0 ? length / static_cast<double>(channels) * length : 0;
        for (std::int64_t c = 0; c < channels; ++c)
          pixels_[static_cast<std::size_t>(c * layout.stride + place)] = x[c] * scale;
      }
  }

  // From input_ and pixels_ to what the slices of stage k read.
  double walk(std::int64_t i, std::size_t k) {
    StageImages& images = *images_.stages_[k];
    const auto features =
        static_cast<std::size_t>(images.stage().features * images.layout().stride);
    features_.resize(features);
    const double largest =
        walks_[k].run(input_.data(), features_.data(), images.scales(i), &images.deviation(i));
    T* const data = images.data(T{}, i);
    std::copy(features_.begin(), features_.end(), data);
    std::copy(pixels_.begin(), pixels_.end(), data + features);
    return largest;
  }

  // The slices of the image with itself, of which those at displacements d and -d are equal: those
  // above 0.
  SliceSums run_slices(std::int64_t i, std::size_t k, const PairState<T>& from,
                       PairState<T>* to) const {
    const StageImages& images = *images_.stages_[k];
    const std::vector<std::int64_t>& needed = images_.needed_[k];
    const auto first = std::upper_bound(needed.begin(), needed.end(), 0);
    SliceJob<T> job = images.template job<T>(i, images, i);
    job.displacements = needed.data() + (first - needed.begin());
    job.count = needed.end() - first;
    job.from = from.k ? &from : nullptr;
    job.to = to;
    job.scratch = pairs_.scratch();
    return slice_kernels().run(job);
  }

  // What the windows of stage k make of the image with itself: pixels with themselves from the
  // walk, the others by slices in the working precision.
  PairState<T> to_windows(std::int64_t i, std::size_t k, const PairState<T>& from) {
    PairState<T> to = pairs_.cleared(k);
    run_slices(i, k, from, &to);
    const std::int64_t rows = to.rows;
    for (T* half : {to.k, to.theta})
      for (std::int64_t r = 0; r < rows; ++r)
        for (std::int64_t c = 0; c <= r; ++c)
          half[r * rows + c] = half[c * rows + r] = half[r * rows + c] + half[c * rows + r];
    std::vector<math::SampleState> own(static_cast<std::size_t>(rows));
    add_pixels(i, k, to, own);
    next_input(i, k, to, own);
    return to;
  }

  void add_pixels(std::int64_t i, std::size_t k, const PairState<T>& to,
                  std::vector<math::SampleState>& own) {
    const StageImages& images = *images_.stages_[k];
    const WindowTable& table = images.windows();
    const double unit = images.deviation(i) > 0 ? images.deviation(i) : 1;
    for (std::int64_t p = 0; p < table.stride; ++p) {
      if (!walks_[k].is_pixel(p)) continue;
      const math::SampleState& x = walks_[k].state(p);
      for (std::int64_t s = 0; s < table.count; ++s)
        for (std::int64_t t = 0; t < table.count; ++t) {
          const auto a = static_cast<std::size_t>(s * table.stride + p),
                     b = static_cast<std::size_t>(t * table.stride + p);
          const double weight = table.weight_f64[a] * table.weight_f64[b];
          const std::int64_t row = table.target[a], column = table.target[b];
          to.k[row * to.rows + column] += static_cast<T>(weight * x.q / square(unit));
          to.theta[row * to.rows + column] += static_cast<T>(weight * x.theta);
        }
    }
    for (std::int64_t r = 0; r < to.rows; ++r)
      own[static_cast<std::size_t>(r)] = {to.k[r * to.rows + r] * square(unit),
                                          to.theta[r * to.rows + r]};
  }

  // The next stage's pixels: variances and Theta of their own, and 1 over deviations in this
  // stage's units.
  void next_input(std::int64_t i, std::size_t k, const PairState<T>& state,
                  const std::vector<math::SampleState>& own) {
    const ImageLayout& layout = images_.stages_[k + 1]->layout();
    const double unit = images_.stages_[k]->deviation(i);
    pixels_.assign(static_cast<std::size_t>(layout.stride), 0);
    input_.assign(static_cast<std::size_t>(layout.stride), {0, 0});
    for (std::int64_t p = 0; p + 1 < state.rows; ++p) {
      const auto at = static_cast<std::size_t>(layout.before + p);
      input_[at] = own[static_cast<std::size_t>(p)];
      input_[at].q = std::max(0.0, input_[at].q);
      pixels_[at] = input_[at].q > 0 ? unit / std::sqrt(input_[at].q) : 0;
    }
  }

  // The image with itself: its pixels with themselves from the walk, pairs of pixels by slices.
  void pool(std::int64_t i, std::size_t k, const PairState<T>& from) {
    const StageImages& images = *images_.stages_[k];
    math::SampleState sum{0, 0};
    for (std::int64_t p = 0; p < images.layout().stride; ++p)
      if (walks_[k].is_pixel(p)) {
        sum.q += walks_[k].state(p).q;
        sum.theta += walks_[k].state(p).theta;
      }
    auto pairs = static_cast<double>(images.stage().pixels());
    if (images.stage().pooling == Pooling::average) {
      const SliceSums half = run_slices(i, k, from, nullptr);
      sum.q += 2 * half.product * square(images.deviation(i));
      sum.theta += 2 * half.theta;
      pairs *= pairs;
    }
    pooled_ = {std::max(0.0, sum.q / pairs), sum.theta / pairs};
  }

  const Program& program_;
  const ArrayView& x_;
  Images& images_;
  PairStates<T> pairs_;
  std::vector<ImageWalk> walks_;
  std::vector<double> features_, pixels_;
  std::vector<math::SampleState> input_;
  math::SampleState pooled_{0, 0};
};

std::size_t Images::bytes(const Program& program, std::int64_t count, DType working, int threads) {
  const auto n = static_cast<std::size_t>(count), t = static_cast<std::size_t>(threads);
  std::size_t all = n * static_cast<std::size_t>(program.features + 3) * sizeof(double);
  for (const ImageStage* stage : stages_of(*program.images)) {
    const std::size_t walk = static_cast<std::size_t>(ImageLayout(*stage).stride) *
                             (2 + static_cast<std::size_t>(std::max(stage->slots, 1)) * 2 + 8) *
                             sizeof(double);
    all += n * StageImages::bytes_of_one(*stage, working) +
           t * (walk + StageImages::bytes_of_one(*stage, DType::float64));
  }
  return all + t * (working == DType::float32 ? PairStates<float>::bytes(*program.images)
                                              : PairStates<double>::bytes(*program.images));
}

Images::Images(const Program& program, const ArrayView& x, DType working, int threads)
    : n_(x.shape[0]), working_(working), needed_(needed_displacements(*program.images)) {
  for (const ImageStage* stage : stages_of(*program.images))
    stages_.push_back(std::make_unique<StageImages>(*stage, n_, working));
  const auto n = static_cast<std::size_t>(n_);
  for (std::vector<double>* values : {&variance_, &nngp_, &ntk_}) values->resize(n);
  vector_features_.resize(n * static_cast<std::size_t>(program.features));
  if (working == DType::float32)
    prepare<float>(program, x, threads);
  else
    prepare<double>(program, x, threads);
}

template <class T>
void Images::prepare(const Program& program, const ArrayView& x, int threads) {
  std::vector<double> largest(static_cast<std::size_t>(n_));
  std::exception_ptr error;
  std::mutex mutex;
#pragma omp parallel num_threads(threads)
  {
    try {
      Preparation<T> preparation(program, x, *this);
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
    require_representable(i, largest[static_cast<std::size_t>(i)], working_);
}

}  // namespace ntk::cpu
