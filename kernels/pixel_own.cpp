// One sample's walk through a PixelStage with itself: what depends on it alone.
#include <algorithm>
#include <cmath>

#include "kernels/pixels.h"

namespace ntk {
namespace {

std::size_t at(std::int64_t i) { return static_cast<std::size_t>(i); }

std::int64_t stride(std::int64_t pixels) { return PixelLayout::stride(pixels); }

// |x|, safe from overflow and underflow of the squares.
double length_of(const double* x, std::int64_t n) {
  double largest = 0, sum = 0;
  for (std::int64_t c = 0; c < n; ++c) largest = std::max(largest, std::abs(x[c]));
  if (largest == 0) return 0;
  for (std::int64_t c = 0; c < n; ++c) sum += (x[c] / largest) * (x[c] / largest);
  return largest * std::sqrt(sum);
}

}  // namespace

double PixelWalk::prepare(const double* x, double* block) {
  allocate();
  own_run(stage_.steps.size(), x, block, pairs_until_ > 0);
  const std::int64_t n = stage_.outputs();
  for (std::int64_t p = 0; p < n; ++p)
    block[layout_.deviation + p] = std::sqrt(own_.states[at(p)].q);
  if (stage_.output.empty()) own_diagonal(n, false);
  return own_.largest;
}

std::vector<double> PixelWalk::variances_after(std::size_t steps, const double* x, double* block) {
  bool pairs = false;
  for (std::size_t k = 0; k < steps; ++k) pairs = pairs || looks_at_pairs(stage_.steps[k].in.op);
  own_run(steps, x, block, pairs);
  std::vector<double> q;
  for (const math::SampleState& state : own_.states) q.push_back(state.q);
  return q;
}

// Once nothing looks at pairs any more, the pixels by themselves are enough.
void PixelWalk::own_run(std::size_t steps, const double* x, double* block, bool pairs) {
  own_begin(x, block);
  if (pairs) begin(block, block);
  if (pairs) own_diagonal(stage_.pixels(), true);
  for (std::size_t k = 0; k < steps; ++k) {
    own_step(k, block);
    if (pairs && k < pairs_until_) walk_step(k, block, block, block);
    own_include();
  }
}

// A pixel whose square is no longer a number counts as zero: so does its kernel.
void PixelWalk::own_begin(const double* x, double* block) {
  const std::int64_t pixels = stage_.pixels(), channels = stage_.channels, ld = stride(pixels);
  std::fill_n(block, layout_.size, 0.0);
  own_ = {};
  own_.states.resize(at(pixels));
  own_.masked.resize(at(pixels));
  own_.pattern = x + pixels * channels;
  for (std::int64_t p = 0; p < pixels; ++p) {
    const double* const pixel = x + p * channels;
    const bool masked = stage_.mask_constant &&
                        std::all_of(pixel, pixel + channels,
                                    [&](double value) { return value == *stage_.mask_constant; });
    own_.masked[at(p)] = masked;
    const double length = masked ? 0 : length_of(pixel, channels);
    const double deviation = length / std::sqrt(static_cast<double>(channels));
    const double q = deviation * deviation;
    own_.states[at(p)] = {q, 0};
    if (!(q > 0)) continue;
    for (std::int64_t c = 0; c < channels; ++c)
      block[layout_.channels + c * ld + p] = pixel[c] / length;
  }
  own_include();
}

void PixelWalk::own_include() {
  for (const math::SampleState& x : own_.states)
    own_.largest = std::max({own_.largest, x.q, std::abs(x.theta)});
}

void PixelWalk::own_step(std::size_t k, double* block) {
  const PixelStep& step = stage_.steps[k];
  double* const features = block + layout_.steps[k].before;
  switch (step.in.op) {
    case Op::convolve:
      own_convolve(k, block);
      break;
    case Op::normalize:
      own_normalize(k, block);
      break;
    case Op::mask:
      for (std::int64_t p = 0; p < step.before; ++p) {
        features[p] = own_.masked[at(p)] ? 0 : 1;
        if (own_.masked[at(p)]) own_.states[at(p)] = {0, 0};
      }
      break;
    case Op::mix:
    case Op::aggregate:
    case Op::attend:
      return;  // with the pairs
    case Op::save:
      own_slots_[at(step.in.slot)] = own_;
      break;
    case Op::load:
      own_.states = own_slots_[at(step.in.slot)].states;
      own_.masked = own_slots_[at(step.in.slot)].masked;
      break;
    default:
      own_pointwise(step, features);
  }
  own_masks(step);
}

// What is masked in both branches of a join stays masked.
void PixelWalk::own_pointwise(const PixelStep& step, double* features) {
  const bool join = step.in.op == Op::add || step.in.op == Op::multiply;
  const Own& slot = own_slots_[at(step.in.slot)];
  math::SampleState other{0, 0};
  for (std::int64_t p = 0; p < step.before; ++p) {
    if (join) other = slot.states[at(p)];
    if (join) own_.masked[at(p)] = own_.masked[at(p)] && slot.masked[at(p)];
    math::run_sample_step(step.in, program_.tables.data(), own_.states[at(p)], other, features + p,
                          stride(step.before));
  }
}

// An output is masked if all that it sees is.
void PixelWalk::own_masks(const PixelStep& step) {
  if (step.mask.begin.empty()) return own_.masked.resize(at(step.after));
  std::vector<char> after;
  for (std::int64_t p = 0; p < step.after; ++p) {
    bool all = true;
    for (std::int32_t i = step.mask.begin[at(p)]; i < step.mask.begin[at(p + 1)]; ++i)
      all = all && own_.masked[at(step.mask.column[at(i)])];
    after.push_back(all);
  }
  own_.masked = std::move(after);
}

void PixelWalk::own_convolve(std::size_t k, double* block) {
  const PixelStep& step = stage_.steps[k];
  const PixelLayout::Step& place = layout_.steps[k];
  const double* const w = step.in.p;
  const std::int64_t taps = step.taps->count;
  std::vector<math::SampleState> next(at(step.after));
  for (std::int64_t p = 0; p < step.after; ++p) {
    math::SampleState mean{0, 0};
    for (std::int64_t t = 0; t < taps; ++t) {
      const std::int32_t from = (*step.taps)(p, t);
      if (from < 0) continue;
      mean.q += own_.states[at(from)].q;
      mean.theta += own_.states[at(from)].theta;
    }
    mean.q /= static_cast<double>(taps);
    mean.theta /= static_cast<double>(taps);
    const double q = w[0] * mean.q + w[1];
    next[at(p)] = {q, w[0] * mean.theta + w[2] * q + w[3] * mean.q + w[4]};
  }
  for (std::int64_t p = 0; p < step.before; ++p)
    block[place.before + p] = std::sqrt(own_.states[at(p)].q);
  for (std::int64_t p = 0; p < step.after; ++p) {
    const double s = std::sqrt(next[at(p)].q);
    block[place.after + p] = s;
    block[place.after + stride(step.after) + p] = s > 0 ? 1 / s : 0;
  }
  own_.states = std::move(next);
}

// By the mean variance of the pixels of a group that are not masked.
void PixelWalk::own_normalize(std::size_t k, double* block) {
  const PixelStep& step = stage_.steps[k];
  std::vector<double> sums(at(step.before)), pixels(at(step.before));
  for (std::int64_t p = 0; p < step.before; ++p) {
    if (own_.masked[at(p)]) continue;
    sums[at(step.group[at(p)])] += own_.states[at(p)].q;
    pixels[at(step.group[at(p)])] += 1;
  }
  for (std::int64_t p = 0; p < step.before; ++p) {
    const std::size_t group = at(step.group[at(p)]);
    const double norm = (pixels[group] > 0 ? sums[group] / pixels[group] : 0) + step.in.p[0];
    const double scale = norm > 0 ? 1 / std::sqrt(norm) : 0;
    block[layout_.steps[k].before + p] = scale;
    math::SampleState& x = own_.states[at(p)];
    x = {x.q * scale * scale, x.theta * scale * scale};
  }
}

// Masked means are over the pixels that are not masked.
void PixelWalk::own_before_mix(std::size_t k, double* block) {
  const PixelStep& step = stage_.steps[k];
  const PixelLayout::Step& place = layout_.steps[k];
  for (std::int64_t p = 0; p < step.before; ++p) {
    block[place.before + p] = std::sqrt(own_.states[at(p)].q);
    block[place.before + stride(step.before) + p] = own_.masked[at(p)] ? 0 : 1;
  }
  for (std::int64_t p = 0; p < step.after; ++p) {
    block[place.after + p] = 1;
    if (step.in.op != Op::mix || step.in.p[0] == 0) continue;
    double all = 0, kept = 0;
    for (std::int32_t i = step.mix.begin[at(p)]; i < step.mix.begin[at(p + 1)]; ++i) {
      all += step.mix.weight[at(i)];
      if (!own_.masked[at(step.mix.column[at(i)])]) kept += step.mix.weight[at(i)];
    }
    if (kept > 0) block[place.after + p] = all / kept;
  }
}

// Of aggregate the transpose of the pattern, of attend who looks at whom. K is in minus_.
void PixelWalk::own_matrix(std::size_t k, double* block) {
  const PixelStep& step = stage_.steps[k];
  const std::int64_t n = step.before, ld = stride(n);
  double* const matrix = block + layout_.steps[k].matrix;
  for (std::int64_t p = 0; step.in.op == Op::aggregate && p < n; ++p)
    for (std::int64_t r = 0; r < n; ++r)
      if (step.rest[at(p)] == step.rest[at(r)])
        matrix[p * n + r] = own_.pattern[step.node[at(r)] * stage_.nodes + step.node[at(p)]];
  const AttentionStep& attention = step.attention;
  if (step.in.op != Op::attend || !attention.linear_scaling) return;
  for (std::int64_t p = 0; p < n; ++p) {
    double *const row = matrix + p * n, largest = -INFINITY, sum = 0;
    for (std::int64_t r = 0; r < n; ++r) {
      if (own_.masked[at(r)]) continue;
      double c = minus_[at(p * ld + r)];
      if (!attention.embedding.empty()) {
        c *= attention.input;
        if (!own_.masked[at(p)]) c += attention.position * attention.embedding[at(p * n + r)];
      }
      row[r] = attention.query_key * c;
      if (attention.attention == Attention::abs) row[r] = std::abs(row[r]);
      if (attention.attention == Attention::relu) row[r] = std::max(row[r], 0.0);
      largest = std::max(largest, row[r]);
    }
    if (attention.attention != Attention::softmax) continue;
    for (std::int64_t r = 0; r < n; ++r) {
      row[r] = own_.masked[at(r)] ? 0 : std::exp(row[r] - largest);
      sum += row[r];
    }
    for (std::int64_t r = 0; sum > 0 && r < n; ++r) row[r] /= sum;
  }
}

void PixelWalk::own_after_mix(std::size_t k, double* block) {
  const PixelStep& step = stage_.steps[k];
  const PixelLayout::Step& place = layout_.steps[k];
  const std::int64_t ld = stride(step.after);
  const bool pairs = k + 1 < pairs_until_ || !stage_.output.empty();
  own_.states.resize(at(step.after));
  for (std::int64_t p = 0; p < step.after; ++p) {
    const std::size_t i = at(pairs ? p * ld + p : p);
    const double factor = block[place.after + p] * block[place.after + p];
    const double q = std::max(0.0, factor * minus_[i]);
    own_.states[at(p)] = {q, factor * theta_[i]};
    block[place.after + ld + p] = q > 0 ? 1 / std::sqrt(q) : 0;
  }
  own_masks(step);
}

// A pixel with itself.
void PixelWalk::own_diagonal(std::int64_t pixels, bool pairs) {
  for (std::int64_t p = 0; p < pixels; ++p) {
    const std::size_t i = at(pairs ? p * stride(pixels) + p : p);
    now_.v[i] = own_.states[at(p)].q > 0 ? 0 : 1;
    now_.theta[i] = own_.states[at(p)].theta;
  }
}

}  // namespace ntk
