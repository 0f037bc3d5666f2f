// Whether layers make a network: numbers in range, and which layer may follow which.
#pragma once

#include <optional>

#include "ntk/architecture.h"
#include "src/architecture/source.h"

namespace ntk {

constexpr std::int64_t kMostLayers = 100'000;  // with every Repeat written out
constexpr int kDeepestLayers = 64;             // Residual, Parallel and Repeat inside each other

// What leaves a layer; of a layer inside a Repeat, in the first round.
struct LayerState {
  std::string place;
  bool gaussian;
  std::optional<std::int64_t> width;
};

// Throws UsageError naming the place of the first layer that is wrong. Gives the width of the
// output for inputs of this width; nullopt: the width of inputs that nobody named, which no layer
// changed. Puts down in `seen` every layer after those inside it.
std::optional<std::int64_t> check_layers(const Layers& layers, Parameterization parameterization,
                                         const Source& source,
                                         std::optional<std::int64_t> input_width = std::nullopt,
                                         std::vector<LayerState>* seen = nullptr);

}  // namespace ntk
