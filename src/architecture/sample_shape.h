// How a network reads the numbers of a sample.
#pragma once

#include <vector>

#include "ntk/architecture.h"

namespace ntk {

// A vector has one pixel, and its numbers are the channels.
struct SampleLayout {
  bool image = false;
  // Of images as rows of pixels: along the last axis, and along all others together.
  std::int64_t height = 1, width = 1, channels = 0;
  std::vector<std::int64_t> extents = {};  // of the pixel axes; empty: a vector
  std::int64_t pixels() const { return height * width; }
};

// Throws UsageError if the network cannot take samples of this shape.
SampleLayout layout_of(const Layers& layers, const Shape& sample);

}  // namespace ntk
