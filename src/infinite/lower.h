// The infinite reading of an architecture: its kernel as a program.
#pragma once

#include <cstdint>

#include "kernels/backend.h"
#include "ntk/architecture.h"

namespace ntk {

// For samples of this shape. The recursion (docs/architecture.md) starts with K = x.y/width of
// vectors, or of pixels with `width` channels, and Theta = 0. Throws UsageError for samples that
// the network cannot take, for sums nested deeper than the kernels' slots, and for a network that
// ends on images.
Program lower(const Architecture& architecture, const Shape& sample);
// For vectors of `width` numbers.
Program lower(const Architecture& architecture, std::int64_t width);

}  // namespace ntk
