/// \file
/// The layers of a network as values: what each is, without weights. The names and defaults are
/// those of neural_tangents.stax; formulas and sources: docs/architecture.md. Pixels are the places
/// of a sequence (N x L x C data), an image (N x H x W x C) or a volume (N x D x H x W x C).
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "ntk/function.h"

namespace ntk {

/// How weights and biases are scaled (Jacot et al. 2018; Sohl-Dickstein et al. 2020).
enum class Parameterization {
  ntk,      ///< z = W_std/sqrt(n) W x + b_std b with W, b ~ N(0, 1)
  standard  ///< z = 1/sqrt(s0) W x + b with W ~ N(0, W_std^2 s0/n), b ~ N(0, b_std^2)
};

/// The parameters of a Dense layer.
struct DenseOptions {
  double W_std = 1.0;                          ///< 0 to 1e100
  std::optional<double> b_std = std::nullopt;  ///< nullopt: no bias. 0: a bias that starts at zero
  std::array<double, 2> s = {1, 1};  ///< width scales (in, out), standard parameterization
  bool trainable = true;             ///< false: the weights stay as drawn (NTK' = W^2 NTK)
};

/// What stands beyond the edges of an image.
enum class Padding {
  valid,    ///< nothing: filters and windows stay inside
  same,     ///< zeros, so that stride 1 keeps the size; means are still over all of the filter
  circular  ///< the image again, with the sizes of `same`
};

/// The parameters of Conv, ConvTranspose and ConvLocal.
struct ConvOptions {
  std::vector<std::int64_t> strides = {};      ///< in pixels; empty: 1 along each axis
  Padding padding = Padding::valid;            ///< beyond the edges
  double W_std = 1.0;                          ///< 0 to 1e100
  std::optional<double> b_std = std::nullopt;  ///< nullopt: no bias. 0: a bias that starts at zero
  std::array<double, 2> s = {1, 1};  ///< width scales (in, out), standard parameterization
  bool trainable = true;             ///< false: the weights stay as drawn
};

struct Layer;
/// Layers, one after the other.
using Layers = std::vector<Layer>;

/// Fully connected.
struct DenseLayer {
  std::int64_t out_dim;  ///< width of the output; of hidden layers nothing depends on it
  DenseOptions options;  ///< standard deviations and scales
};

/// Convolution of sequences, images or volumes.
struct ConvLayer {
  std::int64_t out_chan;                   ///< channels of the output
  std::vector<std::int64_t> filter_shape;  ///< in pixels along each of 1, 2 or 3 axes
  ConvOptions options;                     ///< strides, padding, standard deviations and scales
};

/// Transposed convolution: strides make images larger.
struct ConvTransposeLayer {
  std::int64_t out_chan;                   ///< channels of the output
  std::vector<std::int64_t> filter_shape;  ///< in pixels along each of 1, 2 or 3 axes
  ConvOptions options;                     ///< strides, padding, standard deviations and scales
};

/// Convolution with a filter of its own at each pixel.
struct ConvLocalLayer {
  std::int64_t out_chan;                   ///< channels of the output
  std::vector<std::int64_t> filter_shape;  ///< in pixels along each of 1, 2 or 3 axes
  ConvOptions options;                     ///< strides, padding, standard deviations and scales
};

/// What becomes of the pixels of a window.
enum class Pool {
  average,  ///< their mean
  sum       ///< their sum
};

/// Each window of an image to one pixel: AvgPool and SumPool.
struct PoolLayer {
  Pool pool;                               ///< mean or sum
  std::vector<std::int64_t> window_shape;  ///< in pixels along each of 1, 2 or 3 axes
  std::vector<std::int64_t> strides = {};  ///< in pixels; empty: 1 along each axis
  Padding padding = Padding::valid;        ///< beyond the edges
  bool normalize_edges = false;  ///< AvgPool, Padding::same: the mean of the pixels there are
};

/// All pixels of an image to one vector: GlobalAvgPool and GlobalSumPool.
struct GlobalPoolLayer {
  Pool pool;  ///< mean or sum
};

/// What attention makes of the products of keys and queries.
enum class AttentionMechanism {
  softmax,   ///< their softmax over the pixels attended to
  identity,  ///< themselves
  abs,       ///< their absolute values
  relu       ///< their positive parts
};

/// Whether attention sees where a pixel stands.
enum class PositionalEmbedding {
  none,   ///< no
  sum,    ///< a random embedding of its position is added to its channels
  concat  ///< the embedding's channels stand beside its channels
};

/// Covariance of the embeddings of two pixels, of d = sum |i - j|^pos_emb_p_norm over the axes.
/// For norms up to 2 both are positive definite (Schoenberg 1938).
struct PositionalDecay {
  /// The function.
  enum class Kind {
    exp,      ///< exp(-d / length)
    rational  ///< 1 / (1 + d / length)
  };
  Kind kind = Kind::exp;  ///< which
  double length = 1;      ///< above 0
};

/// The parameters of a GlobalSelfAttention layer (Hron et al. 2020).
struct AttentionOptions {
  bool linear_scaling = true;  ///< products are divided by n_chan_key and keys are queries; false:
                               ///< by its root, and they are not; then only the identity has a
                               ///< closed form
  double W_key_std = 1.0;      ///< 0 to 1e100
  double W_value_std = 1.0;    ///< 0 to 1e100
  double W_query_std = 1.0;    ///< 0 to 1e100
  double W_out_std = 1.0;      ///< 0 to 1e100
  std::optional<double> b_std = std::nullopt;                    ///< nullopt: no bias
  AttentionMechanism mechanism = AttentionMechanism::softmax;    ///< nonlinearity
  PositionalEmbedding pos_emb_type = PositionalEmbedding::none;  ///< of positions
  double pos_emb_p_norm = 2.0;                                   ///< above 0, at most 2
  /// Covariance of the embeddings; nullopt: they are independent, of variance 1.
  std::optional<PositionalDecay> pos_emb_decay_fn = std::nullopt;
  /// Channels of an embedding; nullopt: as many as the input has, which `sum` needs.
  std::optional<std::int64_t> n_chan_pos_emb = std::nullopt;
  double W_pos_emb_std = 1.0;  ///< standard deviation of the embeddings
  bool val_pos_emb = false;    ///< whether values see them, too, beside keys and queries
};

/// Each pixel becomes a mixture of all pixels.
struct GlobalSelfAttentionLayer {
  std::int64_t n_chan_out;   ///< channels of the output
  std::int64_t n_chan_key;   ///< channels of keys and queries; nothing depends on it in the limit
  std::int64_t n_chan_val;   ///< channels of values; nothing depends on it in the limit
  std::int64_t n_heads;      ///< nothing depends on it in the limit
  AttentionOptions options;  ///< scaling, mechanism, standard deviations, positions
};

/// A graph's edges: each pixel becomes the weighted sum of its predecessors. The weights, the
/// pattern of each sample, come with the samples (Architecture::needs_patterns).
struct AggregateLayer {
  std::vector<std::int64_t> aggregate_axis = {};  ///< pixel axes, 1 being the first; empty: all
  std::int64_t batch_axis = 0;                    ///< 0, where the samples are
  std::int64_t channel_axis = -1;                 ///< the last one, as -1 or by its number
};

/// How ImageResize interpolates.
enum class ResizeMethod {
  nearest,  ///< the nearest pixel
  linear    ///< linearly between neighbours along each axis
};

/// Images to another size.
struct ImageResizeLayer {
  std::vector<std::int64_t> shape;  ///< of the data, batch and channels included; -1: as it is
  ResizeMethod method;              ///< interpolation
  bool antialias = true;            ///< linear: a smaller image is a mean over what it covers
};

/// Which pixels along one axis, as Python's start:stop:step, or one pixel.
struct SliceRange {
  std::optional<std::int64_t> start = std::nullopt;  ///< first; negative: from the end
  std::optional<std::int64_t> stop = std::nullopt;   ///< before this one; negative: from the end
  std::optional<std::int64_t> step = std::nullopt;   ///< not 0; negative: backwards
  /// This pixel alone, and the axis is gone; then the others are empty. Negative: from the end.
  std::optional<std::int64_t> index = std::nullopt;
};

/// A part of an image.
struct SliceLayer {
  /// Of the batch (all of it), then of each pixel axis; of axes not listed all pixels. The channels
  /// may be listed as all of them.
  std::vector<SliceRange> slices;
};

/// A nonlinearity, as a row of the table in docs/architecture.md.
struct ActivationLayer {
  std::string name;  ///< "Relu", "Erf", "Tanh", ...
  /// Numbers, in the order of that table; flags as 0 and 1. Without what follows.
  std::vector<double> parameters = {};
  /// Polynomial's coef, from degree 0; empty for all others.
  std::vector<double> coefficients = {};
  /// Elementwise's function; null for all others.
  std::shared_ptr<const ScalarFunction> function = nullptr;
};

/// Nothing happens.
struct IdentityLayer {};
/// Images to vectors of all their numbers: the first layer, or after layers on images.
struct FlattenLayer {};
/// Each sample's or pixel's features with their mean square taken to 1: x / sqrt(mean(x^2) + eps).
struct LayerNormLayer {
  /// Axes of the mean: that of the features or channels, -1 or its number, and any of the pixels.
  std::vector<std::int64_t> axis = {-1};
  double eps = 1e-12;  ///< 0 to 1e100
};

/// Whether units are dropped.
enum class DropoutMode {
  train,  ///< they are
  test    ///< they are not: the layer is the identity
};
/// Each unit is kept with probability `rate` and then divided by it.
struct DropoutLayer {
  double rate;                            ///< above 0, at most 1
  DropoutMode mode = DropoutMode::train;  ///< whether it does anything
};

/// x + layers(x).
struct ResidualLayer {
  Layers layers;  ///< the branch beside the identity
};

/// What becomes of the outputs of branches.
enum class Join {
  fan_in_sum,    ///< their sum
  fan_in_prod,   ///< their product, unit by unit
  fan_in_concat  ///< all units of one beside all units of the others
};
/// Branches of one input.
struct ParallelLayer {
  std::vector<Layers> branches;  ///< an empty one is the identity
  Join join = Join::fan_in_sum;  ///< how they come together
};

/// The same layers again and again, each time with weights of their own.
struct RepeatLayer {
  std::int64_t times;  ///< at least 1
  Layers layers;       ///< they must take their own output
};

/// One layer of any kind.
struct Layer {
  /// The kind, with its parameters.
  std::variant<DenseLayer, ActivationLayer, IdentityLayer, FlattenLayer, ResidualLayer,
               ParallelLayer, RepeatLayer, LayerNormLayer, DropoutLayer, ConvLayer,
               ConvTransposeLayer, ConvLocalLayer, PoolLayer, GlobalPoolLayer,
               GlobalSelfAttentionLayer, AggregateLayer, ImageResizeLayer, SliceLayer>
      value;
};

}  // namespace ntk
