#include "src/architecture/check_weights.h"

#include <cmath>

#include "src/architecture/activations.h"
#include "src/architecture/names.h"
#include "src/architecture/pixel_axes.h"
#include "src/architecture/ranges.h"

namespace ntk {
namespace {

constexpr std::int64_t kLargestTile = 1 << 16;  // of filters, windows and strides, along an axis

void check_deviation(double value, const std::string& place, const Source& source) {
  if (value < 0)
    source.fail(place,
                "is a standard deviation and must not be negative, is " + number_text(value));
  require_range(value, 0, kLargestParameter, place, source);
}

template <class Options>
void check_scales(const Options& options, Parameterization parameterization,
                  const std::string& place, const Source& source) {
  const std::string shown =
      "(" + number_text(options.s[0]) + ", " + number_text(options.s[1]) + ")";
  for (std::size_t i = 0; i < 2; ++i)
    if (!(options.s[i] > 0 && options.s[i] <= kLargestParameter))
      source.fail(place, "must be positive numbers, is " + shown);
  if (parameterization == Parameterization::ntk && (options.s[0] != 1 || options.s[1] != 1))
    source.fail(place,
                "width scales belong to the standard parameterization; with ntk they must "
                "stay (1, 1)");
}

// What Dense and convolutions have in common: standard deviations and width scales.
template <class Options>
void check_options(const Options& options, Parameterization parameterization,
                   const std::string& place, const Source& source) {
  check_deviation(options.W_std, join_key(place, "W_std"), source);
  if (options.b_std) check_deviation(*options.b_std, join_key(place, "b_std"), source);
  check_scales(options, parameterization, join_key(place, "s"), source);
}

std::int64_t units(std::int64_t out, const char* key, double scale, const std::string& place,
                   const Source& source) {
  if (scale == 1) return out;
  const double width = static_cast<double>(out) * scale;
  if (width != std::floor(width) || width < 1 || width > static_cast<double>(kLargestWidth))
    source.fail(
        join_key(place, "s"),
        std::string(key) + " s[1] must be a whole number of units, is " + number_text(width));
  return static_cast<std::int64_t>(width);
}

void check_extents(const Shape& extents, const std::string& place, const Source& source) {
  for (std::size_t i = 0; i < extents.size(); ++i) {
    require_at_least_one(extents[i], join_index(place, i), source);
    if (extents[i] > kLargestTile)
      source.fail(join_index(place, i), "must be at most " + std::to_string(kLargestTile) +
                                            ", is " + std::to_string(extents[i]));
  }
}

// Of filters and windows.
void check_tiling(const Shape& size, const Shape& strides, const char* key,
                  const std::string& place, const Source& source) {
  const std::string here = join_key(place, key);
  if (size.empty() || size.size() > kMostPixelAxes)
    source.fail(here, "has " + std::to_string(size.size()) +
                          " numbers: one for each axis of pixels is expected, which are 1 (N x L x "
                          "C data), 2 (N x H x W x C) or 3 (N x D x H x W x C)");
  check_extents(size, here, source);
  const std::string place_of_strides = join_key(place, "strides");
  if (!strides.empty() && strides.size() != size.size())
    source.fail(place_of_strides, "has " + std::to_string(strides.size()) + " numbers, but " + key +
                                      " has " + std::to_string(size.size()));
  check_extents(strides, place_of_strides, source);
}

template <class Convolution>
std::int64_t check_convolution(const Convolution& conv, const char* op,
                               Parameterization parameterization, const std::string& place,
                               const Source& source) {
  require_at_least_one(conv.out_chan, join_key(place, "out_chan"), source);
  check_tiling(conv.filter_shape, conv.options.strides, "filter_shape", place, source);
  check_options(conv.options, parameterization, place, source);
  if (parameterization == Parameterization::standard && conv.options.W_std == 0)
    source.fail(join_key(place, "W_std"),
                std::string("a ") + op +
                    " whose W_std is 0 is not supported in the standard parameterization");
  return units(conv.out_chan, "out_chan", conv.options.s[1], place, source);
}

void check_attention_deviations(const AttentionOptions& o, const std::string& place,
                                const Source& source) {
  check_deviation(o.W_key_std, join_key(place, "W_key_std"), source);
  check_deviation(o.W_value_std, join_key(place, "W_value_std"), source);
  check_deviation(o.W_query_std, join_key(place, "W_query_std"), source);
  check_deviation(o.W_out_std, join_key(place, "W_out_std"), source);
  check_deviation(o.W_pos_emb_std, join_key(place, "W_pos_emb_std"), source);
  if (o.b_std) check_deviation(*o.b_std, join_key(place, "b_std"), source);
}

void check_positions(const AttentionOptions& o, const std::string& place, const Source& source) {
  const std::string place_of_norm = join_key(place, "pos_emb_p_norm");
  if (!(o.pos_emb_p_norm > 0 && o.pos_emb_p_norm <= 2))
    source.fail(place_of_norm,
                "must be above 0 and at most 2, where the embeddings' covariance is "
                "positive definite, is " +
                    number_text(o.pos_emb_p_norm));
  if (o.pos_emb_decay_fn &&
      !(o.pos_emb_decay_fn->length > 0 && o.pos_emb_decay_fn->length <= kLargestParameter))
    source.fail(join_key(place, "pos_emb_decay_fn"),
                "must have a positive length, is " + number_text(o.pos_emb_decay_fn->length));
  if (o.n_chan_pos_emb)
    require_at_least_one(*o.n_chan_pos_emb, join_key(place, "n_chan_pos_emb"), source);
}

}  // namespace

std::int64_t check_dense(const DenseLayer& dense, Parameterization parameterization,
                         const std::string& place, const Source& source) {
  require_at_least_one(dense.out_dim, join_key(place, "out_dim"), source);
  check_options(dense.options, parameterization, place, source);
  return units(dense.out_dim, "out_dim", dense.options.s[1], place, source);
}

std::int64_t check_conv(const ConvLayer& layer, Parameterization parameterization,
                        const std::string& place, const Source& source) {
  return check_convolution(layer, "Conv", parameterization, place, source);
}

std::int64_t check_conv(const ConvTransposeLayer& layer, Parameterization parameterization,
                        const std::string& place, const Source& source) {
  return check_convolution(layer, "ConvTranspose", parameterization, place, source);
}

std::int64_t check_conv(const ConvLocalLayer& layer, Parameterization parameterization,
                        const std::string& place, const Source& source) {
  return check_convolution(layer, "ConvLocal", parameterization, place, source);
}

void check_pool(const PoolLayer& layer, const std::string& place, const Source& source) {
  check_tiling(layer.window_shape, layer.strides, "window_shape", place, source);
  if (layer.normalize_edges && layer.pool == Pool::sum)
    source.fail(join_key(place, "normalize_edges"), "belongs to AvgPool: a sum is not normalized");
}

std::int64_t check_attention(const GlobalSelfAttentionLayer& layer,
                             const std::optional<std::int64_t>& channels, const std::string& place,
                             const Source& source) {
  const AttentionOptions& o = layer.options;
  require_at_least_one(layer.n_chan_out, join_key(place, "n_chan_out"), source);
  require_at_least_one(layer.n_chan_key, join_key(place, "n_chan_key"), source);
  require_at_least_one(layer.n_chan_val, join_key(place, "n_chan_val"), source);
  require_at_least_one(layer.n_heads, join_key(place, "n_heads"), source);
  check_attention_deviations(o, place, source);
  check_positions(o, place, source);
  if (!o.linear_scaling && o.mechanism != AttentionMechanism::identity)
    source.fail(join_key(place, "attention_mechanism"),
                "with linear_scaling false only IDENTITY has a kernel in closed form, is " +
                    name_of(o.mechanism));
  const bool sum = o.pos_emb_type == PositionalEmbedding::sum;
  if (sum && o.n_chan_pos_emb && channels && *o.n_chan_pos_emb != *channels)
    source.fail(join_key(place, "n_chan_pos_emb"),
                "embeddings that are added (SUM) have the input's channels, " +
                    std::to_string(*channels) + ", is " + std::to_string(*o.n_chan_pos_emb));
  return layer.n_chan_out;
}

}  // namespace ntk
