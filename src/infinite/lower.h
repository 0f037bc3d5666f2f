// The infinite reading of an architecture: its kernel as a program.
#pragma once

#include <cstdint>
#include <optional>

#include "kernels/backend.h"
#include "ntk/architecture.h"

namespace ntk {

// Of images: a pixel all of whose channels are mask_constant is not there.
struct LowerOptions {
  std::optional<double> mask_constant = std::nullopt;
};

// For samples of this shape. The recursion (docs/architecture.md) starts with K = x.y/width of
// vectors, or of pixels with `width` channels, and Theta = 0. Throws UsageError for samples that
// the network cannot take, and for sums nested deeper than the kernels' slots.
Program lower(const Architecture& architecture, const Shape& sample,
              const LowerOptions& options = {});
// For vectors of `width` numbers.
Program lower(const Architecture& architecture, std::int64_t width);

}  // namespace ntk
