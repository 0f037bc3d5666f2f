// Images made ready for the CPU's slices.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "kernels/backend.h"
#include "kernels/cpu/slice.h"
#include "kernels/host_memory.h"

namespace ntk::cpu {

// What the slices of one stage read of all images.
class StageImages {
 public:
  StageImages(const ImageStage& stage, std::int64_t count, DType working);

  const ImageStage& stage() const { return stage_; }
  std::int64_t instructions() const {
    return static_cast<std::int64_t>(stage_.instructions.size());
  }
  const ImageLayout& layout() const { return layout_; }
  const WindowTable& windows() const { return windows_; }
  const float* inside(float) const { return inside_f32_.data(); }
  const double* inside(double) const { return inside_f64_.data(); }
  // Of image i its features, then its pixels.
  float* data(float, std::int64_t i) const { return data_f32_.data() + i * elements(); }
  double* data(double, std::int64_t i) const { return data_f64_.data() + i * elements(); }
  std::int64_t elements() const { return (stage_.features + stage_.channels) * layout_.stride; }
  template <class T>
  ImageSide<T> side(std::int64_t i) const {
    const T* const first = data(T{}, i) + layout_.before;
    return {first + stage_.features * layout_.stride, {first, layout_.stride}, scales(i)};
  }
  ConvolutionScale* scales(std::int64_t i) { return scales_.data() + i * instructions(); }
  const ConvolutionScale* scales(std::int64_t i) const {
    return const_cast<StageImages*>(this)->scales(i);
  }
  // Root mean square of the pixels' deviations after the stage's last layer.
  double& deviation(std::int64_t i) { return deviation_[static_cast<std::size_t>(i)]; }
  double deviation(std::int64_t i) const { return deviation_[static_cast<std::size_t>(i)]; }
  // All that a job on two images needs but its displacements, states and scratch.
  template <class T>
  SliceJob<T> job(std::int64_t i, const StageImages& columns, std::int64_t j) const {
    SliceJob<T> job;
    job.stage = &stage_;
    job.layout = &layout_;
    job.row = side<T>(i);
    job.column = columns.side<T>(j);
    job.inside = inside(T{}) + layout_.before;
    job.windows = &windows_;
    return job;
  }

  static std::size_t bytes_of_one(const ImageStage& stage, DType working);

 private:
  const ImageStage& stage_;
  ImageLayout layout_;
  WindowTable windows_;
  HostBuffer<float> data_f32_, inside_f32_;  // or
  HostBuffer<double> data_f64_, inside_f64_;
  std::vector<ConvolutionScale> scales_;
  std::vector<double> deviation_;
};

// One thread's scratch, and its states of pairs between the stages.
template <class T>
class PairStates {
 public:
  explicit PairStates(const ImageStage& first);
  T* scratch() const { return scratch_.data(); }
  // Between stage k and k + 1, zeros.
  PairState<T> cleared(std::size_t k);

  static std::size_t bytes(const ImageStage& first);

 private:
  HostBuffer<T> scratch_;
  std::vector<HostBuffer<T>> states_;
  std::vector<std::int64_t> rows_;
};

class Images final : public PreparedSamples {
 public:
  // `threads` as for OpenMP. Throws NumericalError as Backend::prepare does.
  Images(const Program& program, const ArrayView& x, DType working, int threads);

  std::int64_t count() const override { return n_; }
  const double* nngp_diagonal() const override { return nngp_.data(); }
  const double* ntk_diagonal() const override { return ntk_.data(); }

  DType working() const { return working_; }
  // Of each size of the images.
  const std::vector<std::unique_ptr<StageImages>>& stages() const { return stages_; }
  const StageImages& last() const { return *stages_.back(); }
  // Displacements of the slices that are needed, of each stage.
  const std::vector<std::vector<std::int64_t>>& needed() const { return needed_; }
  // Variance of what pooling makes of the image, where the vectors' instructions begin.
  double variance(std::int64_t i) const { return variance_[static_cast<std::size_t>(i)]; }
  // Features of the vectors' instructions.
  math::FeatureTable<double> vector_features() const { return {vector_features_.data(), n_}; }

  static std::size_t bytes(const Program& program, std::int64_t count, DType working, int threads);

 private:
  template <class T>
  class Preparation;
  template <class T>
  void prepare(const Program& program, const ArrayView& x, int threads);

  std::int64_t n_;
  DType working_;
  std::vector<std::unique_ptr<StageImages>> stages_;
  std::vector<std::vector<std::int64_t>> needed_;
  std::vector<double> variance_, nngp_, ntk_, vector_features_;
};

}  // namespace ntk::cpu
