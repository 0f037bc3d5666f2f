// Which pixels the filters and windows of finite networks see, by laying out the padded line.
#pragma once

#include <algorithm>
#include <vector>

namespace ntk::finite {

// Input pixel `in` stands under the tap of output pixel `out`.
struct Link {
  int out, tap, in;
};

struct Window {
  int inputs = 1, outputs = 1, taps = 1;
  int centre = 0;  // the tap in the middle, which says whether the output is there; -1: all are
  std::vector<Link> links = {{0, 0, 0}};
};

enum class Edge { valid, same, circular };

// A window that slides over a line of places; -1 is an empty one.
inline Window slide(const std::vector<int>& line, int inputs, int taps, int stride) {
  Window window{inputs, 0, taps, (taps - 1) / 2, {}};
  for (int at = 0; at + taps <= static_cast<int>(line.size()); at += stride) {
    for (int tap = 0; tap < taps; ++tap)
      if (line[at + tap] >= 0) window.links.push_back({window.outputs, tap, line[at + tap]});
    ++window.outputs;
  }
  return window;
}

// Of an axis with n pixels. SAME: as many places are added as n / stride outputs, rounded up, need,
// the greater half of them behind.
inline Window window(int n, int taps, int stride, Edge edge) {
  const int outputs = (n + stride - 1) / stride;
  const int more = edge == Edge::valid ? 0 : std::max((outputs - 1) * stride + taps - n, 0);
  std::vector<int> line;
  for (int at = -(more / 2); at < n + more - more / 2; ++at) {
    const bool outside = at < 0 || at >= n;
    line.push_back(!outside ? at : edge == Edge::circular ? (at + n) % n : -1);
  }
  return slide(line, n, taps, stride);
}

// Transposed, as jax.lax.conv_transpose: stride - 1 empty places between the pixels, and around
// them as many as make n * stride outputs (SAME), or all that see a pixel (VALID).
inline Window transposed_window(int n, int taps, int stride, Edge edge) {
  int front = taps - 1, all = taps + stride - 2;
  if (edge == Edge::valid) all += std::max(taps - stride, 0);
  if (edge == Edge::same && stride <= taps - 1) front = (all + 1) / 2;
  std::vector<int> line(front, -1);
  for (int at = 0; at < n; ++at) {
    line.push_back(at);
    for (int k = 1; k < stride && at + 1 < n; ++k) line.push_back(-1);
  }
  line.insert(line.end(), all - front, -1);
  Window transposed = slide(line, n, taps, 1);
  transposed.centre = -1;
  return transposed;
}

// Of two axes, the second within the first.
inline Window operator*(const Window& a, const Window& b) {
  Window both{a.inputs * b.inputs,
              a.outputs * b.outputs,
              a.taps * b.taps,
              a.centre < 0 || b.centre < 0 ? -1 : a.centre * b.taps + b.centre,
              {}};
  for (const Link& i : a.links)
    for (const Link& j : b.links)
      both.links.push_back(
          {i.out * b.outputs + j.out, i.tap * b.taps + j.tap, i.in * b.inputs + j.in});
  return both;
}

}  // namespace ntk::finite
