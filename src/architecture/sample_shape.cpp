#include "src/architecture/sample_shape.h"

#include "ntk/error.h"
#include "src/architecture/network_shape.h"
#include "src/architecture/pixel_axes.h"

namespace ntk {
namespace {

bool begins_with_flatten(const Layers& layers) {
  return std::holds_alternative<FlattenLayer>(layers.front().value);
}

// What data of so many pixel axes are called.
struct Words {
  const char *name, *sample, *data, *one_channel;
};
constexpr Words kWords[] = {
    {"sequences", "length x channels", "N x L x C", "N x L"},
    {"images", "height x width x channels", "N x H x W x C", "N x H x W"},
    {"volumes", "depth x height x width x channels", "N x D x H x W x C", "N x D x H x W"}};

[[noreturn]] void fail(const std::string& expected, const Shape& sample) {
  throw UsageError("architecture: the network takes " + expected + ", but a sample's shape is " +
                   to_string(sample));
}

SampleLayout image_layout(std::optional<std::size_t> axes, const Shape& sample) {
  const std::size_t rank = sample.size();
  if (!axes && (rank < 2 || rank > kMostPixelAxes + 1))
    fail("sequences, images or volumes (N x L x C, N x H x W x C or N x D x H x W x C data)",
         sample);
  const std::size_t count = axes.value_or(rank - 1);
  if (count < 1 || count > kMostPixelAxes)
    throw UsageError("architecture: the network takes samples with " + std::to_string(count) +
                     " axes of pixels; 1 to 3 are supported");
  const Words& words = kWords[count - 1];
  if (rank != count && rank != count + 1)
    fail(std::string(words.name) + ", " + words.sample + " (" + words.data + " data; " +
             words.one_channel + " are " + words.name + " of one channel)",
         sample);
  SampleLayout layout{true, 1, sample[count - 1], rank == count ? 1 : sample[count],
                      Shape(sample.begin(), sample.begin() + static_cast<std::ptrdiff_t>(count))};
  for (std::size_t axis = 0; axis + 1 < count; ++axis) layout.height *= sample[axis];
  if (layout.pixels() > kMostPixels) fail("images of at most 2^24 pixels", sample);
  return layout;
}

}  // namespace

SampleLayout layout_of(const Layers& layers, const Shape& sample) {
  if (element_count(sample) == 0)
    throw UsageError("architecture: samples of shape " + to_string(sample) + " have no features");
  if (begins_with_flatten(layers)) return {false, 1, 1, element_count(sample)};
  if (takes_images(layers)) return image_layout(pixel_axes(layers), sample);
  if (sample.size() != 1)
    throw UsageError("architecture: layers[0]: takes vectors, but a sample's shape is " +
                     to_string(sample) +
                     ": begin the network with Flatten, or reshape the data to N x d");
  return {false, 1, 1, sample[0]};
}

}  // namespace ntk
