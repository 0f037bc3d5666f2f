// Networks of the literature by name, in expressions: CNTK(20), Myrtle5(), WideResNet(28, 1).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ntk/architecture.h"

namespace ntk {

constexpr std::int64_t kLargestDepth = 10'000;
constexpr std::int64_t kLargestFactor = 10'000;

// What they are given; each takes some of these.
struct NetworkArguments {
  std::int64_t depth = 0;
  std::int64_t k = 1;                     // WideResNet: widths are 16 k, 32 k and 64 k
  std::string pooling = "GlobalAvgPool";  // CNTK: or "Flatten"
  std::string activation = "Relu";        // MLP: a nonlinearity without parameters to give
  std::int64_t width = 512;               // MLP: of hidden layers
  std::int64_t out_dim = 1;               // of the last layer
  std::optional<double> W_std;            // nullopt: the network's own
  std::optional<double> b_std;            // nullopt: no bias
};

struct NamedNetwork {
  const char* name;
  std::vector<std::string> parameters;  // in the order of positional arguments
  std::size_t required;                 // so many of them have no default
  const char* example;
  Layers (*layers)(const NetworkArguments& arguments);
  std::int64_t first_depth = 1, depth_step = 1;  // which depths there are
};

const std::vector<NamedNetwork>& named_networks();
const NamedNetwork* find_network(std::string_view name);  // null: there is none

}  // namespace ntk
