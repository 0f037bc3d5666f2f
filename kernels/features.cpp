#include <algorithm>
#include <vector>

#include "kernels/backend.h"
#include "kernels/images.h"
#include "kernels/math/run.h"

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

std::vector<double> pixel_variances_after(const Program& program, std::size_t instructions,
                                          const double* x) {
  const ImageStage& stage = *program.images;
  const ImageLayout layout(stage);
  std::vector<double> variances(static_cast<std::size_t>(layout.stride)), after;
  for (std::int64_t p = 0; p < stage.pixels(); ++p, x += stage.channels) {
    double sum = 0;
    for (std::int64_t c = 0; c < stage.channels; ++c) sum += x[c] * x[c];
    const std::int64_t place = layout.place(p / stage.width, p % stage.width);
    variances[static_cast<std::size_t>(layout.before + place)] =
        sum / static_cast<double>(stage.channels);
  }
  ImageWalk walk(program, layout);
  walk.run(variances.data(), instructions, nullptr, nullptr);
  for (std::int64_t p = 0; p < layout.stride; ++p)
    if (walk.is_pixel(p)) after.push_back(walk.state(p).q);
  return after;
}

}  // namespace ntk
