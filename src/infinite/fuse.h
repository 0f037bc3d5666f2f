// Which networks of images the fused engine can do.
#pragma once

#include <cstdint>
#include <vector>

#include "kernels/backend.h"

namespace ntk {

// Gives instructions' features their places; returns how many there are, with the last one.
std::int32_t place_features(std::vector<Instruction>& instructions);

// Makes program.images and program.instructions of program.pixels, where that is possible: images
// of two axes, convolutions that keep their size, what acts pixel by pixel, pools, and then Flatten
// or GlobalAvgPool. Else they stay empty.
void fuse(Program& program);

}  // namespace ntk
