#include <algorithm>
#include <vector>

#include "kernels/backend.h"
#include "kernels/math/run.h"
#include "kernels/pixels.h"

namespace ntk {

int features_of(const Instruction& instruction) { return math::feature_count(instruction); }

double variance_after(const Program& program, std::size_t instructions, double q) {
  std::int32_t features = 1;
  for (std::size_t i = 0; i < instructions; ++i) {
    const Instruction& in = program.instructions[i];
    features = std::max(features, in.first_feature + features_of(in) + 1);
  }
  std::vector<double> unused(static_cast<std::size_t>(features));
  return math::run_sample(program.instructions.data(), static_cast<int>(instructions),
                          program.tables.data(), {q, 0}, unused.data(), 1)
      .nngp;
}

PixelVariances pixel_variances_after(const Program& program, std::size_t steps,
                                     const ArrayView& x) {
  const PixelLayout layout(*program.pixels);
  PixelWalk walk(program, layout, run_pixel_strip);
  const HostBuffer<double> block(static_cast<std::size_t>(layout.size));
  std::vector<double> sample(static_cast<std::size_t>(x.shape[1]));
  PixelVariances range;
  for (std::int64_t i = 0; i < x.shape[0]; ++i) {
    if (x.dtype == DType::float32)
      std::copy_n(x.as<float>() + i * x.shape[1], x.shape[1], sample.begin());
    else
      std::copy_n(x.as<double>() + i * x.shape[1], x.shape[1], sample.begin());
    for (const double q : walk.variances_after(steps, sample.data(), block.data())) {
      if (!(q > 0)) continue;
      range.lowest = range.highest > 0 ? std::min(range.lowest, q) : q;
      range.highest = std::max(range.highest, q);
    }
  }
  return range;
}

}  // namespace ntk
