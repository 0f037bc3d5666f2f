// Which pixels a filter or a window sees. Positions are as in XLA (and so neural_tangents): of SAME
// padding the pixel more is behind.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ntk/architecture.h"
#include "src/architecture/source.h"

namespace ntk {

constexpr std::int64_t kUnknown = -1;  // an extent that only the samples tell

// Along one axis: output o, tap t. A window sees the input o * stride - before + t. A transposed
// one looks at a line in which stride - 1 empty places follow each input, at the place o - before +
// t. Circular positions are modulo the length of the line.
struct Window {
  std::int64_t in, size, stride, out, before;
  Padding padding;
  bool transposed = false;

  // Nothing: padding, or an empty place.
  std::optional<std::int64_t> input(std::int64_t output, std::int64_t tap) const;
};

// `out` is below 1 if a VALID window is larger than the image, kUnknown if `in` is.
Window window_of(std::int64_t in, std::int64_t size, std::int64_t stride, Padding padding);
Window transposed_window_of(std::int64_t in, std::int64_t size, std::int64_t stride,
                            Padding padding);

// Along each axis of an image with these extents. Throw UsageError naming the layer and both shapes
// if axes differ in number, or if a VALID window is larger than the image.
std::vector<Window> windows_of(const ConvLayer& layer, const Shape& extents,
                               const std::string& place = "", const Source& source = {});
std::vector<Window> windows_of(const ConvTransposeLayer& layer, const Shape& extents,
                               const std::string& place = "", const Source& source = {});
std::vector<Window> windows_of(const ConvLocalLayer& layer, const Shape& extents,
                               const std::string& place = "", const Source& source = {});
std::vector<Window> windows_of(const PoolLayer& layer, const Shape& extents,
                               const std::string& place = "", const Source& source = {});

Shape outputs_of(const std::vector<Window>& windows);

// "3x3"; "?" stands for an extent that is not known.
std::string extents_text(const Shape& extents);

}  // namespace ntk
