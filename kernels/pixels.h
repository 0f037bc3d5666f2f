// The walk of a pair of images through a PixelStage, over all of its pairs of pixels, in float64:
// for every kind of step, in memory that is as large as the pairs are many. One sample with itself
// comes first and finds what depends on it alone, its block: the deviations of its pixels before
// and after each step, and features of the nonlinearities.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "kernels/host_memory.h"
#include "kernels/math/run.h"
#include "kernels/program.h"

namespace ntk {

// Where a sample's numbers are in its block. Those of a step before it (one for each pixel before),
// at before[k] + f * stride(pixels before), those after it likewise.
//   pointwise:  the instruction's features, before
//   convolve:   before: deviation;  after: deviation, its inverse
//   mix, aggregate, attend:  before: deviation, 1 or 0 if masked;  after: factor, inverse
//   deviation;
//               matrix: of aggregate and attend, pixels x pixels
struct PixelLayout {
  explicit PixelLayout(const PixelStage& stage);
  struct Step {
    std::int64_t before = 0, after = 0, matrix = 0;
  };
  std::vector<Step> steps;
  std::int64_t channels = 0;   // where the unit pixels are, channel by channel
  std::int64_t deviation = 0;  // of the output's pixels
  std::int64_t size = 0;       // of a block
  std::int64_t largest = 0;    // numbers of the largest state of a pair

  static constexpr std::int64_t kPadding = 16;
  static std::int64_t stride(std::int64_t pixels) {
    return (pixels + kPadding - 1) / kPadding * kPadding;
  }
};

// A run of entries through one instruction that acts on each of them alone: that of one row and of
// all columns, or, where row is kSamePixel, of p = p'.
struct PixelStrip {
  static constexpr std::int64_t kSamePixel = -1;
  const Instruction* in;
  const double *rows, *columns;  // features, feature f at f * stride
  std::int64_t stride, row, length;
  double *v, *theta;
  const double *slot_v, *slot_theta;  // of a join
};
using PixelStripFunction = void (*)(const PixelStrip& strip);
// One entry after the other.
void run_pixel_strip(const PixelStrip& strip);

// Means over taps come as sums of runs: `length` outputs from `to` on see the inputs from, from +
// step, ...; those that see none the place behind the last pixel.
struct TapRun {
  std::int32_t to, from, step, length;
};

// Reusable: its arrays hold a pair's state.
class PixelWalk {
 public:
  PixelWalk(const Program& program, const PixelLayout& layout, PixelStripFunction strips);

  // Makes the block of a sample, and walks it with itself. Returns the largest of its K and |Theta|
  // on the way.
  double prepare(const double* x, double* block);
  // Variances of a sample's pixels after the first steps; makes their part of the block.
  std::vector<double> variances_after(std::size_t steps, const double* x, double* block);
  // Walks a pair of samples.
  void run(const double* a, const double* b);
  // What came out last, pixel of `a` by pixel of `b`, or the other way round if `swapped`.
  void output(const double* a, const double* b, bool swapped, double* nngp, double* theta) const;

  static std::size_t bytes(const Program& program, const PixelLayout& layout);

 private:
  struct Tensor {
    HostBuffer<double> v, theta;
  };
  // One sample on its way.
  struct Own {
    std::vector<math::SampleState> states;
    std::vector<char> masked;
    const double* pattern = nullptr;
    double largest = 0;
  };

  void allocate();
  void begin(const double* a, const double* b);
  void walk_step(std::size_t k, const double* a, const double* b, double* own_block);
  void pointwise(std::size_t k, const double* a, const double* b);
  void convolve_pairs(std::size_t k, const double* a, const double* b);
  void convolve_same(std::size_t k, const double* a, const double* b);
  void mix(std::size_t k, const double* a, const double* b, double* own_block);
  void to_covariances(std::size_t k, const double* a, const double* b);
  void embed(const PixelStep& step, const double* mask_a, const double* mask_b, double* k) const;
  void attend_squared(const PixelStep& step, const double* mask_a, const double* mask_b);
  void transform(const PixelStep& step, const double* matrix_a, const double* matrix_b,
                 bool pairs_after, double* k);
  void drop_pairs(std::int64_t pixels);
  void copy(const Tensor& from, Tensor& to, std::size_t k) const;

  void own_begin(const double* x, double* block);
  void own_run(std::size_t steps, const double* x, double* block, bool pairs);
  void own_step(std::size_t k, double* block);
  void own_convolve(std::size_t k, double* block);
  void own_normalize(std::size_t k, double* block);
  void own_pointwise(const PixelStep& step, double* features);
  void own_masks(const PixelStep& step);
  void own_include();
  void own_before_mix(std::size_t k, double* block);
  void own_matrix(std::size_t k, double* block);
  void own_after_mix(std::size_t k, double* block);
  void own_diagonal(std::int64_t pixels, bool pairs);

  const Program& program_;
  const PixelStage& stage_;
  const PixelLayout& layout_;
  PixelStripFunction strips_;
  std::size_t pairs_until_;
  std::map<const TapTable*, std::vector<std::vector<TapRun>>> runs_;  // of each tap
  Tensor now_;
  std::vector<Tensor> slots_;
  HostBuffer<double> minus_, plus_, theta_;  // one pixel more than a state along each side
  std::vector<double> columns_;              // deviations of the columns' pixels, and 0 outside
  std::vector<double> sums_;                 // of a row of outputs
  Own own_;
  std::vector<Own> own_slots_;
};

}  // namespace ntk
