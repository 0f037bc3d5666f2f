// How a network reads the numbers of a sample.
#pragma once

#include "ntk/architecture.h"

namespace ntk {

// A vector has one pixel, and its numbers are the channels.
struct SampleLayout {
  bool image = false;
  std::int64_t height = 1, width = 1, channels = 0;
  std::int64_t pixels() const { return height * width; }
};

// Throws UsageError if the network cannot take samples of this shape.
SampleLayout layout_of(const Layers& layers, const Shape& sample);

}  // namespace ntk
