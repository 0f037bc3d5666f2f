#include "src/cli/layer_cost.h"

#include <algorithm>
#include <string_view>

#include "ntk/error.h"

namespace ntk::cli {
namespace {

constexpr std::int64_t kScale = 5;         // a weight layer without bias: the correlation stays
constexpr std::int64_t kMix = 35;          // one with a bias: a weighted mean of two correlations
constexpr std::int64_t kConvolution = 25;  // beside its sums
constexpr std::int64_t kMixture = 8;       // of K and of Theta, with a pixel of each image
constexpr std::int64_t kAddition = 45;     // of two states
constexpr std::int64_t kProduct = 12;      // of two states
constexpr std::int64_t kNormalize = 3;     // the correlation stays
constexpr std::int64_t kExpansion = 300;   // a function without a closed form, about 50 terms

struct Cost {
  std::string_view name;
  std::int64_t fixed;
  std::int64_t per_degree = 0;
};

// From the formulas: an operation counts 1, a sine, exponential or arctangent 20.
constexpr Cost kActivations[] = {{"Relu", 60},
                                 {"LeakyRelu", 60},
                                 {"ABRelu", 60},
                                 {"Abs", 60},
                                 {"Sign", 35},
                                 {"Erf", 75},
                                 {"Sigmoid_like", 75 + kMix},
                                 {"Gelu", 130},
                                 {"Sin", 60},
                                 {"Cos", 60},
                                 {"Rbf", 40},
                                 {"Gaussian", 30},
                                 {"Exp", 35},
                                 {"ExpNormalized", 35},
                                 {"Gabor", 90},
                                 {"Hermite", 15, 2},
                                 {"Monomial", 20, 6},
                                 {"RectifiedMonomial", 60, 6},
                                 {"Polynomial", 20, 6},
                                 {"Tanh", kExpansion},
                                 {"Sigmoid", kExpansion},
                                 {"Softplus", kExpansion},
                                 {"Swish", kExpansion},
                                 {"Mish", kExpansion},
                                 {"Elu", 120},
                                 {"Selu", 120},
                                 {"Elementwise", kExpansion}};

std::int64_t operations(const DenseLayer& dense, Parameterization parameterization) {
  if (parameterization == Parameterization::standard && dense.options.trainable)
    return kMix + kScale;
  return dense.options.b_std.value_or(0) > 0 ? kMix : kScale;
}

// Along each axis of a filter or window, for K and Theta.
std::int64_t sums_of(const std::vector<std::int64_t>& window) {
  std::int64_t sums = 0;
  for (const std::int64_t taps : window) sums += 2 * (taps - 1);
  return sums;
}

// And the correlation after them.
std::int64_t operations(const ConvLayer& conv, Parameterization) {
  return sums_of(conv.filter_shape) + kConvolution;
}
std::int64_t operations(const ConvTransposeLayer& conv, Parameterization) {
  return sums_of(conv.filter_shape) + kConvolution;
}
std::int64_t operations(const ConvLocalLayer& conv, Parameterization) {
  return sums_of(conv.filter_shape) + kConvolution;
}

// A window's pixels with each other, of both images.
std::int64_t operations(const PoolLayer& pool, Parameterization) {
  return 2 * sums_of(pool.window_shape);
}

std::int64_t operations(const ActivationLayer& layer, Parameterization) {
  const auto* row = std::find_if(std::begin(kActivations), std::end(kActivations),
                                 [&](const Cost& cost) { return cost.name == layer.name; });
  if (row == std::end(kActivations))
    throw UsageError("info: what " + layer.name + " costs is not known");
  if (row->per_degree == 0) return row->fixed;
  const double degree = layer.coefficients.empty()
                            ? layer.parameters[0]
                            : static_cast<double>(layer.coefficients.size() - 1);
  return row->fixed + row->per_degree * static_cast<std::int64_t>(degree);
}

std::int64_t operations(const ParallelLayer& layer, Parameterization) {
  const auto joins = static_cast<std::int64_t>(layer.branches.size()) - 1;
  return joins * (layer.join == Join::fan_in_prod ? kProduct : kAddition);
}

// Two neighbours along each axis, for K and Theta, of both images.
std::int64_t operations(const ImageResizeLayer& layer, Parameterization) {
  const auto axes = static_cast<std::int64_t>(layer.shape.size()) - 2;
  return layer.method == ResizeMethod::linear ? kMixture * axes : 0;
}

std::int64_t operations(const ResidualLayer&, Parameterization) { return kAddition; }
std::int64_t operations(const LayerNormLayer&, Parameterization) { return kNormalize; }

// Of Dropout only a sample with itself is changed.
template <class T>
std::int64_t operations(const T&, Parameterization) {
  return 0;
}

}  // namespace

std::int64_t own_operations(const Layer& layer, Parameterization parameterization,
                            std::int64_t pixels) {
  const bool mixes = std::holds_alternative<GlobalSelfAttentionLayer>(layer.value) ||
                     std::holds_alternative<AggregateLayer>(layer.value);
  if (mixes) return kMixture * pixels;
  return std::visit([&](const auto& value) { return operations(value, parameterization); },
                    layer.value);
}

}  // namespace ntk::cli
