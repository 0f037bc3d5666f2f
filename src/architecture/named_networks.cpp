#include "src/architecture/named_networks.h"

#include "src/architecture/activations.h"

namespace ntk {
namespace {

// He et al. 2015: the variance of a Relu network stays as it is.
constexpr double kHe = 1.4142135623730951;
constexpr std::int64_t kChannels = 64;  // on which no kernel depends in the ntk parameterization

Layer conv3x3(std::int64_t channels, double W_std, const std::optional<double>& b_std,
              std::vector<std::int64_t> strides = {}) {
  return Conv(
      channels, {3, 3},
      {.strides = std::move(strides), .padding = Padding::same, .W_std = W_std, .b_std = b_std});
}

void append(Layers& layers, Layers more) {
  for (Layer& layer : more) layers.push_back(std::move(layer));
}

// Arora et al. 2019.
Layers cntk(const NetworkArguments& a) {
  Layers layers;
  for (std::int64_t i = 0; i < a.depth; ++i)
    append(layers, {conv3x3(kChannels, a.W_std.value_or(kHe), a.b_std), Relu()});
  layers.push_back(a.pooling == "Flatten" ? Flatten() : GlobalAvgPool());
  layers.push_back(Dense(a.out_dim, {.b_std = a.b_std}));
  return layers;
}

// Shankar et al. 2020: three groups of convolutions, each behind it a pool that halves the image;
// two more pools take the 4 x 4 pixels that are left of 32 x 32 to one.
Layers myrtle(const NetworkArguments& a, const std::vector<int>& groups) {
  const double W_std = a.W_std.value_or(kHe);
  const Layer halve = AvgPool({2, 2}, {2, 2});
  Layers layers;
  for (const int convolutions : groups) {
    for (int i = 0; i < convolutions; ++i)
      append(layers, {conv3x3(kChannels, W_std, a.b_std), Relu()});
    layers.push_back(halve);
  }
  append(layers, {halve, halve, Flatten(), Dense(a.out_dim, {.W_std = W_std, .b_std = a.b_std})});
  return layers;
}

// Zagoruyko & Komodakis 2016 without normalization, as in neural_tangents: the shortcut past the
// first block of a group is a convolution, too.
void append_group(Layers& layers, std::int64_t blocks, std::int64_t channels,
                  const std::vector<std::int64_t>& strides, const NetworkArguments& a) {
  const auto conv = [&](std::vector<std::int64_t> by) {
    return conv3x3(channels, a.W_std.value_or(1), a.b_std, std::move(by));
  };
  layers.push_back(Parallel({{Relu(), conv(strides), Relu(), conv({})}, {conv(strides)}}));
  for (std::int64_t i = 1; i < blocks; ++i)
    layers.push_back(Residual({Relu(), conv({}), Relu(), conv({})}));
}

Layers wide_resnet(const NetworkArguments& a) {
  const std::int64_t blocks = (a.depth - 4) / 6;
  Layers layers = {conv3x3(16, a.W_std.value_or(1), a.b_std)};
  append_group(layers, blocks, 16 * a.k, {}, a);
  append_group(layers, blocks, 32 * a.k, {2, 2}, a);
  append_group(layers, blocks, 64 * a.k, {2, 2}, a);
  append(layers, {GlobalAvgPool(), Dense(a.out_dim, {.b_std = a.b_std})});
  return layers;
}

// Its parameters are what they are by default.
Layer plain(const std::string& activation) {
  ActivationLayer layer{activation};
  for (const Parameter& parameter : find_activation(activation)->parameters)
    layer.parameters.push_back(*parameter.default_value);
  return {layer};
}

// Hidden layers as He et al. 2015 scale them.
Layers mlp(const NetworkArguments& a) {
  const DenseOptions options = {.W_std = a.W_std.value_or(kHe), .b_std = a.b_std};
  Layers layers;
  for (std::int64_t i = 0; i < a.depth; ++i)
    append(layers, {Dense(a.width, options), plain(a.activation)});
  layers.push_back(Dense(a.out_dim, {.b_std = a.b_std}));
  return layers;
}

}  // namespace

const std::vector<NamedNetwork>& named_networks() {
  using Arguments = const NetworkArguments&;
  static const std::vector<NamedNetwork> table = {
      {"CNTK", {"depth", "pooling", "out_dim", "W_std", "b_std"}, 1, "CNTK(20)", cntk},
      {"Myrtle5",
       {"out_dim", "W_std", "b_std"},
       0,
       "Myrtle5()",
       [](Arguments a) {
         return myrtle(a, {2, 1, 1});
       }},
      {"Myrtle7",
       {"out_dim", "W_std", "b_std"},
       0,
       "Myrtle7()",
       [](Arguments a) {
         return myrtle(a, {2, 2, 2});
       }},
      {"Myrtle10",
       {"out_dim", "W_std", "b_std"},
       0,
       "Myrtle10()",
       [](Arguments a) {
         return myrtle(a, {3, 3, 3});
       }},
      {"WideResNet",
       {"depth", "k", "out_dim", "W_std", "b_std"},
       2,
       "WideResNet(28, 1)",
       wide_resnet,
       10,
       6},
      {"MLP", {"depth", "width", "activation", "out_dim", "W_std", "b_std"}, 1, "MLP(3)", mlp}};
  return table;
}

const NamedNetwork* find_network(std::string_view name) {
  for (const NamedNetwork& network : named_networks())
    if (name == network.name) return &network;
  return nullptr;
}

}  // namespace ntk
