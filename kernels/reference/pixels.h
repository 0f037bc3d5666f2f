// The recursion of a pair of images over all their pairs of pixels, as the papers state it (Novak
// et al. 2019, Arora et al. 2019, Hron et al. 2020, Du et al. 2019).
#pragma once

#include <cstddef>
#include <vector>

#include "kernels/program.h"
#include "kernels/reference/wide.h"

namespace ntk::reference {

// What a pair needs of one sample before a step.
struct OwnPixels {
  std::vector<Wide> q;  // variances
  std::vector<bool> masked;
  std::vector<Wide> attention;  // pixels x pixels; of Op::attend only
};

// Of the output's pixels p of one image and r of the other: K and Theta at p P + r.
struct PixelKernels {
  std::vector<Wide> k, theta;
};

// One sample as Backend::prepare takes it, walked through the network by itself.
struct PixelSample {
  PixelSample(const Program& program, const double* x);
  const double* x;
  std::vector<OwnPixels> before;  // each step
};

// `own`: of a sample with itself, which is what Dropout asks.
PixelKernels run_pixels(const Program& program, const PixelSample& x, const PixelSample& y,
                        bool own);

std::size_t pixel_bytes(const PixelStage& stage);

}  // namespace ntk::reference
