// One slice in memory, and the instructions over it. Included by files that define NTK_ISA.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <iterator>
#include <utility>

#include "kernels/cpu/slice_plan.h"
#include "kernels/cpu/slice_sums.h"
#include "kernels/cpu/strip_steps.h"

namespace ntk::cpu {
namespace {

template <class T, bool kNtk>
class SliceLine {
  using L = Lanes<T>;
  using Constants = math::ConvolveRelu::Constants<L>;
  using Taps = math::ConvolveRelu::Taps<L>;

 public:
  explicit SliceLine(const SliceJob<T>& job)
      : job_(job),
        stage_(*job.stage),
        pitch_(job.layout->pitch),
        row_stride_(job.row.features.stride),
        column_stride_(job.column.features.stride) {
    const std::int64_t span = job.layout->stride + job.layout->before;
    T* at = job.scratch + job.layout->before;
    for (T** array : {&v_, &inside_, &theta_, &next_theta_, &theta_sums_, &distance_,
                      &next_distance_, &distance_sums_})
      *array = std::exchange(at, at + span);
    slots_ = at - job.layout->before;
  }

  void begin(std::int64_t displacement) {
    first_ = std::max<std::int64_t>(0, -displacement);
    n_ = job_.layout->length - std::abs(displacement);
    row_ = job_.row.features.data + first_;
    column_ = job_.column.features.data + first_ + displacement;
    displacement_ = displacement;
    have_sums_ = false;
    sums_ = {};
    const T *const a = job_.inside + first_, *const b = a + displacement;
    beside_and_on_it([&](std::int64_t j) { (L::load(a + j) * L::load(b + j)).store(inside_ + j); });
    if (kNtk) beside([&](std::int64_t j) { L(0).store(theta_ + j), L(0).store(next_theta_ + j); });
    if (job_.from)
      begin_from_pairs();
    else
      begin_from_pixels();
  }
  // An instruction that acts on pairs of pixels by themselves.
  void apply(const Instruction& in) const {
    StripJob<T> strip;
    strip.row_features = {row_, row_stride_};
    strip.column_features = {column_, column_stride_};
    strip.length = vectors(n_);
    strip.v = v_;
    strip.theta = kNtk ? theta_ : nullptr;
    strip.slots = slots_;
    strip.slot_length = job_.layout->stride;
    Strip<T, Run, Run>{strip, Run{0}, Run{0}}.template apply<kNtk>(in);
  }

  // kernels/math/convolve.h. Distances from the nearer end are kept near 1 only; where the slice's
  // correlations are negative on the whole (`sign`), it is done with one image's sign changed.
  void convolve(const Convolution<T>& c) {
    const Filter& f = c.in->filter;
    const T sign = c.is_positive ? T(1) : leaning(*c.in);
    if (!c.ready) distances(c, sign);
    if (f.up == 1 && f.down == 1 && f.left == 1 && f.right == 1)
      convolve_by<1>(c, sign);
    else
      convolve_by<-1>(c, sign);
  }

  // Adds what pooling wants of the slice.
  void finish(SliceSums& all) {
    if (!have_sums_)
      pool([&](auto& sums) {
        for (std::int64_t j = 0; j < n_; j += L::kCount)
          sums.add(j, {L::load(v_ + j), kNtk ? inside(L::load(theta_ + j), j) : L(0)});
      });
    all += sums_;
  }

 private:
  // Correlations of pixels, from their difference and their sum, right at both ends.
  void begin_from_pixels() const {
    const std::int64_t stride = job_.layout->stride, channels = stage_.channels;
    const T* const x = job_.row.pixels + first_;
    const T* const y = job_.column.pixels + first_ + displacement_;
    T* const __restrict v = v_;
    T* const __restrict theta = theta_;
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
      e.v.store(v + j);
      if (kNtk) L(0).store(theta + j);
    }
  }

  // From the sums over windows of the stage before.
  void begin_from_pairs() const {
    const T* const x = job_.row.pixels + first_;
    const T* const y = job_.column.pixels + first_ + displacement_;
    const PairState<T>& from = *job_.from;
    const std::int64_t first = first_ * from.rows + first_ + displacement_, step = from.rows + 1;
    for (std::int64_t j = 0; j < n_; ++j) {
      const T rho = from.k[first + j * step] * x[j] * y[j];
      v_[j] = std::copysign(std::max(T(0), 1 - std::abs(rho)), rho);
      if (kNtk) theta_[j] = from.theta[first + j * step];
    }
    for (std::int64_t j = n_; j < vectors(n_); ++j) {
      v_[j] = 1;
      if (kNtk) theta_[j] = 0;
    }
  }

  // Calls run(sums), to which entries are added vector by vector.
  template <class Run>
  NTK_INLINE void pool(Run run) {
    if (stage_.pooling == Pooling::windows) {
      WindowSums sums(*this);
      run(sums);
    } else {
      Sums sums(*this);
      run(sums);
      sums_ = sums.result();
    }
    have_sums_ = true;
  }

  // The output's entries to the pairs of windows that they are in.
  struct WindowSums {
    explicit WindowSums(const SliceLine& of)
        : line(of),
          table(*of.job_.windows),
          a(of.row_ + (of.stage_.features - 1) * of.row_stride_),
          b(of.column_ + (of.stage_.features - 1) * of.column_stride_) {}
    NTK_INLINE void add(std::int64_t j, const Entry<L>& e) {
      const L k = L::load(a + j) * L::load(b + j) * e.rho();
      for (std::int64_t s = 0; s < table.count; ++s)
        for (std::int64_t t = 0; t < table.count; ++t) add_to(j, s, t, k, e.theta);
    }
    NTK_INLINE void add_to(std::int64_t j, std::int64_t s, std::int64_t t, L k, L theta) const {
      const PairState<T>& to = *line.job_.to;
      const std::int64_t row = s * table.stride + line.job_.layout->before + line.first_ + j,
                         column = t * table.stride + line.job_.layout->before + line.first_ +
                                  line.displacement_ + j;
      const T* const weights = table.weights(T{});
      const L weight = L::load(weights + row) * L::load(weights + column);
      T ks[L::kCount], thetas[L::kCount];
      (weight * k).store(ks);
      if (kNtk) (weight * theta).store(thetas);
      const std::int32_t *const r = table.target.data() + row, *const c =
                                                                   table.target.data() + column;
      for (int i = 0; i < L::kCount; ++i) {
        const std::int64_t at = r[i] * to.rows + c[i];
        to.k[at] += ks[i];
        if (kNtk) to.theta[at] += thetas[i];
      }
    }
    const SliceLine& line;
    const WindowTable& table;
    const T *a, *b;
  };

  // Of the output's entries, with the last feature.
  struct Sums {
    explicit Sums(const SliceLine& line)
        : a(line.row_ + (line.stage_.features - 1) * line.row_stride_),
          b(line.column_ + (line.stage_.features - 1) * line.column_stride_),
          flatten(line.stage_.pooling == Pooling::flatten) {}
    NTK_INLINE void add(std::int64_t j, const Entry<L>& e) {
      const L f1 = L::load(a + j), f2 = L::load(b + j);
      product.add(f1 * f2 * e.rho());
      if (kNtk) theta.add(e.theta);
      if (!flatten) return;
      const L apart = L(0.5) * math::square(f1 - f2), delta = e.delta();
      difference.add(apart + f1 * f2 * delta);
      sum.add(apart + f1 * f2 * (2 - delta));
    }
    SliceSums result() { return {product.sum(), theta.sum(), difference.sum(), sum.sum()}; }
    const T *a, *b;
    bool flatten;
    Total<T> product, theta, difference, sum;
  };

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
  void distances(const Convolution<T>& c, T sign) const {
    const T *const a = row_feature(*c.in, 0), *const b = column_feature(*c.in, 0);
    const L turn = L(c.turn), turned = L(sign);
    T* const __restrict distance = distance_;
    T* const __restrict theta = theta_;
    for (std::int64_t j = 0; j < n_; j += L::kCount) {
      const Entry<L> e{turned * L::load(v_ + j), L(0)};
      math::Convolve::distance(L::load(a + j), turn * L::load(b + j), e.delta())
          .store(distance + j);
      if (kNtk) inside(L::load(theta + j), j).store(theta + j);
    }
    beside([&](std::int64_t j) {
      math::square(L::load(a + j) - turn * L::load(b + j)).store(distance + j);
    });
  }

  // kReach: of the filter to each side; -1: as far as it says.
  template <int kReach>
  void convolve_by(const Convolution<T>& c, T sign) {
    if (c.joined == Joined::no) {
      if (c.in->p[3] != 0 || c.in->p[4] != 0)
        convolve_alone<kReach, true>(c, sign);
      else
        convolve_alone<kReach, false>(c, sign);
    } else if (!c.is_positive) {
      convolve_joined<kReach, false, false>(c, sign);
    } else if (!c.alike) {
      convolve_joined<kReach, true, false>(c, sign);
    } else {
      convolve_joined<kReach, true, true>(c, sign);
    }
  }

  template <int kReach, bool kStandard>
  void convolve_alone(const Convolution<T>& c, T sign) {
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
    T* const __restrict v = v_;
    T* const __restrict theta = next_theta_;
    over_sums<kReach>(in.filter, [&](std::int64_t j, const Taps& sums) NTK_INLINE {
      L f1[3], f2[3];
      for (int f = 0; f < kRead; ++f) {
        f1[f] = L::load(rows[f] + j);
        f2[f] = turns[f] * L::load(columns[f] + j);
      }
      Entry<L> e{L(0), L(0)};
      math::Convolve::finish<kNtk, kStandard>(k, f1, f2, gain * sums.distance,
                                              theta_unit * sums.theta, e);
      (turned * e.v).store(v + j);
      if (kNtk) e.theta.store(theta + j);
    });
    std::swap(theta_, next_theta_);
  }

  // With the nonlinearity behind it.
  template <int kReach, bool kPositive, bool kAlike>
  void convolve_joined(const Convolution<T>& c, T sign) {
    using math::ConvolveRelu;
    const Constants k = in_lanes(c, sign);
    const T *const a = row_feature(*c.in, 1), *const b = column_feature(*c.in, 1);
    const T *const inverse_a = a + row_stride_, *const inverse_b = b + column_stride_;
    const T* const inside = inside_;
    const auto step = [&](std::int64_t j, const Taps& sums) NTK_INLINE {
      const L f1[2] = {L::load(a + j), L::load(inverse_a + j)},
              f2[2] = {L::load(b + j), L::load(inverse_b + j)};
      return kPositive
                 ? ConvolveRelu::step<kNtk, kAlike>(k, f1, f2, sums, L::load(inside + j))
                 : ConvolveRelu::first_step<kNtk, kAlike>(k, f1, f2, sums, L::load(inside + j));
    };
    if (c.joined == Joined::to_sums) {
      const L unit = L(c.theta_unit_after);
      pool([&](auto& pooled) {
        over_sums<kReach>(c.in->filter, [&](std::int64_t j, const Taps& sums) NTK_INLINE {
          const auto after = step(j, sums);
          pooled.add(j, {after.delta, unit * after.theta});
        });
      });
      return;
    }
    T* const __restrict distance = next_distance_;
    T* const __restrict theta = next_theta_;
    over_sums<kReach>(c.in->filter, [&](std::int64_t j, const Taps& sums) NTK_INLINE {
      const auto after = step(j, sums);
      ConvolveRelu::distance<kAlike>(k, L::load(a + j), L::load(b + j), after.delta)
          .store(distance + j);
      if (kNtk) after.theta.store(theta + j);
    });
    // One of the two is outside of its image, and Theta stays 0.
    beside([&](std::int64_t j) {
      math::square(L::load(a + j) - k.next * L::load(b + j)).store(distance + j);
    });
    std::swap(distance_, next_distance_);
    std::swap(theta_, next_theta_);
  }

  // Calls step(place, sums over the taps there).
  template <int kReach, class Step>
  NTK_INLINE void over_sums(const Filter& f, Step step) const {
    if constexpr (kReach == 1)
      over_sums_of_nine(step);
    else
      over_sums_of_any(f, step);
  }

  template <class Step>
  NTK_INLINE void over_sums_of_nine(Step step) const {
    const std::int64_t n = n_;
    SumsOfNine<T> distance(distance_, pitch_), theta(kNtk ? theta_ : distance_, pitch_);
    for (std::int64_t j = 0; j < n; j += L::kCount)
      step(j, {distance.next(j), kNtk ? theta.next(j) : L(0)});
  }

  template <class Step>
  NTK_INLINE void over_sums_of_any(const Filter& f, Step step) const {
    for (std::int64_t j = -vectors(f.left); j < n_ + f.right; j += L::kCount) {
      sum_of_taps(distance_ + j, pitch_, f.up, f.down).store(distance_sums_ + j);
      if (kNtk) sum_of_taps(theta_ + j, pitch_, f.up, f.down).store(theta_sums_ + j);
    }
    for (std::int64_t j = 0; j < n_; j += L::kCount)
      step(j, {sum_of_taps(distance_sums_ + j, 1, f.left, f.right),
               kNtk ? sum_of_taps(theta_sums_ + j, 1, f.left, f.right) : L(0)});
  }

  // A convolution's numbers in every lane, with one image's sign.
  static NTK_INLINE Constants in_lanes(const Convolution<T>& c, T sign) {
    const auto& k = c.constants;
    Constants lanes{L(k.gain), L(k.theta_gain),
                    L(k.turn), L(k.back),
                    L(k.next), L(T(c.bias1) - sign * T(c.bias2)),
                    L(sign),   {},
                    {},        {L(k.relu.u2), L(k.relu.w2), L(k.relu.un), L(k.relu.wn)}};
    for (std::size_t i = 0; i < std::size(k.angle); ++i) lanes.angle[i] = L(k.angle[i]);
    for (std::size_t i = 0; i < std::size(k.rest); ++i) lanes.rest[i] = L(k.rest[i]);
    return lanes;
  }

  // 0 beside the images, whatever stands there.
  L inside(L value, std::int64_t j) const {
    return select(L::load(inside_ + j) > L(0), value, L(0));
  }

  // visit(j) of each vector of places beside the slice that taps reach.
  template <class Visit>
  NTK_INLINE void beside(Visit visit) const {
    for (std::int64_t j = L::kCount - job_.layout->before; j < 0; j += L::kCount) visit(j);
    for (std::int64_t j = vectors(n_); j < n_ + job_.layout->after - L::kCount; j += L::kCount)
      visit(j);
  }
  template <class Visit>
  NTK_INLINE void beside_and_on_it(Visit visit) const {
    for (std::int64_t j = L::kCount - job_.layout->before; j < n_ + job_.layout->after - L::kCount;
         j += L::kCount)
      visit(j);
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
  // n_ pairs of places, from place first_ of the row on; features at the first pair.
  std::int64_t first_ = 0, n_ = 0, displacement_ = 0;
  const T *row_ = nullptr, *column_ = nullptr;
  // Place 0: the first pair; as many before and behind as taps reach.
  T *v_, *inside_, *theta_, *next_theta_, *theta_sums_, *distance_, *next_distance_,
      *distance_sums_;
  T* slots_;
  SliceSums sums_;
  bool have_sums_ = false;
};

}  // namespace
}  // namespace ntk::cpu
