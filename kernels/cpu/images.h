// Images made ready for the CPU's slices.
#pragma once

#include <cstdint>
#include <vector>

#include "kernels/backend.h"
#include "kernels/cpu/slice.h"
#include "kernels/host_memory.h"

namespace ntk::cpu {

class Images final : public PreparedSamples {
 public:
  // `threads` as for OpenMP. Throws NumericalError as Backend::prepare does.
  Images(const Program& program, const ArrayView& x, DType working, int threads);

  std::int64_t count() const override { return n_; }
  const double* nngp_diagonal() const override { return nngp_.data(); }
  const double* ntk_diagonal() const override { return ntk_.data(); }

  DType working() const { return working_; }
  const ImageLayout& layout() const { return layout_; }
  const float* inside(float) const { return inside_f32_.data(); }
  const double* inside(double) const { return inside_f64_.data(); }
  template <class T>
  ImageSide<T> side(std::int64_t i) const {
    const std::int64_t features = features_ * layout_.stride, pixels = channels_ * layout_.stride;
    const T* const data = data_of(T{}) + i * (features + pixels) + layout_.before;
    return {data + features, {data, layout_.stride}, scales_.data() + i * instructions_};
  }
  // Root mean square of the pixels' deviations after the last layer on images.
  double deviation(std::int64_t i) const { return deviation_[static_cast<std::size_t>(i)]; }
  // Variance of what pooling makes of the image, where the vectors' instructions begin.
  double variance(std::int64_t i) const { return variance_[static_cast<std::size_t>(i)]; }
  // Features of the vectors' instructions.
  math::FeatureTable<double> vector_features() const { return {vector_features_.data(), n_}; }

  static std::size_t bytes(const Program& program, std::int64_t count, DType working, int threads);

 private:
  class Preparation;

  const float* data_of(float) const { return data_f32_.data(); }
  const double* data_of(double) const { return data_f64_.data(); }

  std::int64_t n_, channels_, features_, instructions_;
  DType working_;
  ImageLayout layout_;
  HostBuffer<float> data_f32_;   // of each image its features, then its pixels
  HostBuffer<double> data_f64_;  // or these
  HostBuffer<float> inside_f32_;
  HostBuffer<double> inside_f64_;
  std::vector<ConvolutionScale> scales_;
  std::vector<double> deviation_, variance_, nngp_, ntk_, vector_features_;
};

}  // namespace ntk::cpu
