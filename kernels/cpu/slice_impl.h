// Included once per instruction set, by a file that defines NTK_ISA and NTK_SLICE_KERNELS.
#pragma once

#include <algorithm>

#include "kernels/cpu/slice_plan.h"
#include "kernels/cpu/slice_sums.h"
#include "kernels/cpu/strip_steps.h"

namespace ntk::cpu {
namespace {

template <class T>
class Slice {
  using L = Lanes<T>;
  using Taps = math::ConvolveRelu::Taps<L>;

 public:
  explicit Slice(const SliceJob<T>& job)
      : job_(job),
        stage_(*job.program->images),
        pitch_(job.layout->pitch),
        row_stride_(job.row.features.stride),
        column_stride_(job.column.features.stride),
        plan_(planned<T>(stage_, job.row.scales, job.column.scales)) {
    const std::int64_t span = job.layout->stride + job.layout->before;
    T* at = job.scratch + job.layout->before;
    for (T** array : {&v_, &theta_, &inside_, &distance_, &distance_sums_, &theta_sums_}) {
      *array = at;
      at += span;
    }
    slots_ = at - job.layout->before;
  }

  template <bool kNtk>
  SliceSums run() {
    SliceSums all;
    for (std::int64_t d = job_.first; d < job_.end; ++d) {
      first_ = std::max<std::int64_t>(0, -d);
      n_ = job_.layout->length - std::abs(d);
      row_ = job_.row.features.data + first_;
      column_ = job_.column.features.data + first_ + d;
      begin<kNtk>(d);
      run_instructions<kNtk>();
      all += sums<kNtk>();
    }
    return all;
  }

 private:
  template <bool kNtk>
  void run_instructions() const {
    StripJob<T> strip;
    strip.row_features = {row_, row_stride_};
    strip.column_features = {column_, column_stride_};
    strip.length = vectors(n_);
    strip.v = v_;
    strip.theta = kNtk ? theta_ : nullptr;
    strip.slots = slots_;
    strip.slot_length = job_.layout->stride;
    const Strip<T, Run, Run> steps{strip, Run{0}, Run{0}};
    for (std::size_t i = 0; i < plan_.size(); ++i) {
      const Convolution<T>& c = plan_[i];
      if (!c.in)
        steps.template apply<kNtk>(stage_.instructions[i]);
      else
        convolve<kNtk>(c);
      if (c.joined) ++i;
    }
  }

  // Correlations of pixels, from their difference and their sum, right at both ends.
  template <bool kNtk>
  void begin(std::int64_t displacement) const {
    const std::int64_t stride = job_.layout->stride, channels = stage_.channels;
    const T* const x = job_.row.pixels + first_;
    const T* const y = job_.column.pixels + first_ + displacement;
    for (std::int64_t j = 0; j < n_; j += L::kCount) {
      L difference = L(0), sum = L(0);
      for (std::int64_t c = 0; c < channels; ++c) {
        const L u = L::load(x + c * stride + j), w = L::load(y + c * stride + j);
        difference += math::square(u - w);
        sum += math::square(u + w);
      }
      Entry<L> e{L(0), L(0)};
      e.set_ends(L(0.5) * difference, L(0.5) * sum);
      e.v = select(difference + sum > L(3), e.v, L(1));  // 4 but for a zero pixel: a right angle
      e.v.store(v_ + j);
      if (kNtk) L(0).store(theta_ + j);
    }
    const T *const a = job_.inside + first_, *const b = a + displacement;
    for (std::int64_t j = -job_.layout->before; j < n_ + job_.layout->after - L::kCount;
         j += L::kCount)
      (L::load(a + j) * L::load(b + j)).store(inside_ + j);
  }

  // kernels/math/convolve.h. Distances from the nearer end are kept near 1 only; where the slice's
  // correlations are negative on the whole (`sign`), it is done with one image's sign changed.
  template <bool kNtk>
  void convolve(const Convolution<T>& c) const {
    const Filter& f = c.in->filter;
    const T sign = c.is_positive ? T(1) : leaning(*c.in);
    if (!c.ready) distances<kNtk>(c, sign);
    if (f.up == 1 && f.down == 1)
      sum_columns<kNtk, 1, 1>(f);
    else
      sum_columns<kNtk, -1, -1>(f);
    if (f.left == 1 && f.right == 1)
      finish<kNtk, 1, 1>(c, sign);
    else
      finish<kNtk, -1, -1>(c, sign);
  }

  // -1 where the slice's K is negative on the whole, else 1.
  T leaning(const Instruction& in) const {
    const T *const a = row_feature(in, 0), *const b = column_feature(in, 0);
    L sum = L(0);
    for (std::int64_t j = 0; j < n_; j += L::kCount) {
      const Entry<L> e{L::load(v_ + j), L(0)};
      sum += L::load(a + j) * L::load(b + j) * e.rho();
    }
    T total = 0;
    for (int i = 0; i < L::kCount; ++i) total += sum.x[i];
    return total < 0 ? T(-1) : T(1);
  }

  // Of every tap, also where one of the two is outside of its image: s is 0 there.
  template <bool kNtk>
  void distances(const Convolution<T>& c, T sign) const {
    const Filter& filter = c.in->filter;
    const T *const a = row_feature(*c.in, 0), *const b = column_feature(*c.in, 0);
    const std::int64_t begin = vectors(filter.up * pitch_ + filter.left),
                       end = n_ + filter.down * pitch_ + filter.right;
    const L turn = L(c.turn), turned = L(sign);
    for (std::int64_t j = -begin; j < end; j += L::kCount) {
      const Entry<L> e{turned * L::load(v_ + j), L(0)};
      math::Convolve::distance(L::load(a + j), turn * L::load(b + j), e.delta())
          .store(distance_ + j);
      if (kNtk) inside(L::load(theta_ + j), j).store(theta_ + j);
    }
  }

  template <bool kNtk, int kUp, int kDown>
  void sum_columns(const Filter& f) const {
    const T* const distance = distance_;
    const T* const theta = theta_;
    T* const __restrict distance_sums = distance_sums_;
    T* const __restrict theta_sums = theta_sums_;
    const std::int64_t pitch = pitch_, end = n_ + f.right;
    const int up = f.up, down = f.down;
    for (std::int64_t j = -vectors(f.left); j < end; j += L::kCount) {
      sum_of_taps<kUp, kDown>(distance + j, pitch, up, down).store(distance_sums + j);
      if (kNtk) sum_of_taps<kUp, kDown>(theta + j, pitch, up, down).store(theta_sums + j);
    }
  }

  template <bool kNtk, int kLeft, int kRight>
  void finish(const Convolution<T>& c, T sign) const {
    if (!c.joined) {
      if (c.in->p[3] != 0 || c.in->p[4] != 0)
        finish_alone<kNtk, true, kLeft, kRight>(c, sign);
      else
        finish_alone<kNtk, false, kLeft, kRight>(c, sign);
    } else if (!c.is_positive) {
      finish_joined<kNtk, false, false, kLeft, kRight>(c, sign);
    } else if (!c.alike) {
      finish_joined<kNtk, true, false, kLeft, kRight>(c, sign);
    } else {
      finish_joined<kNtk, true, true, kLeft, kRight>(c, sign);
    }
  }

  template <bool kNtk, bool kStandard, int kLeft, int kRight>
  void finish_alone(const Convolution<T>& c, T sign) const {
    constexpr int kRead = kStandard ? 3 : 2;
    const Instruction& in = *c.in;
    const auto k = math::Convolve::constants<L>(in.p, in.filter.taps(), c.unit1, c.bias1, c.unit2,
                                                c.bias2, sign);
    const L gain = L(c.gain), theta_unit = L(c.theta_unit), turned = L(sign);
    const L turns[3] = {L(c.turn), L(1 / c.turn), L(c.turn * c.turn)};
    const T *rows[3] = {}, *columns[3] = {};
    for (int f = 0; f < kRead; ++f) {
      const int at = f == 2 && in.p[3] == 0 ? 1 : f + 1;  // read, but times 0
      rows[f] = row_feature(in, at);
      columns[f] = column_feature(in, at);
    }
    for (std::int64_t j = 0; j < n_; j += L::kCount) {
      L f1[3], f2[3];
      for (int f = 0; f < kRead; ++f) {
        f1[f] = L::load(rows[f] + j);
        f2[f] = turns[f] * L::load(columns[f] + j);
      }
      const Taps sums = sums_of_row<kNtk, kLeft, kRight>(in.filter, j);
      Entry<L> e{L(0), L(0)};
      math::Convolve::finish<kNtk, kStandard>(k, f1, f2, gain * sums.distance,
                                              theta_unit * sums.theta, e);
      (turned * e.v).store(v_ + j);
      if (kNtk) e.theta.store(theta_ + j);
    }
  }

  // With the nonlinearity behind it, into the taps of the next convolution.
  template <bool kNtk, bool kPositive, bool kAlike, int kLeft, int kRight>
  void finish_joined(const Convolution<T>& c, T sign) const {
    using math::ConvolveRelu;
    const auto k = in_lanes(c, sign);
    const T *const a = row_feature(*c.in, 1), *const b = column_feature(*c.in, 1);
    const T *const inverse_a = row_feature(*c.in, 2), *const inverse_b = column_feature(*c.in, 2);
    const T *const inside = inside_, *const distance_sums = distance_sums_,
                   *const theta_sums = theta_sums_;
    T* const __restrict distance = distance_;
    T* const __restrict theta = theta_;
    const std::int64_t n = n_;
    const int left = c.in->filter.left, right = c.in->filter.right;
    for (std::int64_t j = 0; j < n; j += L::kCount) {
      const L f1[2] = {L::load(a + j), L::load(inverse_a + j)},
              f2[2] = {L::load(b + j), L::load(inverse_b + j)};
      const Taps sums = {sum_of_taps<kLeft, kRight>(distance_sums + j, 1, left, right),
                         kNtk ? sum_of_taps<kLeft, kRight>(theta_sums + j, 1, left, right) : L(0)};
      const L here = L::load(inside + j);
      const Taps taps = kPositive ? ConvolveRelu::step<kNtk, kAlike>(k, f1, f2, sums, here)
                                  : ConvolveRelu::first_step<kNtk, kAlike>(k, f1, f2, sums, here);
      taps.distance.store(distance + j);
      if (kNtk) taps.theta.store(theta + j);
    }
    // Beside the slice one of the two is outside of its image, and Theta stays 0.
    const auto beside = [&](std::int64_t from, std::int64_t to) {
      for (std::int64_t j = from; j < to; j += L::kCount)
        math::square(L::load(a + j) - k.next * L::load(b + j)).store(distance_ + j);
    };
    beside(L::kCount - job_.layout->before, 0);
    beside(vectors(n_), n_ + job_.layout->after - L::kCount);
  }

  // A convolution's numbers in every lane, with one image's sign.
  static math::ConvolveRelu::Constants<L> in_lanes(const Convolution<T>& c, T sign) {
    const auto& k = c.constants;
    const math::AbRelu::Constants<L> relu = {L(k.relu.u2), L(k.relu.w2), L(k.relu.un),
                                             L(k.relu.wn)};
    return {L(k.gain), L(k.theta_gain), L(k.turn),
            L(k.back), L(k.next),       L(T(c.bias1) - sign * T(c.bias2)),
            L(sign),   L(k.c),          relu};
  }

  template <bool kNtk, int kLeft, int kRight>
  NTK_INLINE Taps sums_of_row(const Filter& f, std::int64_t j) const {
    return {sum_of_taps<kLeft, kRight>(distance_sums_ + j, 1, f.left, f.right),
            kNtk ? sum_of_taps<kLeft, kRight>(theta_sums_ + j, 1, f.left, f.right) : L(0)};
  }

  // 0 beside the images, whatever stands there.
  L inside(L value, std::int64_t j) const {
    return select(L::load(inside_ + j) > L(0), value, L(0));
  }

  template <bool kNtk>
  SliceSums sums() const {
    const std::int64_t last = stage_.features - 1;
    const T *const rows = row_ + last * row_stride_, *const columns =
                                                         column_ + last * column_stride_;
    Total<T> product, theta, difference, sum;
    const bool flatten = stage_.pooling == Pooling::flatten;
    for (std::int64_t j = 0; j < n_; j += L::kCount) {
      const L a = L::load(rows + j), b = L::load(columns + j);
      const Entry<L> e{L::load(v_ + j), L(0)};
      product.add(a * b * e.rho());
      if (kNtk) theta.add(inside(L::load(theta_ + j), j));
      if (!flatten) continue;
      const L apart = L(0.5) * math::square(a - b), delta = e.delta();
      difference.add(apart + a * b * delta);
      sum.add(apart + a * b * (2 - delta));
    }
    return {product.sum(), theta.sum(), difference.sum(), sum.sum()};
  }

  // At least n, in whole vectors.
  static std::int64_t vectors(std::int64_t n) {
    return (n + L::kCount - 1) / L::kCount * L::kCount;
  }

  const T* row_feature(const Instruction& in, int f) const {
    return row_ + (in.first_feature + f) * row_stride_;
  }
  const T* column_feature(const Instruction& in, int f) const {
    return column_ + (in.first_feature + f) * column_stride_;
  }

  const SliceJob<T>& job_;
  const ImageStage& stage_;
  std::int64_t pitch_, row_stride_, column_stride_;
  std::vector<Convolution<T>> plan_;  // of each instruction
  // Of one slice: n_ pairs of places, from place first_ of the row on; features at the first pair.
  std::int64_t first_ = 0, n_ = 0;
  const T *row_ = nullptr, *column_ = nullptr;
  // Place 0: the first pair; as many before and behind as taps reach.
  T *v_, *theta_, *inside_, *distance_, *distance_sums_, *theta_sums_;
  T* slots_;
};

template <class T>
SliceSums run_slices(const SliceJob<T>& job) {
  Slice<T> slice(job);
  return job.ntk ? slice.template run<true>() : slice.template run<false>();
}

}  // namespace

const SliceKernels NTK_SLICE_KERNELS = {run_slices<float>, run_slices<double>};

}  // namespace ntk::cpu
