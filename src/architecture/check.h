// Whether layers make a network: numbers in range, and which layer may follow which.
#pragma once

#include <optional>

#include "ntk/architecture.h"
#include "src/architecture/network_shape.h"
#include "src/architecture/sample_shape.h"
#include "src/architecture/source.h"

namespace ntk {

constexpr std::int64_t kMostLayers = 100'000;  // with every Repeat written out
constexpr int kDeepestLayers = 64;             // Residual, Parallel and Repeat inside each other

// What leaves a layer; of a layer inside a Repeat, in the first round.
struct LayerState {
  std::string place;
  bool gaussian;
  bool image;                         // still with pixels
  std::optional<std::int64_t> width;  // units, or channels of a pixel
  std::optional<Shape> extents;       // of an image, as far as they are known (windows.h: kUnknown)
};

// What is known of the samples.
struct InputShape {
  std::optional<std::int64_t> width;  // numbers of a vector, channels of an image
  std::optional<Shape> extents;       // pixels of an image along each axis
};

InputShape input_of(const SampleLayout& sample);

// What leaves a network; no width: that of inputs that nobody named, which no layer changed.
struct OutputState {
  bool image;
  std::optional<std::int64_t> width;
  std::optional<Shape> extents;  // of an image, as far as they are known
};

// Throws UsageError naming the place of the first layer that is wrong. Puts down in `seen` every
// layer after those inside it.
OutputState check_layers(const Layers& layers, Parameterization parameterization,
                         const Source& source, const InputShape& input = {},
                         std::vector<LayerState>* seen = nullptr);

}  // namespace ntk
