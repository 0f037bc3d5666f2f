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
  bool image;                         // still with pixels, as many as the input has
  std::optional<std::int64_t> width;  // units, or channels of a pixel
};

// What is known of the samples.
struct InputShape {
  std::optional<std::int64_t> width;   // numbers of a vector, channels of an image
  std::optional<std::int64_t> pixels;  // of an image
};

// What leaves a network; no width: that of inputs that nobody named, which no layer changed.
struct OutputState {
  bool image;
  std::optional<std::int64_t> width;
};

// Whether the network's samples are images: a layer is Conv or GlobalAvgPool.
bool takes_images(const Layers& layers);

// Throws UsageError naming the place of the first layer that is wrong. Puts down in `seen` every
// layer after those inside it.
OutputState check_layers(const Layers& layers, Parameterization parameterization,
                         const Source& source, const InputShape& input = {},
                         std::vector<LayerState>* seen = nullptr);

}  // namespace ntk
