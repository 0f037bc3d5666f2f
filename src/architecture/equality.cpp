#include <algorithm>

#include "ntk/architecture.h"

namespace ntk {
namespace {

bool equal(const Layers& a, const Layers& b);

// Strides that are not given are 1.
std::vector<std::int64_t> strides_of(const std::vector<std::int64_t>& given, std::size_t axes) {
  return given.empty() ? std::vector<std::int64_t>(axes, 1) : given;
}

bool equal(const DenseLayer& a, const DenseLayer& b) {
  return a.out_dim == b.out_dim && a.options.W_std == b.options.W_std &&
         a.options.b_std == b.options.b_std && a.options.s == b.options.s &&
         a.options.trainable == b.options.trainable;
}

bool equal(const ConvOptions& a, const ConvOptions& b, std::size_t axes) {
  return strides_of(a.strides, axes) == strides_of(b.strides, axes) && a.padding == b.padding &&
         a.W_std == b.W_std && a.b_std == b.b_std && a.s == b.s && a.trainable == b.trainable;
}

template <class Convolution>
bool equal_convolutions(const Convolution& a, const Convolution& b) {
  return a.out_chan == b.out_chan && a.filter_shape == b.filter_shape &&
         equal(a.options, b.options, a.filter_shape.size());
}

bool equal(const ConvLayer& a, const ConvLayer& b) { return equal_convolutions(a, b); }
bool equal(const ConvTransposeLayer& a, const ConvTransposeLayer& b) {
  return equal_convolutions(a, b);
}
bool equal(const ConvLocalLayer& a, const ConvLocalLayer& b) { return equal_convolutions(a, b); }

bool equal(const PoolLayer& a, const PoolLayer& b) {
  const std::size_t axes = a.window_shape.size();
  return a.pool == b.pool && a.window_shape == b.window_shape &&
         strides_of(a.strides, axes) == strides_of(b.strides, axes) && a.padding == b.padding &&
         a.normalize_edges == b.normalize_edges;
}

bool equal(const GlobalPoolLayer& a, const GlobalPoolLayer& b) { return a.pool == b.pool; }

bool equal(const std::optional<PositionalDecay>& a, const std::optional<PositionalDecay>& b) {
  return a.has_value() == b.has_value() && (!a || (a->kind == b->kind && a->length == b->length));
}

bool equal(const AttentionOptions& a, const AttentionOptions& b) {
  return a.linear_scaling == b.linear_scaling && a.W_key_std == b.W_key_std &&
         a.W_value_std == b.W_value_std && a.W_query_std == b.W_query_std &&
         a.W_out_std == b.W_out_std && a.b_std == b.b_std && a.mechanism == b.mechanism &&
         a.pos_emb_type == b.pos_emb_type && a.pos_emb_p_norm == b.pos_emb_p_norm &&
         equal(a.pos_emb_decay_fn, b.pos_emb_decay_fn) && a.n_chan_pos_emb == b.n_chan_pos_emb &&
         a.W_pos_emb_std == b.W_pos_emb_std && a.val_pos_emb == b.val_pos_emb;
}

bool equal(const GlobalSelfAttentionLayer& a, const GlobalSelfAttentionLayer& b) {
  return a.n_chan_out == b.n_chan_out && a.n_chan_key == b.n_chan_key &&
         a.n_chan_val == b.n_chan_val && a.n_heads == b.n_heads && equal(a.options, b.options);
}

bool equal(const AggregateLayer& a, const AggregateLayer& b) {
  return a.aggregate_axis == b.aggregate_axis && a.batch_axis == b.batch_axis &&
         a.channel_axis == b.channel_axis;
}

bool equal(const ImageResizeLayer& a, const ImageResizeLayer& b) {
  return a.shape == b.shape && a.method == b.method && a.antialias == b.antialias;
}

bool equal(const SliceRange& a, const SliceRange& b) {
  return a.start == b.start && a.stop == b.stop && a.step == b.step && a.index == b.index;
}

bool equal(const SliceLayer& a, const SliceLayer& b) {
  return std::equal(a.slices.begin(), a.slices.end(), b.slices.begin(), b.slices.end(),
                    [](const SliceRange& x, const SliceRange& y) { return equal(x, y); });
}

bool equal(const std::shared_ptr<const ScalarFunction>& a,
           const std::shared_ptr<const ScalarFunction>& b) {
  if (a == b) return true;
  return a && b && !a->x.empty() && a->x == b->x && a->phi == b->phi && a->dphi == b->dphi;
}

bool equal(const ActivationLayer& a, const ActivationLayer& b) {
  return a.name == b.name && a.parameters == b.parameters && a.coefficients == b.coefficients &&
         equal(a.function, b.function);
}

bool equal(const LayerNormLayer& a, const LayerNormLayer& b) {
  return a.axis == b.axis && a.eps == b.eps;
}
bool equal(const DropoutLayer& a, const DropoutLayer& b) {
  return a.rate == b.rate && a.mode == b.mode;
}

bool equal(const IdentityLayer&, const IdentityLayer&) { return true; }
bool equal(const FlattenLayer&, const FlattenLayer&) { return true; }

bool equal(const ResidualLayer& a, const ResidualLayer& b) { return equal(a.layers, b.layers); }

bool equal(const ParallelLayer& a, const ParallelLayer& b) {
  return a.join == b.join &&
         std::equal(a.branches.begin(), a.branches.end(), b.branches.begin(), b.branches.end(),
                    [](const Layers& x, const Layers& y) { return equal(x, y); });
}

bool equal(const RepeatLayer& a, const RepeatLayer& b) {
  return a.times == b.times && equal(a.layers, b.layers);
}

bool equal(const Layer& a, const Layer& b) {
  return a.value.index() == b.value.index() &&
         std::visit(
             [&](const auto& x) { return equal(x, std::get<std::decay_t<decltype(x)>>(b.value)); },
             a.value);
}

bool equal(const Layers& a, const Layers& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const Layer& x, const Layer& y) { return equal(x, y); });
}

}  // namespace

bool operator==(const Architecture& a, const Architecture& b) {
  return a.parameterization() == b.parameterization() && equal(a.layers(), b.layers());
}

}  // namespace ntk
