// What a network of images carries from layer to layer, and what that takes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "ntk/architecture.h"

namespace ntk::cli {

struct ImagePlan {
  std::int64_t height, width;
  bool average;              // GlobalAvgPool: all pairs of pixels, else each pixel with its like
  std::int64_t pixel_pairs;  // of a pair of images
  std::int64_t slices;       // in which they go through the layers, one displacement each
  std::size_t image_bytes;   // of each image, in float32 and on the CPU
  std::size_t thread_bytes;  // of each thread
};

// Nothing for a network of vectors, and for one that ends on images.
std::optional<ImagePlan> plan_images(const Architecture& architecture, const Shape& sample);

std::string describe(const ImagePlan& plan);

}  // namespace ntk::cli
