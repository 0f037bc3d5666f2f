// Included once per instruction set, by a file that defines NTK_ISA and NTK_SLICE_KERNELS.
#pragma once

#include <algorithm>

#include "kernels/cpu/slice.h"
#include "kernels/cpu/strip_steps.h"
#include "kernels/math/convolve.h"

namespace ntk::cpu {
namespace {

// p[0] of `before` taps back to `after` taps on, `step` apart; -1: a number known at run time.
template <int kBefore, int kAfter, class T>
NTK_HD Lanes<T> sum_of_taps(const T* p, std::int64_t step, int before, int after) {
  const int from = kBefore < 0 ? -before : -kBefore, to = kAfter < 0 ? after : kAfter;
  Lanes<T> sum = Lanes<T>::load(p + from * step);
  for (int t = from + 1; t <= to; ++t) sum += Lanes<T>::load(p + t * step);
  return sum;
}

template <class T>
NTK_HD Lanes<T> masked(Lanes<T> value, Lanes<T> mask) {
  return Lanes<T>::of_bits(value.bits() & mask.bits());
}
template <class T>
NTK_HD Lanes<T> flipped(Lanes<T> value, Lanes<T> sign) {
  return Lanes<T>::of_bits(value.bits() ^ sign.bits());
}

// Sums of many numbers, in float64.
template <class T>
struct Total {
  double lanes[Lanes<T>::kCount] = {};
  NTK_HD void add(Lanes<T> value) {
    T numbers[Lanes<T>::kCount];
    value.store(numbers);
    for (int i = 0; i < Lanes<T>::kCount; ++i) lanes[i] += numbers[i];
  }
  double sum() const {
    double all = 0;
    for (const double lane : lanes) all += lane;
    return all;
  }
};

template <class T>
class Slice {
  using L = Lanes<T>;

 public:
  explicit Slice(const SliceJob<T>& job)
      : job_(job),
        stage_(*job.program->images),
        pitch_(job.layout->pitch),
        first_(std::max<std::int64_t>(0, -job.displacement)),
        n_(job.layout->length - std::abs(job.displacement)),
        row_(job.row.features.data + first_),
        column_(job.column.features.data + first_ + job.displacement),
        row_stride_(job.row.features.stride),
        column_stride_(job.column.features.stride) {
    const std::int64_t span = job.layout->stride + job.layout->before;
    T* at = job.scratch + job.layout->before;
    for (T** array : {&v_, &theta_, &mask_, &distance_, &distance_sums_, &theta_sums_}) {
      *array = at;
      at += span;
    }
    slots_ = at - job.layout->before;
  }

  template <bool kNtk>
  SliceSums run() {
    begin<kNtk>();
    StripJob<T> strip;
    strip.row_features = {row_, row_stride_};
    strip.column_features = {column_, column_stride_};
    strip.length = vectors(n_);
    strip.v = v_;
    strip.theta = kNtk ? theta_ : nullptr;
    strip.slots = slots_;
    strip.slot_length = job_.layout->stride;
    const Strip<T, Run, Run> steps{strip, Run{0}, Run{0}};
    for (std::size_t i = 0; i < stage_.instructions.size(); ++i) {
      const Instruction& in = stage_.instructions[i];
      if (in.op == Op::convolve)
        convolve<kNtk>(in, job_.row.scales[i], job_.column.scales[i],
                       i > 0 && is_positive(stage_.instructions[i - 1]));
      else
        steps.template apply<kNtk>(in);
    }
    return sums<kNtk>();
  }

 private:
  // Correlations of pixels, from their difference and their sum, right at both ends.
  template <bool kNtk>
  void begin() {
    const std::int64_t stride = job_.layout->stride, channels = stage_.channels;
    const T* const x = job_.row.pixels + first_;
    const T* const y = job_.column.pixels + first_ + job_.displacement;
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
    const T *const a = job_.mask + first_, *const b = a + job_.displacement;
    for (std::int64_t j = -job_.layout->before; j < n_ + job_.layout->after - L::kCount;
         j += L::kCount)
      masked(L::load(a + j), L::load(b + j)).store(mask_ + j);
  }

  // kernels/math/convolve.h. Distances from the nearer end are kept near 1 only; where the slice's
  // correlations are negative on the whole (`sign`), it is done with one image's sign changed.
  template <bool kNtk>
  void convolve(const Instruction& in, const ConvolutionScale& row, const ConvolutionScale& column,
                bool positive) {
    const L sign = positive ? L(0) : leaning(in);
    // Images of about one magnitude have one unit, that of the row.
    const double ratio = column.deviation / row.deviation;
    const double turn = ratio == 2 || ratio == 0.5 ? ratio : 1;
    distances<kNtk>(in, sign, L(turn));
    const Filter& f = in.filter;
    if (f.up == 1 && f.down == 1)
      sum_columns<kNtk, 1, 1>(f);
    else
      sum_columns<kNtk, -1, -1>(f);
    const auto k = math::Convolve::constants<L>(in.p, f.taps(), row.deviation, row.bias,
                                                column.deviation / turn, column.bias * turn,
                                                largest_lane(copy_sign(L(1), sign)));
    const bool standard = in.p[3] != 0 || in.p[4] != 0;
    if (standard)
      finish<kNtk, true, -1, -1>(in, k, sign, turn);
    else if (f.left == 1 && f.right == 1)
      finish<kNtk, false, 1, 1>(in, k, sign, turn);
    else
      finish<kNtk, false, -1, -1>(in, k, sign, turn);
  }

  // Whether no correlation is negative after this instruction.
  static bool is_positive(const Instruction& in) {
    return (in.op == Op::ab_relu && in.p[0] * in.p[1] <= 0) || in.op == Op::rectified_monomial ||
           in.op == Op::exponential || in.op == Op::gaussian;
  }

  // -0 where the slice's K is negative on the whole, else 0.
  L leaning(const Instruction& in) const {
    const T *const a = feature(row_, row_stride_, in, 0), *const b = feature(column_,
                                                                             column_stride_, in, 0);
    L sum = L(0);
    for (std::int64_t j = 0; j < n_; j += L::kCount) {
      const Entry<L> e{L::load(v_ + j), L(0)};
      sum += L::load(a + j) * L::load(b + j) * e.rho();
    }
    T total = 0;
    for (int i = 0; i < L::kCount; ++i) total += sum.x[i];
    return total < 0 ? L(T(-0.0)) : L(0);
  }

  // Of every tap, also where one of the two is outside of its image: s is 0 there.
  template <bool kNtk>
  void distances(const Instruction& in, L sign, L turn) const {
    const T *const a = feature(row_, row_stride_, in, 0), *const b = feature(column_,
                                                                             column_stride_, in, 0);
    const std::int64_t begin = vectors(in.filter.up * pitch_ + in.filter.left),
                       end = n_ + in.filter.down * pitch_ + in.filter.right;
    for (std::int64_t j = -begin; j < end; j += L::kCount) {
      const Entry<L> e{flipped(L::load(v_ + j), sign), L(0)};
      math::Convolve::distance(L::load(a + j), turn * L::load(b + j), e.delta())
          .store(distance_ + j);
      if (kNtk) masked(L::load(theta_ + j), L::load(mask_ + j)).store(theta_ + j);
    }
  }

  template <bool kNtk, int kUp, int kDown>
  void sum_columns(const Filter& f) const {
    for (std::int64_t j = -vectors(f.left); j < n_ + f.right; j += L::kCount) {
      sum_of_taps<kUp, kDown>(distance_ + j, pitch_, f.up, f.down).store(distance_sums_ + j);
      if (kNtk) sum_of_taps<kUp, kDown>(theta_ + j, pitch_, f.up, f.down).store(theta_sums_ + j);
    }
  }

  template <bool kNtk, bool kStandard, int kLeft, int kRight>
  void finish(const Instruction& in, const math::Convolve::Constants<L>& k, L sign,
              double turn) const {
    constexpr int kRead = kStandard ? 3 : 2;
    const bool has_means = in.p[3] != 0;
    const L turns[3] = {L(turn), L(1 / turn), L(turn * turn)};
    const T *rows[3] = {}, *columns[3] = {};
    for (int f = 0; f < kRead; ++f) {
      const int at = f == 2 && !has_means ? 1 : f + 1;  // read, but times 0
      rows[f] = feature(row_, row_stride_, in, at);
      columns[f] = feature(column_, column_stride_, in, at);
    }
    for (std::int64_t j = 0; j < n_; j += L::kCount) {
      L f1[3], f2[3];
      for (int f = 0; f < kRead; ++f) {
        f1[f] = L::load(rows[f] + j);
        f2[f] = turns[f] * L::load(columns[f] + j);
      }
      const L sum =
          sum_of_taps<kLeft, kRight>(distance_sums_ + j, 1, in.filter.left, in.filter.right);
      const L theta =
          kNtk ? sum_of_taps<kLeft, kRight>(theta_sums_ + j, 1, in.filter.left, in.filter.right)
               : L(0);
      Entry<L> e{L(0), L(0)};
      math::Convolve::finish<kNtk, kStandard>(k, f1, f2, sum, theta, e);
      flipped(e.v, sign).store(v_ + j);
      if (kNtk) e.theta.store(theta_ + j);
    }
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
      if (kNtk) theta.add(masked(L::load(theta_ + j), L::load(mask_ + j)));
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

  static const T* feature(const T* data, std::int64_t stride, const Instruction& in, int f) {
    return data + (in.first_feature + f) * stride;
  }

  const SliceJob<T>& job_;
  const ImageStage& stage_;
  std::int64_t pitch_, first_, n_;  // n_ pairs of places, from place first_ of the row on
  const T *row_, *column_;          // features at the first pair
  std::int64_t row_stride_, column_stride_;
  // Place 0: the first pair; as many before and behind as taps reach.
  T *v_, *theta_, *mask_, *distance_, *distance_sums_, *theta_sums_;
  T* slots_;
};

template <class T>
SliceSums run_slice(const SliceJob<T>& job) {
  Slice<T> slice(job);
  return job.ntk ? slice.template run<true>() : slice.template run<false>();
}

}  // namespace

const SliceKernels NTK_SLICE_KERNELS = {run_slice<float>, run_slice<double>};

}  // namespace ntk::cpu
