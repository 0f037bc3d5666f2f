// What the arithmetic of convolutional networks takes at least.
#pragma once

#include "ntk/array.h"

namespace ntk::bench {

// On one core, `entries` times what one layer of ReLU and convolution by 3 x 3 does to a pair of
// pixels, of NNGP and NTK, on numbers in the innermost cache.
void compute_entries(DType dtype, double entries);

}  // namespace ntk::bench
