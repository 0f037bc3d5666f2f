#include "src/architecture/windows.h"

#include <algorithm>

#include "src/architecture/names.h"

namespace ntk {
namespace {

using MakeWindow = Window (*)(std::int64_t, std::int64_t, std::int64_t, Padding);

// A layer as far as its windows go.
struct Tiling {
  std::string op;
  const char* what;  // the layer's word for a window
  const Shape& size;
  const Shape& strides;
  Padding padding;
  MakeWindow make;
};

std::string count_of_axes(std::size_t count) {
  return std::to_string(count) + (count == 1 ? " axis" : " axes");
}

void require_axes(const Tiling& tiling, const Shape& extents, const std::string& place,
                  const Source& source) {
  if (tiling.size.size() == extents.size()) return;
  source.fail(place, tiling.op + " has a " + tiling.what + " of " +
                         count_of_axes(tiling.size.size()) + " (" + to_string(tiling.size) +
                         " pixels), but its input has " + count_of_axes(extents.size()) +
                         " of pixels (" + extents_text(extents) + ")");
}

std::vector<Window> windows_of(const Tiling& tiling, const Shape& extents, const std::string& place,
                               const Source& source) {
  require_axes(tiling, extents, place, source);
  std::vector<Window> windows;
  for (std::size_t axis = 0; axis < extents.size(); ++axis) {
    const std::int64_t stride = tiling.strides.empty() ? 1 : tiling.strides[axis];
    const Window window = tiling.make(extents[axis], tiling.size[axis], stride, tiling.padding);
    if (window.out < 1 && window.out != kUnknown)
      source.fail(place, tiling.op + "'s " + tiling.what + " of " + to_string(tiling.size) +
                             " pixels is larger than its input of " + extents_text(extents) +
                             " pixels, and with VALID padding it must lie inside: take a smaller "
                             "one, or the padding 'SAME'");
    windows.push_back(window);
  }
  return windows;
}

template <class Convolution>
Tiling tiling_of(const char* op, const Convolution& layer, MakeWindow make) {
  const ConvOptions& o = layer.options;
  return {op, "filter", layer.filter_shape, o.strides, o.padding, make};
}

}  // namespace

std::optional<std::int64_t> Window::input(std::int64_t output, std::int64_t tap) const {
  const std::int64_t step = transposed ? stride : 1, line = in * step;
  std::int64_t at = (transposed ? output : output * stride) - before + tap;
  if (padding == Padding::circular) at = ((at % line) + line) % line;
  if (at < 0 || at >= line || at % step != 0) return std::nullopt;
  return at / step;
}

Window window_of(std::int64_t in, std::int64_t size, std::int64_t stride, Padding padding) {
  Window window{in, size, stride, kUnknown, 0, padding};
  if (in == kUnknown) return window;
  if (padding == Padding::valid) {
    window.out = in < size ? 0 : (in - size) / stride + 1;
    return window;
  }
  window.out = (in - 1) / stride + 1;
  window.before = std::max<std::int64_t>((window.out - 1) * stride + size - in, 0) / 2;
  return window;
}

// As jax.lax.conv_transpose; circular as neural_tangents, which folds what VALID gives.
Window transposed_window_of(std::int64_t in, std::int64_t size, std::int64_t stride,
                            Padding padding) {
  Window window{in, size, stride, kUnknown, size - 1, padding, true};
  const std::int64_t beyond = std::max<std::int64_t>(size - stride, 0);
  if (padding == Padding::same && stride <= size - 1) window.before = (size + stride - 1) / 2;
  if (padding == Padding::circular) window.before -= beyond / 2;
  if (in != kUnknown) window.out = in * stride + (padding == Padding::valid ? beyond : 0);
  return window;
}

std::vector<Window> windows_of(const ConvLayer& layer, const Shape& extents,
                               const std::string& place, const Source& source) {
  return windows_of(tiling_of("Conv", layer, window_of), extents, place, source);
}

std::vector<Window> windows_of(const ConvTransposeLayer& layer, const Shape& extents,
                               const std::string& place, const Source& source) {
  return windows_of(tiling_of("ConvTranspose", layer, transposed_window_of), extents, place,
                    source);
}

std::vector<Window> windows_of(const ConvLocalLayer& layer, const Shape& extents,
                               const std::string& place, const Source& source) {
  return windows_of(tiling_of("ConvLocal", layer, window_of), extents, place, source);
}

std::vector<Window> windows_of(const PoolLayer& layer, const Shape& extents,
                               const std::string& place, const Source& source) {
  return windows_of(
      {op_name(layer), "window", layer.window_shape, layer.strides, layer.padding, window_of},
      extents, place, source);
}

Shape outputs_of(const std::vector<Window>& windows) {
  Shape extents;
  for (const Window& window : windows) extents.push_back(window.out);
  return extents;
}

std::string extents_text(const Shape& extents) {
  std::string text;
  for (const std::int64_t extent : extents)
    text += (text.empty() ? "" : "x") + (extent == kUnknown ? "?" : std::to_string(extent));
  return text.empty() ? "()" : text;
}

}  // namespace ntk
