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

// The pixels of one channel are all parallel. The fused engine has an error of eps times what their
// lengths differ by, of which a sign takes the root.
bool has_sign(const PixelStage& stage) {
  return std::any_of(stage.steps.begin(), stage.steps.end(),
                     [](const PixelStep& step) { return step.in.op == Op::sign; });
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

// What a stage of images begins with.
ImageStage stage_of(const std::vector<std::int64_t>& extents, std::int64_t channels) {
  ImageStage stage;
  stage.height = extents[0];
  stage.width = extents[1];
  stage.channels = channels;
  return stage;
}

void complete(ImageStage& stage) {
  stage.slots = slots_of(stage.instructions);
  stage.features = place_features(stage.instructions);
}

// Images of another size, of which each pixel is a sum of few.
bool is_windows(const PixelStep& step) {
  constexpr std::int64_t kMostWindows = 4;  // that a pixel is in
  if (step.in.op != Op::mix || step.in.p[0] != 0 || step.extents.size() != 2) return false;
  std::vector<std::int64_t> uses(static_cast<std::size_t>(step.before));
  return std::all_of(step.mix.column.begin(), step.mix.column.end(), [&](std::int32_t p) {
    return ++uses[static_cast<std::size_t>(p)] <= kMostWindows;
  });
}

// Flatten of one pixel.
bool is_nothing(const PixelStep& step) { return is_flatten(step) && step.before == 1; }

// The stages of images, and where the instructions on vectors begin; none if they are not all for
// the fused engine.
std::vector<ImageStage> find_stages(const PixelStage& pixels, std::size_t& vectors) {
  std::vector<ImageStage> stages = {stage_of(pixels.extents, pixels.channels)};
  for (std::size_t k = 0; k < pixels.steps.size(); ++k) {
    const PixelStep& step = pixels.steps[k];
    ImageStage& stage = stages.back();
    if (is_flatten(step) || is_mean(step)) {
      stage.pooling = is_flatten(step) ? Pooling::flatten : Pooling::average;
      vectors = k + 1;
      return stages;
    }
    if (is_windows(step)) {
      stage.pooling = Pooling::windows;
      stage.windows = step.mix;
      stages.push_back(stage_of(step.extents, 1));
    } else if (is_pixelwise(step)) {
      stage.instructions.push_back(step.in);
    } else {
      return {};
    }
  }
  return {};
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
  const PixelStage& pixels = *program.pixels;
  program.images.reset();
  program.instructions.clear();
  program.slots = 0;
  program.features = 1;
  if (pixels.extents.size() != 2 || pixels.nodes > 0) return;
  if (pixels.channels == 1 && has_sign(pixels)) return;
  std::size_t vectors = 0;
  std::vector<ImageStage> stages = find_stages(pixels, vectors);
  if (stages.empty()) return;
  std::vector<Instruction> after;
  for (std::size_t k = vectors; k < pixels.steps.size(); ++k) {
    if (is_nothing(pixels.steps[k])) continue;
    if (!acts_on_one(pixels.steps[k].in.op)) return;
    after.push_back(pixels.steps[k].in);
  }
  if (!is_complete(after)) return;
  for (std::size_t k = stages.size(); k-- > 0;) {
    if (!is_complete(stages[k].instructions)) return;
    complete(stages[k]);
    if (k > 0) stages[k - 1].next = std::make_shared<ImageStage>(stages[k]);
  }
  program.slots = slots_of(after);
  program.features = place_features(after);
  program.instructions = std::move(after);
  program.images = std::move(stages.front());
}

}  // namespace ntk
