#include "kernels/pixel_stage.h"

#include <algorithm>

namespace ntk {

std::int64_t PixelStage::entry(std::int64_t p, std::int64_t r) const {
  std::int64_t place = 0, stride = 1;
  for (std::size_t axis = output.size(); axis-- > 0;) {
    const std::int64_t extent = output[axis];
    place += (p % extent * extent + r % extent) * stride;
    stride *= extent * extent;
    p /= extent;
    r /= extent;
  }
  return place;
}

bool looks_at_pairs(Op op) { return op == Op::mix || op == Op::aggregate || op == Op::attend; }

// A slot that was filled with all pairs is read with all pairs.
std::size_t PixelStage::last_of_pairs() const {
  if (!output.empty()) return steps.size();
  std::size_t until = 0;
  for (std::size_t k = 0; k < steps.size(); ++k)
    if (looks_at_pairs(steps[k].in.op)) until = k + 1;
  std::vector<std::size_t> saved(static_cast<std::size_t>(std::max(slots, 1)));
  for (std::size_t k = 0; k < steps.size(); ++k) {
    const Instruction& in = steps[k].in;
    const auto slot = static_cast<std::size_t>(in.slot);
    if (in.op == Op::save) saved[slot] = k;
    const bool reads = in.op == Op::load || in.op == Op::add || in.op == Op::multiply;
    if (reads && saved[slot] < until) until = std::max(until, k + 1);
  }
  return until;
}

}  // namespace ntk
