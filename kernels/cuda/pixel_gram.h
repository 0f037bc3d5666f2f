// Grams of networks of images on the GPU: every layer, all pairs of pixels in float64.
#pragma once

#include <cstdint>
#include <vector>

#include "kernels/backend.h"
#include "kernels/cuda/pixel_walk.h"

namespace ntk::cuda {

// What depends on one sample alone is found on the host, and stays on the device.
class PixelSamples final : public PreparedSamples {
 public:
  PixelSamples(const Program& program, const ArrayView& x, DType working);

  std::int64_t count() const override { return n_; }
  const double* nngp_diagonal() const override { return nngp_.data(); }
  const double* ntk_diagonal() const override { return ntk_.data(); }

  const DevicePixelStage& stage() const { return stage_; }
  const double* block(std::int64_t i) const { return blocks_.data() + i * stage_.layout().size; }

 private:
  std::int64_t n_;
  DevicePixelStage stage_;
  DeviceMemory<double> blocks_;
  std::vector<double> nngp_, ntk_;  // all entries of each sample with itself
};

std::size_t pixel_gram_bytes(const Program& program, std::int64_t samples);

void pixel_gram(const Program& program, const PixelSamples& rows, const PixelSamples& columns,
                const GramBlock& block, const WorkCallback& progress);

}  // namespace ntk::cuda
