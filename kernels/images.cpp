#include "kernels/images.h"

#include <algorithm>
#include <cmath>

namespace ntk {
namespace {

constexpr double kRootHalf = 0.70710678118654752440;

std::int64_t padded(std::int64_t n) {
  return (n + ImageLayout::kPadding - 1) / ImageLayout::kPadding * ImageLayout::kPadding;
}

}  // namespace

ImageLayout::ImageLayout(const ImageStage& stage) : height(stage.height), width(stage.width) {
  Filter most;
  for (const Instruction& in : stage.instructions) {
    most.up = std::max(most.up, in.filter.up);
    most.down = std::max(most.down, in.filter.down);
    most.left = std::max(most.left, in.filter.left);
    most.right = std::max(most.right, in.filter.right);
  }
  pitch = width + std::max(most.left, most.right);
  length = height * pitch;
  before = padded(most.up * pitch + most.left + kPadding);
  after = most.down * pitch + most.right + 2 * kPadding;
  stride = padded(before + length + after);
}

std::vector<bool> ImageLayout::pixels() const {
  std::vector<bool> found(static_cast<std::size_t>(stride));
  for (std::int64_t y = 0; y < height; ++y)
    for (std::int64_t x = 0; x < width; ++x)
      found[static_cast<std::size_t>(before + place(y, x))] = true;
  return found;
}

WindowTable::WindowTable(const ImageStage& stage) {
  if (stage.pooling != Pooling::windows) return;
  const ImageLayout layout(stage), coarse(*stage.next);
  const SparseRows& m = stage.windows;
  std::vector<std::int64_t> uses(static_cast<std::size_t>(stage.pixels()));
  for (const std::int32_t p : m.column)
    count = std::max(count, ++uses[static_cast<std::size_t>(p)]);
  stride = layout.stride;
  rows = coarse.length + 1;
  const auto size = static_cast<std::size_t>(count * stride);
  target.assign(size, static_cast<std::int32_t>(coarse.length));
  weight_f64.assign(size, 0);
  std::fill(uses.begin(), uses.end(), 0);
  for (std::int64_t r = 0; r < stage.next->pixels(); ++r)
    for (std::int32_t k = m.begin[static_cast<std::size_t>(r)];
         k < m.begin[static_cast<std::size_t>(r) + 1]; ++k) {
      const std::int64_t p = m.column[static_cast<std::size_t>(k)];
      const std::int64_t place = layout.before + layout.place(p / layout.width, p % layout.width);
      const auto at =
          static_cast<std::size_t>(uses[static_cast<std::size_t>(p)]++ * stride + place);
      target[at] = static_cast<std::int32_t>(coarse.place(r / coarse.width, r % coarse.width));
      weight_f64[at] = m.weight[static_cast<std::size_t>(k)];
    }
  weight_f32.assign(weight_f64.begin(), weight_f64.end());
}

namespace {

// Those of any two pixels in windows that are one of `behind` apart.
void mark_displacements(const ImageStage& stage, const std::vector<std::int64_t>& behind,
                        const ImageLayout& layout, std::vector<bool>& needed) {
  const ImageLayout coarse(*stage.next);
  const SparseRows& m = stage.windows;
  const auto place = [](const ImageLayout& of, std::int64_t p) {
    return of.place(p / of.width, p % of.width);
  };
  const auto each = [&](std::int64_t row, auto visit) {
    for (std::int32_t k = m.begin[static_cast<std::size_t>(row)];
         k < m.begin[static_cast<std::size_t>(row) + 1]; ++k)
      visit(place(layout, m.column[static_cast<std::size_t>(k)]));
  };
  for (std::int64_t p = 0; p < stage.next->pixels(); ++p)
    for (std::int64_t q = 0; q < stage.next->pixels(); ++q) {
      const std::int64_t d = place(coarse, q) - place(coarse, p);
      if (!std::binary_search(behind.begin(), behind.end(), d)) continue;
      each(p, [&](std::int64_t a) {
        each(q, [&](std::int64_t b) {
          needed[static_cast<std::size_t>(b - a + layout.length)] = true;
        });
      });
    }
}

}  // namespace

std::vector<std::vector<std::int64_t>> needed_displacements(const ImageStage& first) {
  const ImageLayout layout(first);
  std::vector<bool> needed(static_cast<std::size_t>(2 * layout.length), false);
  const auto at = [&](std::int64_t d) { return static_cast<std::size_t>(d + layout.length); };
  std::vector<std::vector<std::int64_t>> all;
  if (first.pooling == Pooling::flatten) needed[at(0)] = true;
  if (first.pooling == Pooling::average) needed.assign(needed.size(), true);
  if (first.pooling == Pooling::windows) {
    all = needed_displacements(*first.next);
    const std::int64_t coarse = ImageLayout(*first.next).length;
    if (static_cast<std::int64_t>(all.front().size()) == 2 * coarse - 1)
      needed.assign(needed.size(), true);
    else
      mark_displacements(first, all.front(), layout, needed);
  }
  std::vector<std::int64_t> displacements;
  for (std::int64_t d = 1 - layout.length; d < layout.length; ++d)
    if (needed[at(d)]) displacements.push_back(d);
  all.insert(all.begin(), std::move(displacements));
  return all;
}

ImageWalk::ImageWalk(const Program& program, const ImageStage& stage, const ImageLayout& layout)
    : program_(program),
      stage_(stage),
      layout_(layout),
      is_pixel_(layout.pixels()),
      states_(static_cast<std::size_t>(layout.stride)),
      slots_(static_cast<std::size_t>(std::max(stage_.slots, 1)), states_) {
  int most = 1;
  for (const Instruction& in : stage_.instructions) most = std::max(most, math::feature_count(in));
  unused_.resize(static_cast<std::size_t>(most * layout.stride));
  for (std::vector<double>* values : {&taps_, &columns_, &mean_q_, &mean_theta_})
    values->resize(states_.size());
}

double ImageWalk::run(const math::SampleState* input, std::size_t instructions, double* features,
                      ConvolutionScale* scales) {
  double largest = 0;
  ConvolutionScale unused;
  std::copy_n(input, states_.size(), states_.begin());
  const auto include = [&](const math::SampleState& x) {
    largest = std::max({largest, x.q, std::abs(x.theta)});
  };
  for (const math::SampleState& x : states_) include(x);
  for (std::size_t i = 0; i < instructions; ++i) {
    const Instruction& in = stage_.instructions[i];
    double* const own = features ? features + in.first_feature * layout_.stride : unused_.data();
    if (in.op == Op::convolve) {
      convolve(in, own, scales ? scales[i] : unused);
    } else {
      std::vector<math::SampleState>& slot = slots_[static_cast<std::size_t>(in.slot)];
      for (std::size_t p = 0; p < states_.size(); ++p)
        math::run_sample_step(in, program_.tables.data(), states_[p], slot[p], own + p,
                              layout_.stride);
    }
    for (std::size_t p = 0; p < states_.size(); ++p)
      if (is_pixel_[p]) include(states_[p]);
  }
  return largest;
}

double ImageWalk::run(const math::SampleState* input, double* features, ConvolutionScale* scales,
                      double* deviation) {
  const double largest = run(input, stage_.instructions.size(), features, scales);
  double sum = 0;
  for (std::size_t p = 0; p < states_.size(); ++p)
    if (is_pixel_[p]) sum += states_[p].q;
  *deviation = std::sqrt(sum / static_cast<double>(stage_.pixels()));
  const double unit = *deviation > 0 ? *deviation : 1;
  double* const last = features + (stage_.features - 1) * layout_.stride;
  for (std::size_t p = 0; p < states_.size(); ++p)
    last[p] = is_pixel_[p] ? std::sqrt(states_[p].q) / unit : 0;
  return largest;
}

// Along one axis, then along the other; a tap after the other, so that loops are over places.
void ImageWalk::mean_over_taps(const Filter& filter, double math::SampleState::*of,
                               std::vector<double>& mean) {
  const std::int64_t n = layout_.length, before = layout_.before;
  for (std::size_t p = 0; p < states_.size(); ++p) taps_[p] = is_pixel_[p] ? states_[p].*of : 0;
  std::fill(columns_.begin(), columns_.end(), 0.0);
  double* const sums = columns_.data() + before;
  for (std::int64_t y = -filter.up; y <= filter.down; ++y) {
    const double* const from = taps_.data() + before + y * layout_.pitch;
    for (std::int64_t k = -filter.left; k < n + filter.right; ++k) sums[k] += from[k];
  }
  std::fill(mean.begin(), mean.end(), 0.0);
  double* const to = mean.data() + before;
  for (std::int64_t x = -filter.left; x <= filter.right; ++x)
    for (std::int64_t k = 0; k < n; ++k) to[k] += sums[k + x];
  for (std::int64_t k = 0; k < n; ++k) to[k] /= filter.taps();
}

void ImageWalk::convolve(const Instruction& in, double* features, ConvolutionScale& scale) {
  const double w2 = in.p[0], b2 = in.p[1], out = in.p[2], in_factor = in.p[3], one = in.p[4];
  const std::vector<double>&q = mean_q_, &theta = mean_theta_;
  mean_over_taps(in.filter, &math::SampleState::q, mean_q_);
  mean_over_taps(in.filter, &math::SampleState::theta, mean_theta_);
  double sum = 0;
  for (std::size_t p = 0; p < states_.size(); ++p)
    if (is_pixel_[p]) sum += w2 * q[p] + b2;
  const double root = std::sqrt(sum / static_cast<double>(stage_.pixels()));
  scale.deviation = root > 0 ? std::exp2(std::round(std::log2(root))) : 1;
  scale.bias = std::sqrt(b2) / scale.deviation;
  const double unit = scale.deviation, gain = std::sqrt(w2 / in.filter.taps()) / unit;
  const auto stride = static_cast<std::size_t>(layout_.stride);
  for (std::size_t p = 0; p < states_.size(); ++p) {
    math::SampleState next{0, 0};
    features[p] = features[stride + p] = features[2 * stride + p] = 0;
    if (in_factor != 0) features[3 * stride + p] = 0;
    if (is_pixel_[p]) {
      next.q = w2 * q[p] + b2;
      next.theta = w2 * theta[p] + out * next.q + in_factor * q[p] + one;
      const double s = std::sqrt(next.q);
      features[p] = gain * std::sqrt(states_[p].q);
      features[stride + p] = s / unit;
      features[2 * stride + p] = s > 0 ? kRootHalf * unit / s : 0;
      if (in_factor != 0) features[3 * stride + p] = w2 * q[p] / (unit * unit);
    }
    states_[p] = next;
  }
}

}  // namespace ntk
