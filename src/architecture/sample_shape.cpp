#include "src/architecture/sample_shape.h"

#include "ntk/error.h"
#include "src/architecture/check.h"

namespace ntk {
namespace {

bool begins_with_flatten(const Layers& layers) {
  return std::holds_alternative<FlattenLayer>(layers.front().value);
}

SampleLayout image_layout(const Shape& sample) {
  if (sample.size() == 2) return {true, sample[0], sample[1], 1};
  if (sample.size() == 3) return {true, sample[0], sample[1], sample[2]};
  throw UsageError(
      "architecture: the network takes images, height x width x channels (N x H x W x "
      "C data; N x H x W are images of one channel), but a sample's shape is " +
      to_string(sample));
}

}  // namespace

SampleLayout layout_of(const Layers& layers, const Shape& sample) {
  if (element_count(sample) == 0)
    throw UsageError("architecture: samples of shape " + to_string(sample) + " have no features");
  if (begins_with_flatten(layers)) return {false, 1, 1, element_count(sample)};
  if (takes_images(layers)) return image_layout(sample);
  if (sample.size() != 1)
    throw UsageError("architecture: layers[0]: takes vectors, but a sample's shape is " +
                     to_string(sample) +
                     ": begin the network with Flatten, or reshape the data to N x d");
  return {false, 1, 1, sample[0]};
}

}  // namespace ntk
