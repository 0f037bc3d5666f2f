#include "src/architecture/pixel_axes.h"

#include <algorithm>

#include "src/architecture/ranges.h"
#include "src/architecture/windows.h"

namespace ntk {
namespace {

// "3", or "(1, 2)".
std::string axes_text(const std::vector<std::int64_t>& axes) {
  std::string text;
  for (const std::int64_t axis : axes) text += (text.empty() ? "" : ", ") + std::to_string(axis);
  return axes.size() == 1 ? text : "(" + text + ")";
}

// Numbers of axes from the end become numbers from the front.
std::int64_t from_the_front(std::int64_t axis, std::size_t rank) {
  return axis < 0 ? axis + static_cast<std::int64_t>(rank) : axis;
}

void require_distinct(std::vector<std::int64_t> axes, const std::string& place,
                      const Source& source) {
  std::sort(axes.begin(), axes.end());
  const auto twice = std::adjacent_find(axes.begin(), axes.end());
  if (twice != axes.end())
    source.fail(place, "names the axis " + std::to_string(*twice) + " twice");
}

std::string range_of_axes(std::size_t axes) {
  return axes == 1 ? "1" : "1 to " + std::to_string(axes);
}

// --- LayerNorm ---

[[noreturn]] void fail_channels(const LayerNormLayer& layer, std::size_t axes,
                                const std::string& place, const Source& source) {
  const bool image = axes > 0;
  const std::string expected = "must be -1 (or " + std::to_string(axes + 1) + "), ";
  for (const std::int64_t axis : layer.axis)
    if (from_the_front(axis, axes + 2) == 0)
      source.fail(place,
                  "axis 0 is the batch, and a kernel's entry knows its two samples only: "
                  "the axis " +
                      expected + (image ? "the channels" : "that of the features"));
  source.fail(place, expected +
                         (image ? "the channels of images, or a list of that and of axes of pixels "
                                  "(" +
                                      range_of_axes(axes) + "), is "
                                : "the features of N x d data, is ") +
                         axes_text(layer.axis));
}

void check_without_axes(const LayerNormLayer& layer, const std::string& place,
                        const Source& source) {
  if (std::count(layer.axis.begin(), layer.axis.end(), 0) > 0)
    fail_channels(layer, 0, place, source);
  const bool may_have_channels = std::any_of(layer.axis.begin(), layer.axis.end(), [](auto axis) {
    return axis == -1 || (axis >= 2 && axis <= static_cast<std::int64_t>(kMostPixelAxes) + 1);
  });
  if (!may_have_channels)
    source.fail(place, "must be -1, the channels, or a list of that and of axes of pixels");
}

// --- Slice ---

bool is_whole(const SliceRange& range) {
  return !range.index && range.start.value_or(0) == 0 && !range.stop && range.step.value_or(1) == 1;
}

std::string range_text(const SliceRange& range) {
  const auto part = [](const std::optional<std::int64_t>& number) {
    return number ? std::to_string(*number) : std::string();
  };
  if (range.index) return part(range.index);
  return part(range.start) + ":" + part(range.stop) + (range.step ? ":" + part(range.step) : "");
}

void check_range(const SliceRange& range, const std::string& place, const Source& source) {
  constexpr std::int64_t most = std::int64_t{1} << 53;
  for (const auto& number : {range.start, range.stop, range.step, range.index})
    if (number && (*number > most || *number < -most))
      source.fail(place, "must hold whole numbers from -2^53 to 2^53, is " + range_text(range));
  if (range.step == 0)
    source.fail(place, "the step of a range must not be 0, is " + range_text(range));
  if (range.index && (range.start || range.stop || range.step))
    source.fail(place, "is a range or the number of one pixel, but has both");
}

Cut cut_at(std::int64_t index, std::int64_t extent, const std::string& place,
           const Source& source) {
  if (extent == kUnknown) return {std::max<std::int64_t>(index, 0), 1, 1, true};
  if (index >= extent || index < -extent)
    source.fail(place, "there is no pixel " + std::to_string(index) +
                           " along this axis, which has " + std::to_string(extent));
  return {index < 0 ? index + extent : index, 1, 1, true};
}

// As Python's slice.indices.
Cut cut_of(const SliceRange& range, std::int64_t extent, const std::string& place,
           const Source& source) {
  check_range(range, place, source);
  if (range.index) return cut_at(*range.index, extent, place, source);
  const std::int64_t step = range.step.value_or(1);
  if (extent == kUnknown) return {0, step, kUnknown};
  const std::int64_t low = step > 0 ? 0 : -1, high = step > 0 ? extent : extent - 1;
  const auto clamped = [&](std::int64_t at) {
    return std::clamp(at < 0 ? at + extent : at, low, high);
  };
  const std::int64_t first = range.start ? clamped(*range.start) : step > 0 ? low : high;
  const std::int64_t stop = range.stop ? clamped(*range.stop) : step > 0 ? high : low;
  const std::int64_t length = step > 0 ? stop - first : first - stop;
  if (length <= 0)
    source.fail(place, "the range " + range_text(range) + " leaves nothing of the " +
                           std::to_string(extent) + " pixels along this axis");
  return {first, step, (length - 1) / std::abs(step) + 1};
}

}  // namespace

std::vector<std::size_t> axes_of(const LayerNormLayer& layer, std::optional<std::size_t> axes,
                                 const std::string& place, const Source& source) {
  const std::string here = join_key(place, "axis");
  require_distinct(layer.axis, here, source);
  if (!axes) return check_without_axes(layer, here, source), std::vector<std::size_t>();
  const auto last = static_cast<std::int64_t>(*axes) + 1;
  bool has_channels = false;
  std::vector<std::size_t> pixels;
  for (const std::int64_t axis : layer.axis) {
    const std::int64_t number = from_the_front(axis, *axes + 2);
    if (number < 1 || number > last) fail_channels(layer, *axes, here, source);
    if (number == last && has_channels)
      source.fail(here, "names the channels twice, as -1 and as " + std::to_string(last));
    if (number == last)
      has_channels = true;
    else
      pixels.push_back(static_cast<std::size_t>(number - 1));
  }
  if (!has_channels) fail_channels(layer, *axes, here, source);
  std::sort(pixels.begin(), pixels.end());
  if (std::adjacent_find(pixels.begin(), pixels.end()) != pixels.end())
    source.fail(here, "names an axis of pixels twice: " + axes_text(layer.axis));
  return pixels;
}

std::vector<std::size_t> axes_of(const AggregateLayer& layer, std::optional<std::size_t> axes,
                                 const std::string& place, const Source& source) {
  const std::string here = join_key(place, "aggregate_axis");
  if (layer.batch_axis != 0)
    source.fail(join_key(place, "batch_axis"),
                "must be 0, where the samples are, is " + std::to_string(layer.batch_axis));
  require_distinct(layer.aggregate_axis, here, source);
  if (!axes) return {};
  const auto last = static_cast<std::int64_t>(*axes) + 1;
  if (layer.channel_axis != -1 && layer.channel_axis != last)
    source.fail(join_key(place, "channel_axis"), "must be -1 (or " + std::to_string(last) +
                                                     "), the channels, is " +
                                                     std::to_string(layer.channel_axis));
  std::vector<std::size_t> pixels;
  for (const std::int64_t axis : layer.aggregate_axis) {
    const std::int64_t number = from_the_front(axis, *axes + 2);
    if (number < 1 || number >= last)
      source.fail(here, "must name axes of pixels (" + range_of_axes(*axes) + "), names " +
                            std::to_string(axis));
    pixels.push_back(static_cast<std::size_t>(number - 1));
  }
  for (std::size_t axis = 0; layer.aggregate_axis.empty() && axis < *axes; ++axis)
    pixels.push_back(axis);
  std::sort(pixels.begin(), pixels.end());
  if (std::adjacent_find(pixels.begin(), pixels.end()) != pixels.end())
    source.fail(here, "names an axis of pixels twice: " + axes_text(layer.aggregate_axis));
  return pixels;
}

Shape resized(const ImageResizeLayer& layer, const Shape& extents, const std::string& place,
              const Source& source) {
  const std::string here = join_key(place, "shape");
  if (layer.shape.size() != extents.size() + 2)
    source.fail(here, "must have " + std::to_string(extents.size() + 2) +
                          " numbers for the batch, the pixels (" + extents_text(extents) +
                          ") and the channels, has " + std::to_string(layer.shape.size()));
  if (layer.shape.front() != -1)
    source.fail(join_index(here, 0), "is the batch, which must stay as it is: -1");
  if (layer.shape.back() != -1)
    source.fail(join_index(here, layer.shape.size() - 1),
                "is the channels, of which there are infinitely many: -1");
  Shape result = extents;
  for (std::size_t axis = 0; axis < extents.size(); ++axis) {
    const std::int64_t wanted = layer.shape[axis + 1];
    if (wanted == -1) continue;
    if (wanted < 1 || wanted > kLargestResize)
      source.fail(join_index(here, axis + 1),
                  "must be a number of pixels from 1 to " + std::to_string(kLargestResize) +
                      ", or -1 (as it is), is " + std::to_string(wanted));
    result[axis] = wanted;
  }
  return result;
}

void check_ranges(const SliceLayer& layer, const std::string& place, const Source& source) {
  const std::string here = join_key(place, "slices");
  if (layer.slices.empty())
    source.fail(here, "must begin with a range for the batch, all of it, then one for each axis");
  for (std::size_t i = 0; i < layer.slices.size(); ++i)
    check_range(layer.slices[i], join_index(here, i), source);
  if (!is_whole(layer.slices[0]))
    source.fail(join_index(here, 0), "axis 0 is the batch and must stay whole (\":\"), is " +
                                         range_text(layer.slices[0]) +
                                         ": choose samples in the data");
}

std::vector<Cut> cuts_of(const SliceLayer& layer, const Shape& extents, const std::string& place,
                         const Source& source) {
  check_ranges(layer, place, source);
  const std::string here = join_key(place, "slices");
  const std::size_t listed = layer.slices.size(), channels = extents.size() + 1;
  if (listed > channels + 1)
    source.fail(here, "has " + std::to_string(listed) +
                          " ranges, but the data's axes are the "
                          "batch, the pixels (" +
                          extents_text(extents) + ") and the channels");
  if (listed > channels && !is_whole(layer.slices[channels]))
    source.fail(join_index(here, channels),
                "axis " + std::to_string(channels) +
                    " is the channels, of which there are infinitely many, and must stay whole "
                    "(\":\"), is " +
                    range_text(layer.slices[channels]));
  std::vector<Cut> cuts;
  for (std::size_t axis = 0; axis < extents.size(); ++axis)
    cuts.push_back(axis + 1 < listed ? cut_of(layer.slices[axis + 1], extents[axis],
                                              join_index(here, axis + 1), source)
                                     : Cut{0, 1, extents[axis]});
  return cuts;
}

Shape outputs_of(const std::vector<Cut>& cuts) {
  Shape extents;
  for (const Cut& cut : cuts)
    if (!cut.drops) extents.push_back(cut.count);
  return extents;
}

}  // namespace ntk
