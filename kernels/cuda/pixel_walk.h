// Pairs of samples through a PixelStage, a block of threads each.
#pragma once

#include <cstdint>
#include <vector>

#include "kernels/cuda/resources.h"
#include "kernels/pixels.h"

namespace ntk::cuda {

// A PixelStep (kernels/pixel_stage.h) with its tables in device memory, and where a sample's block
// has what it needs.
struct DevicePixelStep {
  Instruction in;
  PixelLayout::Step place;
  int before, after;
  bool pairs_before, pairs_after;  // or p = p' alone
  bool local;
  int tap_count;
  const std::int32_t* taps;
  const std::int32_t *mix_begin, *mix_column;
  const double* mix_weight;
  bool linear_scaling, embed_values;
  double query_key, value_out, b2, input, position;
  const double* embedding;  // null: there is none
};

// The program's steps on the device.
class DevicePixelStage {
 public:
  explicit DevicePixelStage(const Program& program);

  const PixelLayout& layout() const { return layout_; }
  std::int64_t entries() const { return entries_; }
  // Doubles that a block of threads works in.
  std::int64_t workspace() const { return (kBuffers + 2 * slots_) * layout_.largest; }

  // Kernels of pairs: of the k-th, of the blocks pairs[2 k] of `a` and pairs[2 k + 1] of `b`, to
  // nngp[k * entries], ... and ntk. All in device memory; the work is put on the stream.
  // `workspace`: for so many `teams` of threads at a time.
  void run(const double* a, const double* b, const std::int32_t* pairs, int count,
           double* workspace, int teams, double* nngp, double* ntk, cudaStream_t stream) const;

  static std::size_t bytes(const Program& program);  // of the tables

 private:
  static constexpr std::int64_t kBuffers = 6;

  PixelLayout layout_;
  std::int64_t entries_;
  int slots_, pixels_, outputs_, channels_;
  DeviceMemory<DevicePixelStep> steps_;
  int count_;
  DeviceMemory<char> tables_;
  const std::int32_t* entry_of_ = nullptr;
};

}  // namespace ntk::cuda
