// The infinite reading of an architecture: its kernel as a program.
#pragma once

#include <cstdint>

#include "kernels/backend.h"
#include "ntk/architecture.h"

namespace ntk {

// For samples with `width` numbers each. The recursion (docs/architecture.md) starts with
// K = x.y/width and Theta = 0. Throws UsageError for sums nested deeper than the kernels' slots.
Program lower(const Architecture& architecture, std::int64_t width);

}  // namespace ntk
