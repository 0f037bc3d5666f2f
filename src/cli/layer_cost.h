// What a layer costs, roughly: arithmetic operations per entry of a kernel matrix, for NNGP and NTK
// together. docs/program.md says how they are counted.
#pragma once

#include <cstdint>

#include "ntk/architecture.h"

namespace ntk::cli {

// Of the layer itself, without the layers inside it; of a layer on images for one pair of pixels of
// its output, which has so many pixels.
std::int64_t own_operations(const Layer& layer, Parameterization parameterization,
                            std::int64_t pixels);

}  // namespace ntk::cli
