#include <algorithm>
#include <vector>

#include "kernels/backend.h"
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
                          program.tables.data(), q, unused.data(), 1)
      .nngp;
}

}  // namespace ntk
