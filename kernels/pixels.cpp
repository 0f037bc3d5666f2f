#include "kernels/pixels.h"

#include <algorithm>
#include <cmath>

#include "kernels/math/pixels.h"

namespace ntk {
namespace {

std::size_t at(std::int64_t i) { return static_cast<std::size_t>(i); }

std::int64_t stride(std::int64_t pixels) { return PixelLayout::stride(pixels); }

bool is_join(Op op) { return op == Op::add || op == Op::multiply; }

// Runs of outputs whose inputs at tap t follow each other evenly.
std::vector<TapRun> runs_of(const PixelStep& step, std::int64_t t) {
  const auto source = [&](std::int64_t p) {
    const std::int32_t from = (*step.taps)(p, t);
    return from < 0 ? static_cast<std::int32_t>(step.before) : from;
  };
  std::vector<TapRun> runs;
  for (std::int32_t p = 0; p < step.after; ++p) {
    const std::int32_t from = source(p);
    if (!runs.empty()) {
      TapRun& last = runs.back();
      if (last.length == 1) last.step = from - last.from;
      if (from == last.from + last.step * last.length && last.step >= 0 && last.step < 4) {
        ++last.length;
        continue;
      }
    }
    runs.push_back({p, from, 1, 1});
  }
  return runs;
}

// Sums over taps, of a row of outputs.
struct RowSums {
  double *squares, *minus, *plus, *theta, *covariance;
};

// A row's pixel at a tap, of deviation a, in the outputs' units x.
struct RowTap {
  double a, x;
  const double *delta, *theta;  // of the columns' pixels: 1 - rho
};

// What a run of outputs sees at one tap. `b` are the deviations of the columns' pixels, `inverse`
// those of the outputs.
template <bool kCovariance>
void add_run(const TapRun& run, const RowTap& row, const double* b, const double* inverse,
             const RowSums& sums) {
  for (std::int32_t j = 0; j < run.length; ++j) {
    const std::int32_t from = run.from + j * run.step, to = run.to + j;
    const double y = b[from] * inverse[to], both = row.x * y, delta = row.delta[from];
    sums.squares[to] += (row.x - y) * (row.x - y);
    sums.minus[to] += both * delta;
    sums.plus[to] += both * (2 - delta);
    sums.theta[to] += row.theta[from];
    if (kCovariance) sums.covariance[to] += row.a * b[from] * (1 - delta);
  }
}

}  // namespace

PixelLayout::PixelLayout(const PixelStage& stage) {
  const auto place = [this](std::int64_t numbers) {
    const std::int64_t begin = size;
    size += numbers;
    return begin;
  };
  std::int64_t most = stage.pixels(), most_pairs = 0;
  channels = place(stage.channels * stride(stage.pixels()));
  const std::size_t until = stage.last_of_pairs();
  for (std::size_t k = 0; k < stage.steps.size(); ++k) {
    const PixelStep& step = stage.steps[k];
    const std::int64_t before = stride(step.before), after = stride(step.after);
    Step places;
    if (step.in.op == Op::convolve) {
      places = {place(before), place(2 * after), 0};
    } else if (looks_at_pairs(step.in.op)) {
      places = {place(2 * before), place(2 * after), 0};
      if (step.in.op != Op::mix) places.matrix = place(step.after * step.before);
      size = stride(size);
    } else {
      places.before = place(math::feature_count(step.in) * before);
    }
    steps.push_back(places);
    most = std::max({most, step.before, step.after});
    if (k < until) most_pairs = std::max({most_pairs, step.before, step.after});
  }
  deviation = place(stride(stage.outputs()));
  largest = std::max(stride(most + 1), (most_pairs + 1) * stride(most_pairs + 1));
}

void run_pixel_strip(const PixelStrip& strip) {
  const math::FeatureTable<double> rows{strip.rows, strip.stride},
      columns{strip.columns, strip.stride};
  for (std::int64_t p = 0; p < strip.length; ++p) {
    const std::int64_t row = strip.row == PixelStrip::kSamePixel ? p : strip.row;
    math::Entry<double> e{strip.v[p], strip.theta[p]};
    if (is_join(strip.in->op)) {
      const double f1[] = {rows.data[row], rows.data[rows.stride + row]},
                   f2[] = {columns.data[p], columns.data[columns.stride + p]};
      const math::Entry<double> slot{strip.slot_v[p], strip.slot_theta[p]};
      if (strip.in->op == Op::add)
        math::Add::step<true>(f1, f2, slot, e);
      else
        math::Multiply::step<true>(f1, f2, slot, e);
    } else {
      e = math::run_entry<true, 0>(strip.in, 1, rows, row, columns, p, e);
    }
    strip.v[p] = e.v;
    strip.theta[p] = e.theta;
  }
}

PixelWalk::PixelWalk(const Program& program, const PixelLayout& layout, PixelStripFunction strips)
    : program_(program),
      stage_(*program.pixels),
      layout_(layout),
      strips_(strips),
      pairs_until_(stage_.last_of_pairs()),
      slots_(at(stage_.slots)),
      own_slots_(at(std::max(stage_.slots, 1))) {
  for (const PixelStep& step : stage_.steps) {
    sums_.resize(std::max(sums_.size(), at(5 * stride(step.after))));
    columns_.resize(std::max(columns_.size(), at(stride(step.before + 1))));
    if (!step.taps || runs_.count(step.taps.get())) continue;
    std::vector<std::vector<TapRun>>& runs = runs_[step.taps.get()];
    for (std::int64_t t = 0; t < step.taps->count; ++t) runs.push_back(runs_of(step, t));
  }
}

std::size_t PixelWalk::bytes(const Program& program, const PixelLayout& layout) {
  const std::int64_t buffers = 5 + 2 * program.pixels->slots;
  return at(buffers * layout.largest) * sizeof(double);
}

void PixelWalk::run(const double* a, const double* b) {
  begin(a, b);
  for (std::size_t k = 0; k < stage_.steps.size(); ++k) walk_step(k, a, b, nullptr);
}

void PixelWalk::output(const double* a, const double* b, bool swapped, double* nngp,
                       double* theta) const {
  const std::int64_t n = stage_.outputs();
  const double *s1 = a + layout_.deviation, *s2 = b + layout_.deviation;
  for (std::int64_t p = 0; p < n; ++p)
    for (std::int64_t r = 0; r < n; ++r) {
      const std::size_t from = at(p * stride(n) + r),
                        to = at(swapped ? stage_.entry(r, p) : stage_.entry(p, r));
      const math::Entry<double> e{now_.v[from], now_.theta[from]};
      if (nngp) nngp[to] = s1[p] * s2[r] * e.rho();
      if (theta) theta[to] = e.theta;
    }
}

void PixelWalk::allocate() {
  if (minus_) return;
  const auto zeros = [&] {
    HostBuffer<double> buffer(at(layout_.largest));
    std::fill_n(buffer.data(), layout_.largest, 0.0);
    return buffer;
  };
  now_ = {zeros(), zeros()};
  for (Tensor& tensor : slots_) tensor = {zeros(), zeros()};
  for (HostBuffer<double>* buffer : {&plus_, &theta_, &minus_}) *buffer = zeros();
}

// Half the squared distances of unit pixels are 1 - rho and 1 + rho.
void PixelWalk::begin(const double* a, const double* b) {
  allocate();
  const std::int64_t pixels = stage_.pixels(), ld = stride(pixels);
  const bool pairs = pairs_until_ > 0;
  const double *x = a + layout_.channels, *y = b + layout_.channels;
  for (std::int64_t p = 0; p < (pairs ? pixels : 1); ++p) {
    double *minus = minus_.data(), *plus = plus_.data();
    std::fill_n(minus, ld, 0.0);
    std::fill_n(plus, ld, 0.0);
    for (std::int64_t c = 0; c < stage_.channels; ++c)
      for (std::int64_t r = 0; r < pixels; ++r) {
        const double u = x[c * ld + (pairs ? p : r)], v = y[c * ld + r];
        minus[r] += 0.5 * (u - v) * (u - v);
        plus[r] += 0.5 * (u + v) * (u + v);
      }
    for (std::int64_t r = 0; r < ld; ++r) {
      math::Entry<double> e{1, 0};
      // Both are 1/4 and less of a zero pixel, which has no angle.
      if (r < pixels && minus[r] + plus[r] > 1.5)
        e.set_ends(std::min(minus[r], 2.0), std::min(plus[r], 2.0));
      e.v = std::copysign(std::min(std::abs(e.v), 1.0), e.v);
      now_.v[at(p * ld + r)] = e.v;
      now_.theta[at(p * ld + r)] = 0;
    }
  }
}

void PixelWalk::walk_step(std::size_t k, const double* a, const double* b, double* own_block) {
  const PixelStep& step = stage_.steps[k];
  const bool pairs = k < pairs_until_;
  if (step.in.op == Op::convolve)
    pairs ? convolve_pairs(k, a, b) : convolve_same(k, a, b);
  else if (looks_at_pairs(step.in.op))
    return mix(k, a, b, own_block);
  else if (step.in.op == Op::save)
    copy(now_, slots_[at(step.in.slot)], k);
  else if (step.in.op == Op::load)
    copy(slots_[at(step.in.slot)], now_, k);
  else
    pointwise(k, a, b);
  if (own_block && pairs) own_diagonal(step.after, true);
  if (pairs && k + 1 == pairs_until_ && stage_.output.empty()) drop_pairs(step.after);
}

void PixelWalk::copy(const Tensor& from, Tensor& to, std::size_t k) const {
  const std::int64_t pixels = stage_.steps[k].before;
  const std::int64_t numbers = (k < pairs_until_ ? pixels : 1) * stride(pixels);
  std::copy_n(from.v.data(), numbers, to.v.data());
  std::copy_n(from.theta.data(), numbers, to.theta.data());
}

void PixelWalk::pointwise(std::size_t k, const double* a, const double* b) {
  const PixelStep& step = stage_.steps[k];
  const std::int64_t ld = stride(step.before);
  PixelStrip strip{};
  strip.in = &step.in;
  strip.rows = a + layout_.steps[k].before;
  strip.columns = b + layout_.steps[k].before;
  strip.stride = ld;
  strip.length = ld;
  const bool pairs = k < pairs_until_;
  for (std::int64_t p = 0; p < (pairs ? step.before : 1); ++p) {
    strip.row = pairs ? p : PixelStrip::kSamePixel;
    strip.v = now_.v.data() + p * ld;
    strip.theta = now_.theta.data() + p * ld;
    if (is_join(step.in.op)) {
      const Tensor& slot = slots_[at(step.in.slot)];
      strip.slot_v = slot.v.data() + p * ld;
      strip.slot_theta = slot.theta.data() + p * ld;
    }
    strips_(strip);
  }
}

// The place behind the last pixel is outside of the image. 1 - rho goes to minus_, Theta to theta_.
void PixelWalk::convolve_pairs(std::size_t k, const double* a, const double* b) {
  const PixelStep& step = stage_.steps[k];
  const PixelLayout::Step& place = layout_.steps[k];
  const std::int64_t n = step.before, ld = stride(n), wide = stride(n + 1);
  for (std::int64_t p = 0; p <= n; ++p) {
    double *delta = minus_.data() + p * wide, *theta = theta_.data() + p * wide;
    for (std::int64_t r = 0; r < n; ++r) {
      const std::size_t i = at(p * ld + r);
      delta[r] = p < n ? math::Entry<double>{now_.v[i], 0}.delta() : 1;
      theta[r] = p < n ? now_.theta[i] : 0;
    }
    delta[n] = 1;
    theta[n] = 0;
  }
  std::copy_n(b + place.before, n, columns_.begin());
  columns_[at(n)] = 0;
  const auto& runs = runs_.at(step.taps.get());
  const std::int64_t after = stride(step.after), taps = step.taps->count;
  const double *s1 = a + place.after, *s2 = b + place.after;
  const auto mean = math::TapMean::of(step.in.p, taps);
  double* const sum = sums_.data();
  const RowSums sums{sum, sum + after, sum + 2 * after, sum + 3 * after, sum + 4 * after};
  for (std::int64_t p = 0; p < step.after; ++p) {
    std::fill_n(sum, 5 * after, 0.0);
    for (std::int64_t t = 0; t < taps; ++t) {
      const std::int32_t source = (*step.taps)(p, t);
      const double deviation = source < 0 ? 0 : a[place.before + source];
      const std::int64_t from = (source < 0 ? n : source) * wide;
      const RowTap row{deviation, deviation * s1[after + p], minus_.data() + from,
                       theta_.data() + from};
      for (const TapRun& run : runs[at(t)])
        if (mean.in == 0)
          add_run<false>(run, row, columns_.data(), s2 + after, sums);
        else
          add_run<true>(run, row, columns_.data(), s2 + after, sums);
    }
    for (std::int64_t r = 0; r < after; ++r) {
      math::Entry<double> e{1, 0};
      if (r < step.after && (!step.local || p == r))
        e = mean.finish(
            {sums.squares[r], sums.minus[r], sums.plus[r], sums.theta[r], sums.covariance[r]},
            s1[p], s1[after + p], s2[r], s2[after + r]);
      now_.v[at(p * after + r)] = e.v;
      now_.theta[at(p * after + r)] = e.theta;
    }
  }
}

void PixelWalk::convolve_same(std::size_t k, const double* a, const double* b) {
  const PixelStep& step = stage_.steps[k];
  const PixelLayout::Step& place = layout_.steps[k];
  const double *x = a + place.before, *y = b + place.before;
  const double *s1 = a + place.after, *s2 = b + place.after;
  std::copy_n(now_.v.data(), step.before, minus_.data());
  std::copy_n(now_.theta.data(), step.before, theta_.data());
  const std::int64_t after = stride(step.after);
  const auto mean = math::TapMean::of(step.in.p, step.taps->count);
  for (std::int64_t p = 0; p < after; ++p) {
    math::Entry<double> e{1, 0};
    if (p < step.after) {
      math::TapSums sum;
      for (std::int64_t t = 0; t < step.taps->count; ++t) {
        const std::int32_t from = (*step.taps)(p, t);
        if (from < 0) continue;
        const math::Entry<double> tap{minus_[at(from)], 0};
        sum.add(x[from] * s1[after + p], y[from] * s2[after + p], tap.delta());
        sum.theta += theta_[at(from)];
        sum.covariance += x[from] * y[from] * tap.rho();
      }
      e = mean.finish(sum, s1[p], s1[after + p], s2[p], s2[after + p]);
    }
    now_.v[at(p)] = e.v;
    now_.theta[at(p)] = e.theta;
  }
}

void PixelWalk::drop_pairs(std::int64_t pixels) {
  const std::int64_t ld = stride(pixels);
  for (std::int64_t p = 1; p < ld; ++p) {
    const bool is_pixel = p < pixels;
    now_.v[at(p)] = is_pixel ? now_.v[at(p * ld + p)] : 1;
    now_.theta[at(p)] = is_pixel ? now_.theta[at(p * ld + p)] : 0;
  }
}

}  // namespace ntk
