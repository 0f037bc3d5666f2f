#include "src/cli/image_plan.h"

#include "kernels/backend.h"
#include "src/architecture/check.h"
#include "src/base/large_memory.h"
#include "src/infinite/lower.h"

namespace ntk::cli {
namespace {

// Whether the network has layers that no plan of slices has; their tables may be large.
bool mixes_pixels(const Layer& layer) {
  return std::holds_alternative<GlobalSelfAttentionLayer>(layer.value) ||
         std::holds_alternative<AggregateLayer>(layer.value) ||
         std::holds_alternative<ImageResizeLayer>(layer.value) ||
         std::holds_alternative<SliceLayer>(layer.value);
}

}  // namespace

std::optional<ImagePlan> plan_images(const Architecture& architecture, const Shape& sample) {
  const Layers& layers = architecture.layers();
  if (!takes_images(layers) || architecture.output_shape(sample).size() > 1 ||
      any_layer(layers, mixes_pixels))
    return std::nullopt;
  const Program program = lower(architecture, sample);
  if (!program.images) return std::nullopt;
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
