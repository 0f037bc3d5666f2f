#include "src/cli/image_plan.h"

#include "kernels/backend.h"
#include "ntk/error.h"
#include "src/architecture/check.h"
#include "src/base/large_memory.h"
#include "src/infinite/lower.h"

namespace ntk::cli {
namespace {

// Nothing for a network with layers whose kernels are not there yet.
std::optional<Program> lower_if_supported(const Architecture& architecture, const Shape& sample) {
  try {
    return lower(architecture, sample);
  } catch (const UsageError&) {
    return std::nullopt;
  }
}

}  // namespace

std::optional<ImagePlan> plan_images(const Architecture& architecture, const Shape& sample) {
  if (!takes_images(architecture.layers()) || architecture.output_shape(sample).size() > 1)
    return std::nullopt;
  const std::optional<Program> lowered = lower_if_supported(architecture, sample);
  if (!lowered || !lowered->images) return std::nullopt;
  const Program& program = *lowered;
  const ImageStage& stage = *program.images;
  const bool average = stage.pooling == Pooling::average;
  const std::int64_t pixels = stage.pixels();
  Backend& cpu = cpu_backend();
  const auto bytes = [&](std::int64_t images) {
    return cpu.workspace_bytes(program, images, 0, pixels * stage.channels, DType::float32);
  };
  cpu.set_threads(1);
  const std::size_t thread = bytes(0), image = bytes(1) - thread;
  cpu.set_threads(0);
  return ImagePlan{stage.height,
                   stage.width,
                   average,
                   average ? pixels * pixels : pixels,
                   average ? (2 * stage.height - 1) * (2 * stage.width - 1) : 1,
                   image,
                   thread};
}

std::string describe(const ImagePlan& plan) {
  const std::string pixels = std::to_string(plan.height) + "x" + std::to_string(plan.width);
  const std::string state =
      plan.average ? "all " + std::to_string(plan.pixel_pairs) + " pairs of pixels, in " +
                         std::to_string(plan.slices) + " slices of one displacement each"
                   : "each pixel with its like, " + std::to_string(plan.pixel_pairs) + " pairs";
  return "a pair of images, " + pixels + " pixels: " + state + "; in float32 " +
         format_bytes(plan.image_bytes) + " for each image and " + format_bytes(plan.thread_bytes) +
         " for each thread\n";
}

}  // namespace ntk::cli
