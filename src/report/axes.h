// The frame of a plot: two scales with ticks and titles, drawn into an Svg.
#pragma once

#include <string>
#include <vector>

#include "src/report/svg.h"

namespace ntk::report {

enum class Scale { linear, logarithmic };

struct Axis {
  std::string title;  // with its unit
  double low = 0;
  double high = 1;
  Scale scale = Scale::linear;
};

// Round values inside [low, high]: about `wanted` of them; powers of ten on a logarithmic axis.
std::vector<double> ticks(const Axis& axis, int wanted = 6);
std::string tick_label(const Axis& axis, double value);  // 0.25, 1,000, 10⁻³

// Where the data stands in the drawing.
struct Box {
  double left, top, width, height;
};

class Frame {
 public:
  // Throws UsageError for an axis that holds no range, or a logarithmic one that reaches zero.
  Frame(Box box, Axis x, Axis y);

  double x(double value) const;
  double y(double value) const;
  const Box& box() const { return box_; }
  // Grid lines, tick labels, and the titles of both axes.
  void draw(Svg& svg) const;

 private:
  Box box_;
  Axis x_, y_;
};

}  // namespace ntk::report
