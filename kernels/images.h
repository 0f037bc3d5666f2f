// Images in memory, and one image's walk through the instructions that act on pixels.
#pragma once

#include <cstdint>
#include <vector>

#include "kernels/math/run.h"
#include "kernels/program.h"

namespace ntk {

// The pixels of an image in one line: row after row, with a rim of nothing between two rows that is
// as wide as the widest filter reaches, and nothing before the first and behind the last row. Taps
// are then shifts along the line, (y, x) by y pitch + x, and so is the displacement between the
// pixels of a pair: those with the same one, wherever they are, stay together through all layers.
struct ImageLayout {
  explicit ImageLayout(const ImageStage& stage);

  std::int64_t height, width;
  std::int64_t pitch;   // from a pixel to the one below
  std::int64_t length;  // height * pitch
  std::int64_t before;  // places before pixel 0 that taps may reach, or vectors of kPadding
  std::int64_t after;   // and behind the last row
  std::int64_t stride;  // places in all
  static constexpr std::int64_t kPadding = 16;

  std::int64_t place(std::int64_t y, std::int64_t x) const { return y * pitch + x; }
  // For each of the `stride` places, from -before on, whether a pixel is there.
  std::vector<bool> pixels() const;
};

// What one convolution's features are relative to: about the root mean square of the deviations
// after it, as a power of two, so that it can be changed without rounding.
struct ConvolutionScale {
  double deviation = 1;  // that power
  double bias = 0;       // b_std in its units
};

// Which places of the next stage's images each place of a stage's belongs to: for each of `count`
// times, the place (last_place of the next stage for none) and its weight.
struct WindowTable {
  explicit WindowTable(const ImageStage& stage);
  std::int64_t count = 0, stride = 0;
  std::int64_t rows = 0;  // places of the next stage, and one for what belongs to none
  std::vector<std::int32_t> target;
  std::vector<float> weight_f32;
  std::vector<double> weight_f64;
  const float* weights(float) const { return weight_f32.data(); }
  const double* weights(double) const { return weight_f64.data(); }
};

// For each stage the displacements of pairs of places that anything depends on, in ascending order.
std::vector<std::vector<std::int64_t>> needed_displacements(const ImageStage& first);

// Reusable: its arrays are as large as an image.
class ImageWalk {
 public:
  ImageWalk(const Program& program, const ImageStage& stage, const ImageLayout& layout);

  // From the pixels' input states (`stride` places, 0 where no pixel is) through the first
  // `instructions`. Where `features` is not null, feature f of place p goes to
  // features[f * stride + p], and the scales of the convolutions to `scales`, one per instruction.
  // Returns the largest of K and |Theta| on the way.
  double run(const math::SampleState* input, std::size_t instructions, double* features,
             ConvolutionScale* scales);
  // The whole stage; the last feature is the output's standard deviation in units of `deviation`,
  // the root mean square over the pixels.
  double run(const math::SampleState* input, double* features, ConvolutionScale* scales,
             double* deviation);

  // A pixel's own kernels after the last run, `stride` places.
  const math::SampleState& state(std::int64_t place) const {
    return states_[static_cast<std::size_t>(place)];
  }
  bool is_pixel(std::int64_t place) const { return is_pixel_[static_cast<std::size_t>(place)]; }

 private:
  void convolve(const Instruction& in, double* features, ConvolutionScale& scale);
  void mean_over_taps(const Filter& filter, double math::SampleState::*of,
                      std::vector<double>& mean);

  const Program& program_;
  const ImageStage& stage_;
  ImageLayout layout_;
  std::vector<bool> is_pixel_;
  std::vector<math::SampleState> states_;
  std::vector<std::vector<math::SampleState>> slots_;
  std::vector<double> unused_;  // features that nobody asked for
  std::vector<double> taps_, columns_, mean_q_, mean_theta_;
};

}  // namespace ntk
