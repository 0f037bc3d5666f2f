#include "ntk/architecture.h"
#include "src/architecture/function_table.h"

namespace ntk {
namespace {

Layer activation(std::string name, std::vector<double> parameters = {}) {
  return {ActivationLayer{std::move(name), std::move(parameters)}};
}

// Degrees beyond 2^53 are out of range, and stay so when they are rounded.
Layer of_degree(std::string name, std::int64_t degree) {
  return activation(std::move(name), {static_cast<double>(degree)});
}

}  // namespace

Layer Dense(std::int64_t out_dim, DenseOptions options) { return {DenseLayer{out_dim, options}}; }
Layer Conv(std::int64_t out_chan, std::vector<std::int64_t> filter_shape, ConvOptions options) {
  return {ConvLayer{out_chan, std::move(filter_shape), std::move(options)}};
}
Layer ConvTranspose(std::int64_t out_chan, std::vector<std::int64_t> filter_shape,
                    ConvOptions options) {
  return {ConvTransposeLayer{out_chan, std::move(filter_shape), std::move(options)}};
}
Layer ConvLocal(std::int64_t out_chan, std::vector<std::int64_t> filter_shape,
                ConvOptions options) {
  return {ConvLocalLayer{out_chan, std::move(filter_shape), std::move(options)}};
}
Layer AvgPool(std::vector<std::int64_t> window_shape, std::vector<std::int64_t> strides,
              Padding padding, bool normalize_edges) {
  return {PoolLayer{Pool::average, std::move(window_shape), std::move(strides), padding,
                    normalize_edges}};
}
Layer SumPool(std::vector<std::int64_t> window_shape, std::vector<std::int64_t> strides,
              Padding padding) {
  return {PoolLayer{Pool::sum, std::move(window_shape), std::move(strides), padding}};
}
Layer GlobalAvgPool() { return {GlobalPoolLayer{Pool::average}}; }
Layer GlobalSumPool() { return {GlobalPoolLayer{Pool::sum}}; }
Layer GlobalSelfAttention(std::int64_t n_chan_out, std::int64_t n_chan_key, std::int64_t n_chan_val,
                          std::int64_t n_heads, AttentionOptions options) {
  return {GlobalSelfAttentionLayer{n_chan_out, n_chan_key, n_chan_val, n_heads, options}};
}
Layer Aggregate(std::vector<std::int64_t> aggregate_axis, std::int64_t batch_axis,
                std::int64_t channel_axis) {
  return {AggregateLayer{std::move(aggregate_axis), batch_axis, channel_axis}};
}
Layer ImageResize(std::vector<std::int64_t> shape, ResizeMethod method, bool antialias) {
  return {ImageResizeLayer{std::move(shape), method, antialias}};
}
Layer Slice(std::vector<SliceRange> slices) { return {SliceLayer{std::move(slices)}}; }
Layer Identity() { return {IdentityLayer{}}; }
Layer Flatten() { return {FlattenLayer{}}; }
Layer Relu() { return activation("Relu"); }
Layer LeakyRelu(double alpha) { return activation("LeakyRelu", {alpha}); }
Layer ABRelu(double a, double b) { return activation("ABRelu", {a, b}); }
Layer Abs() { return activation("Abs"); }
Layer Sign() { return activation("Sign"); }
Layer Erf(double a, double b, double c) { return activation("Erf", {a, b, c}); }
Layer Sigmoid_like() { return activation("Sigmoid_like"); }
Layer Gelu(bool approximate) { return activation("Gelu", {approximate ? 1.0 : 0.0}); }
Layer Sin(double a, double b, double c) { return activation("Sin", {a, b, c}); }
Layer Cos(double a, double b, double c) { return activation("Cos", {a, b, c}); }
Layer Rbf(double gamma) { return activation("Rbf", {gamma}); }
Layer Gaussian(double a, double b) { return activation("Gaussian", {a, b}); }
Layer Exp(double a, double b) { return activation("Exp", {a, b}); }
Layer ExpNormalized(double gamma, double shift, bool do_clip) {
  return activation("ExpNormalized", {gamma, shift, do_clip ? 1.0 : 0.0});
}
Layer Gabor() { return activation("Gabor"); }
Layer Hermite(std::int64_t degree) { return of_degree("Hermite", degree); }
Layer Monomial(std::int64_t degree) { return of_degree("Monomial", degree); }
Layer RectifiedMonomial(std::int64_t degree) { return of_degree("RectifiedMonomial", degree); }
Layer Polynomial(std::vector<double> coef) {
  return {ActivationLayer{"Polynomial", {}, std::move(coef)}};
}
Layer Tanh() { return activation("Tanh"); }
Layer Sigmoid() { return activation("Sigmoid"); }
Layer Softplus() { return activation("Softplus"); }
Layer Swish() { return activation("Swish"); }
Layer Mish() { return activation("Mish"); }
Layer Elu(double alpha) { return activation("Elu", {alpha}); }
Layer Selu() { return activation("Selu"); }

Layer Elementwise(std::string name, std::function<double(double)> phi,
                  std::function<double(double)> dphi, std::vector<double> kinks) {
  auto function = std::make_shared<ScalarFunction>();
  function->name = std::move(name);
  function->value = std::move(phi);
  function->derivative = std::move(dphi);
  function->kinks = std::move(kinks);
  return {ActivationLayer{"Elementwise", {}, {}, std::move(function)}};
}

Layer ElementwiseTable(std::vector<double> x, std::vector<double> phi, std::vector<double> dphi) {
  auto function = interpolate(std::move(x), std::move(phi), std::move(dphi));
  check_table(*function, "ElementwiseTable", Source());
  return {ActivationLayer{"Elementwise", {}, {}, std::move(function)}};
}

Layer LayerNorm(std::int64_t axis, double eps) { return {LayerNormLayer{{axis}, eps}}; }
Layer LayerNorm(std::vector<std::int64_t> axis, double eps) {
  return {LayerNormLayer{std::move(axis), eps}};
}
Layer Dropout(double rate, DropoutMode mode) { return {DropoutLayer{rate, mode}}; }
Layer Residual(Layers layers) { return {ResidualLayer{std::move(layers)}}; }
Layer Parallel(std::vector<Layers> branches, Join join) {
  return {ParallelLayer{std::move(branches), join}};
}
Layer Repeat(std::int64_t times, Layers layers) { return {RepeatLayer{times, std::move(layers)}}; }

Architecture serial(Layers layers, Parameterization parameterization) {
  return Architecture(std::move(layers), parameterization);
}

}  // namespace ntk
