// Grams of networks of images by PixelWalks: every layer, all pairs of pixels in float64.
#pragma once

#include <cstdint>
#include <vector>

#include "kernels/backend.h"
#include "kernels/pixels.h"

namespace ntk::cpu {

// Samples stay where they are; their blocks are made anew for each tile, so that memory does not
// grow with their number.
class PixelSamples final : public PreparedSamples {
 public:
  PixelSamples(const Program& program, const ArrayView& x, DType working, int threads);

  std::int64_t count() const override { return x_.shape[0]; }
  const double* nngp_diagonal() const override { return nngp_.data(); }
  const double* ntk_diagonal() const override { return ntk_.data(); }

  const PixelLayout& layout() const { return layout_; }
  void copy_sample(std::int64_t i, double* to) const;

 private:
  PixelLayout layout_;
  ArrayView x_;
  std::vector<double> nngp_, ntk_;  // all entries of each sample with itself
};

std::size_t pixel_gram_bytes(const Program& program, std::int64_t samples, int threads);

void pixel_gram(const Program& program, const PixelSamples& rows, const PixelSamples& columns,
                const GramBlock& block, const WorkCallback& progress, int threads);

}  // namespace ntk::cpu
