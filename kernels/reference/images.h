// The recursion of a pair of images over all their pairs of pixels, as the papers state it (Novak
// et al. 2019, Arora et al. 2019).
#pragma once

#include <cstddef>

#include "kernels/program.h"
#include "kernels/reference/wide.h"

namespace ntk::reference {

// What pooling makes of two images.
struct Pooled {
  Wide k, theta;
};

// x and y: height x width x channels. `own`: of an image with itself, which is what Dropout asks.
Pooled run_images(const Program& program, const double* x, const double* y, bool own);

std::size_t image_bytes(const ImageStage& stage);

}  // namespace ntk::reference
