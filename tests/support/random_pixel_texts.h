// Networks with every layer on pixels and every parameter, drawn at random with a sample's shape
// that each of them takes: for texts and shapes. Those of random_pixel_network.h are such that
// kernels can be compared on them.
#pragma once

#include <random>

#include "ntk/architecture.h"
#include "ntk/error.h"

namespace ntk {

class RandomPixelTexts {
 public:
  explicit RandomPixelTexts(unsigned seed) : random_(seed) {}

  Architecture next() {
    parameterization_ = below(2) ? Parameterization::standard : Parameterization::ntk;
    axes_ = 1 + below(3);
    sample_.clear();
    for (unsigned axis = 0; axis < axes_; ++axis) sample_.push_back(3 + below(7));
    sample_.push_back(1 + below(4));
    Layers layers;
    while (layers.empty()) append_if_it_fits(layers, {conv()});
    for (unsigned n = 2 + below(6); n > 0; --n) append_if_it_fits(layers, piece(2));
    if (below(3)) append_if_it_fits(layers, {vectors(), Dense(1 + below(9))});
    return Architecture(std::move(layers), parameterization_);
  }

  // Of the network drawn last.
  const Shape& sample() const { return sample_; }

 private:
  void append_if_it_fits(Layers& layers, const Layers& more) {
    Layers longer = layers;
    longer.insert(longer.end(), more.begin(), more.end());
    try {
      Architecture(longer, parameterization_).output_shape(sample_);
      layers = std::move(longer);
    } catch (const UsageError&) {
    }
  }

  // A nonlinearity or not, then a layer that may need a Gaussian input or may not.
  Layers piece(int depth) {
    Layers layers;
    if (below(2)) layers.push_back(below(2) ? Relu() : Erf(1, 1, 0));
    layers.push_back(layer(depth));
    return layers;
  }

  Layer layer(int depth) {
    switch (below(depth > 0 ? 12 : 9)) {
      case 0:
        return below(2) ? AvgPool(numbers(3), strides(), padding(), below(2) == 0)
                        : SumPool(numbers(3), strides(), padding());
      case 1:
        return attention();
      case 2:
        return resize();
      case 3:
        return slice();
      case 4:
        return below(2) ? Aggregate() : Aggregate({1 + below(axes_)}, 0, below(2) ? -1 : axes_ + 1);
      case 5:
        return below(2) ? LayerNorm({1, -1}, deviation()) : LayerNorm();
      case 6:
        return below(2) ? Dropout(0.5) : Dense(kWidth);
      case 9:
        return Residual({conv()});
      case 10:
        return Parallel({piece(depth - 1), piece(depth - 1)}, static_cast<Join>(below(3)));
      case 11:
        return Repeat(1 + below(3), piece(depth - 1));
      default:
        return conv();
    }
  }

  Layer vectors() {
    return below(3) == 0 ? Flatten() : below(2) ? GlobalAvgPool() : GlobalSumPool();
  }

  Layer conv() {
    ConvOptions o = {.strides = strides(), .padding = padding()};
    if (below(2)) o.W_std = deviation();
    if (below(2)) o.b_std = deviation();
    o.trainable = below(3) != 0;
    const unsigned kind = below(4);
    return kind == 0   ? ConvTranspose(kWidth, numbers(4), o)
           : kind == 1 ? ConvLocal(kWidth, numbers(4), o)
                       : Conv(kWidth, numbers(4), o);
  }

  Layer attention() {
    AttentionOptions o;
    o.linear_scaling = below(4) != 0;
    o.mechanism = static_cast<AttentionMechanism>(o.linear_scaling ? below(4) : 1);
    o.W_key_std = deviation(), o.W_value_std = deviation();
    o.W_query_std = deviation(), o.W_out_std = deviation();
    if (below(2)) o.b_std = deviation();
    o.pos_emb_type = static_cast<PositionalEmbedding>(below(3));
    o.pos_emb_p_norm = 1 + below(2);
    if (below(2))
      o.pos_emb_decay_fn =
          PositionalDecay{static_cast<PositionalDecay::Kind>(below(2)), deviation()};
    if (o.pos_emb_type == PositionalEmbedding::concat && below(2)) o.n_chan_pos_emb = 1 + below(9);
    o.W_pos_emb_std = deviation();
    o.val_pos_emb = below(2) == 0;
    return GlobalSelfAttention(kWidth, 1 + below(9), 1 + below(9), 1 + below(4), o);
  }

  Layer resize() {
    std::vector<std::int64_t> shape = {-1};
    for (unsigned axis = 0; axis < axes_; ++axis) shape.push_back(below(3) ? 1 + below(9) : -1);
    shape.push_back(-1);
    return ImageResize(std::move(shape), static_cast<ResizeMethod>(below(2)), below(2) == 0);
  }

  Layer slice() {
    std::vector<SliceRange> ranges = {{}};
    for (unsigned n = below(axes_ + 1); n > 0; --n) ranges.push_back(range());
    return Slice(std::move(ranges));
  }

  SliceRange range() {
    if (below(8) == 0) return {.index = whole()};
    SliceRange range;
    if (below(2)) range.start = whole();
    if (below(2)) range.stop = whole();
    if (below(2)) range.step = below(2) ? 1 + below(3) : -1;
    return range;
  }

  std::vector<std::int64_t> numbers(unsigned most) {
    std::vector<std::int64_t> numbers;
    for (unsigned axis = 0; axis < axes_; ++axis) numbers.push_back(1 + below(most));
    return numbers;
  }
  std::vector<std::int64_t> strides() {
    return below(2) ? std::vector<std::int64_t>() : numbers(3);
  }
  Padding padding() { return static_cast<Padding>(below(3)); }
  std::int64_t whole() { return static_cast<std::int64_t>(below(12)) - 6; }
  double deviation() { return std::uniform_real_distribution(0.3, 1.6)(random_); }
  unsigned below(unsigned n) { return std::uniform_int_distribution(0u, n - 1)(random_); }

  static constexpr std::int64_t kWidth = 6;
  std::mt19937 random_;
  unsigned axes_ = 1;
  Shape sample_;
  Parameterization parameterization_ = Parameterization::ntk;
};

}  // namespace ntk
