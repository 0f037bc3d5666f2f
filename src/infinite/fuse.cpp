#include "src/infinite/fuse.h"

#include <algorithm>

#include "kernels/backend.h"

namespace ntk {
namespace {

// A mean over all pixels that adds nothing of its own.
bool is_flatten(const PixelStep& step) {
  const double* const p = step.in.p;
  return step.in.op == Op::convolve && step.after == 1 && step.taps->count == step.before &&
         p[0] == 1 && std::all_of(p + 1, p + kMaxParameters, [](double x) { return x == 0; });
}

bool is_mean(const PixelStep& step) {
  if (step.in.op != Op::mix || step.after != 1) return false;
  const auto& weights = step.mix.weight;
  return static_cast<std::int64_t>(weights.size()) == step.before &&
         std::all_of(weights.begin(), weights.end(),
                     [&](double weight) { return weight == 1 / static_cast<double>(step.before); });
}

bool acts_on_one(Op op) { return op != Op::convolve && op != Op::mask && !looks_at_pairs(op); }

bool is_pixelwise(const PixelStep& step) {
  if (step.in.op == Op::convolve) return step.in.filter.up >= 0 && !step.local;
  if (step.in.op != Op::normalize) return acts_on_one(step.in.op);
  // Over the channels alone each pixel is a group.
  return std::all_of(step.group.begin(), step.group.end(),
                     [next = 0](std::int32_t group) mutable { return group == next++; });
}

// The step that makes vectors of images; the last one if none does, or if what comes before it is
// not for the fused engine.
std::size_t find_pooling(const PixelStage& stage) {
  const std::size_t none = stage.steps.size();
  for (std::size_t k = 0; k < none; ++k) {
    const PixelStep& step = stage.steps[k];
    if (is_flatten(step) || is_mean(step)) return k;
    if (!is_pixelwise(step)) return none;
  }
  return none;
}

std::int32_t slots_of(const std::vector<Instruction>& instructions) {
  std::int32_t slots = 0;
  for (const Instruction& in : instructions)
    if (in.op == Op::save) slots = std::max(slots, in.slot + 1);
  return slots;
}

// Whether what is read was saved among these instructions.
bool is_complete(const std::vector<Instruction>& instructions) {
  std::vector<bool> saved(kMaxSlots, false);
  for (const Instruction& in : instructions) {
    const auto slot = static_cast<std::size_t>(in.slot);
    if (in.op == Op::save) saved[slot] = true;
    if ((in.op == Op::load || in.op == Op::add || in.op == Op::multiply) && !saved[slot])
      return false;
  }
  return true;
}

}  // namespace

std::int32_t place_features(std::vector<Instruction>& instructions) {
  std::int32_t next = 0;
  for (Instruction& in : instructions) {
    in.first_feature = next;
    next += features_of(in);
  }
  return next + 1;
}

void fuse(Program& program) {
  const PixelStage& stage = *program.pixels;
  program.images.reset();
  program.instructions.clear();
  program.slots = 0;
  program.features = 1;
  const std::size_t pooling = find_pooling(stage);
  if (stage.extents.size() != 2 || pooling == stage.steps.size() || stage.nodes > 0) return;
  ImageStage images;
  images.height = stage.extents[0];
  images.width = stage.extents[1];
  images.channels = stage.channels;
  images.pooling = is_flatten(stage.steps[pooling]) ? Pooling::flatten : Pooling::average;
  std::vector<Instruction> after;
  for (std::size_t k = 0; k < stage.steps.size(); ++k) {
    if (k < pooling) images.instructions.push_back(stage.steps[k].in);
    if (k > pooling && !acts_on_one(stage.steps[k].in.op)) return;
    if (k > pooling) after.push_back(stage.steps[k].in);
  }
  if (!is_complete(after)) return;
  images.slots = slots_of(images.instructions);
  images.features = place_features(images.instructions);
  program.slots = slots_of(after);
  program.features = place_features(after);
  program.instructions = std::move(after);
  program.images = std::move(images);
}

}  // namespace ntk
