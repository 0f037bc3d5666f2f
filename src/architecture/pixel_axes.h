// What the axes and ranges of a layer mean for images with these pixel axes: axis 0 of data is the
// batch, then come the pixels, the last one is the channels. All functions throw UsageError naming
// the number that is wrong, its place, and what the images are. Extents may be kUnknown.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ntk/architecture.h"
#include "src/architecture/source.h"

namespace ntk {

constexpr std::size_t kMostPixelAxes = 3;
constexpr std::int64_t kMostPixels = std::int64_t{1} << 24;  // of an image
constexpr std::int64_t kLargestResize = 1 << 16;             // along an axis

// Which pixel axes, the first one being 0, in ascending order. `axes`: how many there are, nothing
// if that is not known (then only what holds for any number is looked at).
std::vector<std::size_t> axes_of(const LayerNormLayer& layer, std::optional<std::size_t> axes,
                                 const std::string& place = "", const Source& source = {});
std::vector<std::size_t> axes_of(const AggregateLayer& layer, std::optional<std::size_t> axes,
                                 const std::string& place = "", const Source& source = {});

// The extents after the layer.
Shape resized(const ImageResizeLayer& layer, const Shape& extents, const std::string& place = "",
              const Source& source = {});

// The pixels first, first + step, ..., count of them, along one axis; a dropped axis has one.
struct Cut {
  std::int64_t first = 0, step = 1, count = 0;
  bool drops = false;
};

// One for each pixel axis, also for those that the layer leaves as they are.
std::vector<Cut> cuts_of(const SliceLayer& layer, const Shape& extents,
                         const std::string& place = "", const Source& source = {});
Shape outputs_of(const std::vector<Cut>& cuts);
// What holds of the layer whatever the number of axes.
void check_ranges(const SliceLayer& layer, const std::string& place, const Source& source);

}  // namespace ntk
