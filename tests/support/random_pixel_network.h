// Networks of layers on pixels drawn at random: layer after layer, those that cannot stand where
// they were drawn being drawn again.
#pragma once

#include <optional>
#include <random>
#include <string>
#include <vector>

#include "ntk/architecture.h"
#include "ntk/error.h"

namespace ntk {

class RandomPixelNetworks {
 public:
  explicit RandomPixelNetworks(unsigned seed) : random_(seed) {}

  // For samples of this shape, pixel axes and channels. Masks do not pass through ConvTranspose.
  Architecture next(const Shape& sample, int depth, bool masked = false) {
    sample_ = sample;
    masked_ = masked;
    parameterization_ = below(3) ? Parameterization::ntk : Parameterization::standard;
    Layers layers;
    while (static_cast<int>(layers.size()) < depth) add(layers, any_layer());
    if (below(4) > 0) add(layers, pooling());
    if (below(2)) add(layers, Dense(3, {.W_std = 1.2, .b_std = 0.2}));
    if (below(3) == 0) add(layers, activation());
    return Architecture(layers, parameterization_);
  }

  // Nothing: the network ends on vectors.
  static std::optional<std::int64_t> pixels_after(const Architecture& net, const Shape& sample) {
    const Shape output = net.output_shape(sample);
    if (output.size() < 2) return std::nullopt;
    return element_count({output.begin(), output.end() - 1});
  }

 private:
  static constexpr std::int64_t kMostPixels = 30;

  unsigned below(unsigned n) { return static_cast<unsigned>(random_() % n); }
  std::int64_t upto(std::int64_t n) {
    return 1 + static_cast<std::int64_t>(below(static_cast<unsigned>(n)));
  }

  // Leaves out what cannot stand there.
  bool add(Layers& layers, const Layer& layer) const {
    Layers more = layers;
    more.push_back(layer);
    try {
      const Shape output = Architecture(more, parameterization_).output_shape(sample_);
      if (output.size() > 1 && element_count({output.begin(), output.end() - 1}) > kMostPixels)
        return false;
      layers = std::move(more);
      return true;
    } catch (const UsageError&) {
      return false;
    }
  }

  Shape extents(std::int64_t most) {
    Shape shape;
    for (std::size_t axis = 0; axis + 1 < sample_.size(); ++axis) shape.push_back(upto(most));
    return shape;
  }

  Padding padding() {
    const Padding all[] = {Padding::valid, Padding::same, Padding::circular};
    return all[below(3)];
  }

  ConvOptions options(std::int64_t most_strides) {
    ConvOptions o;
    if (below(2)) o.strides = extents(most_strides);
    o.padding = padding();
    o.W_std = 0.8 + 0.2 * below(5);
    if (below(2)) o.b_std = 0.1 * below(4);
    o.trainable = below(8) > 0;
    return o;
  }

  Layer pooling() {
    switch (below(3)) {
      case 0:
        return Flatten();
      case 1:
        return GlobalSumPool();
      default:
        return GlobalAvgPool();
    }
  }

  Layer activation() {
    const Layer all[] = {Relu(),           Erf(),          LeakyRelu(0.2), Gelu(),
                         Cos(1, 0.7, 0.4), Sigmoid_like(), Abs()};
    return all[below(7)];
  }

  Layer attention() {
    AttentionOptions o;
    const AttentionMechanism all[] = {AttentionMechanism::softmax, AttentionMechanism::identity,
                                      AttentionMechanism::abs, AttentionMechanism::relu};
    o.mechanism = all[below(4)];
    o.linear_scaling = o.mechanism != AttentionMechanism::identity || below(2);
    const PositionalEmbedding positions[] = {PositionalEmbedding::none, PositionalEmbedding::sum,
                                             PositionalEmbedding::concat};
    o.pos_emb_type = positions[below(3)];
    if (below(2)) o.pos_emb_decay_fn = PositionalDecay{.length = 1.5};
    o.val_pos_emb = below(2);
    o.W_pos_emb_std = 0.7;
    o.W_query_std = 1.1;
    o.W_out_std = 0.9;
    if (below(2)) o.b_std = 0.2;
    return GlobalSelfAttention(6, 4, 5, 2, o);
  }

  Layer resize() {
    Shape shape = {-1};
    for (const std::int64_t extent : extents(5)) shape.push_back(below(3) ? extent : -1);
    shape.push_back(-1);
    return ImageResize(shape, below(2) ? ResizeMethod::nearest : ResizeMethod::linear, below(2));
  }

  Layer slice() {
    std::vector<SliceRange> ranges(1);
    for (std::size_t axis = 0; axis + 1 < sample_.size(); ++axis) {
      SliceRange range;
      if (below(2)) range.start = below(2);
      if (below(3) == 0) range.step = below(2) ? 2 : -1;
      if (range.step && *range.step < 0) range.start.reset();
      ranges.push_back(range);
    }
    return Slice(ranges);
  }

  Layer norm() {
    std::vector<std::int64_t> axis = {-1};
    for (std::size_t k = 1; k < sample_.size(); ++k)
      if (below(2)) axis.push_back(static_cast<std::int64_t>(k));
    return LayerNorm(axis, below(2) ? 1e-12 : 0.1);
  }

  // Of branches that keep the size.
  Layers branch() {
    Layers layers;
    if (below(2)) layers.push_back(activation());
    ConvOptions o = options(1);
    o.strides.clear();
    o.padding = below(2) ? Padding::same : Padding::circular;
    layers.push_back(Conv(kChannels, extents(3), o));
    return layers;
  }

  Layer joined() {
    const Join joins[] = {Join::fan_in_sum, Join::fan_in_prod, Join::fan_in_concat};
    return Parallel({branch(), branch()}, joins[below(3)]);
  }

  Layer any_layer() {
    switch (below(14)) {
      case 0:
      case 1:
      case 2:
        return Conv(kChannels, extents(3), options(2));
      case 3:
      case 4:
      case 5:
        return activation();
      case 6:
        return masked_ ? Conv(kChannels, extents(2), options(2))
                       : ConvTranspose(kChannels, extents(3), options(2));
      case 7:
        return ConvLocal(kChannels, extents(2), options(2));
      case 8: {
        const Padding p = padding();
        return below(2) ? AvgPool(extents(3), extents(2), p, p == Padding::same && below(2))
                        : SumPool(extents(2), extents(2), p);
      }
      case 9:
        return norm();
      case 10:
        return below(2) ? resize() : slice();
      case 11:
        return attention();
      case 12:
        return below(2) ? joined() : Residual(branch());
      default:
        return below(3) ? Dense(kChannels, {.W_std = 1.3, .b_std = 0.3}) : Dropout(0.6);
    }
  }

  static constexpr std::int64_t kChannels = 4;
  std::mt19937 random_;
  Shape sample_;
  bool masked_ = false;
  Parameterization parameterization_ = Parameterization::ntk;
};

}  // namespace ntk
