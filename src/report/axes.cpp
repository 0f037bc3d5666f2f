#include "src/report/axes.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "ntk/error.h"
#include "src/report/number.h"

namespace ntk::report {
namespace {

std::string superscript(int n) {
  constexpr std::array<const char*, 10> kDigits = {"⁰", "¹", "²", "³", "⁴",
                                                   "⁵", "⁶", "⁷", "⁸", "⁹"};
  std::string text = n < 0 ? "⁻" : "";
  for (const char c : std::to_string(std::abs(n)))
    text += kDigits[static_cast<std::size_t>(c - '0')];
  return text;
}

double round_step(double range, int wanted) {
  const double raw = range / wanted;
  const double power = std::pow(10, std::floor(std::log10(raw)));
  for (const double factor : {1.0, 2.0, 5.0})
    if (raw <= factor * power) return factor * power;
  return 10 * power;
}

std::vector<double> linear_ticks(const Axis& axis, int wanted) {
  const double step = round_step(axis.high - axis.low, wanted);
  const double slack = 1e-9 * step;
  std::vector<double> values;
  for (double n = std::ceil((axis.low - slack) / step); n * step <= axis.high + slack; ++n)
    values.push_back(n * step);
  return values;
}

std::vector<double> decade_ticks(const Axis& axis, int wanted) {
  const int first = static_cast<int>(std::ceil(std::log10(axis.low) - 1e-9));
  const int last = static_cast<int>(std::floor(std::log10(axis.high) + 1e-9));
  const int step = std::max(1, (last - first + wanted) / wanted);
  std::vector<double> values;
  for (int exponent = first; exponent <= last; exponent += step)
    values.push_back(std::pow(10, exponent));
  return values;
}

// 0 at the axis's low end, 1 at its high end.
double fraction(const Axis& axis, double value) {
  if (axis.scale == Scale::linear) return (value - axis.low) / (axis.high - axis.low);
  return std::log(value / axis.low) / std::log(axis.high / axis.low);
}

void require_range(const Axis& axis) {
  if (!(axis.low < axis.high))
    throw UsageError("plot: the axis \"" + axis.title + "\" needs its low end below its high end");
  if (axis.scale == Scale::logarithmic && !(axis.low > 0))
    throw UsageError("plot: the logarithmic axis \"" + axis.title + "\" must begin above zero");
}

}  // namespace

std::vector<double> ticks(const Axis& axis, int wanted) {
  require_range(axis);
  return axis.scale == Scale::linear ? linear_ticks(axis, wanted) : decade_ticks(axis, wanted);
}

std::string tick_label(const Axis& axis, double value) {
  if (axis.scale == Scale::logarithmic)
    return "10" + superscript(static_cast<int>(std::lround(std::log10(value))));
  const double step = round_step(axis.high - axis.low, 6);
  if (step >= 1) return format_count(std::llround(value));
  const int decimals = static_cast<int>(std::ceil(-std::log10(step) - 1e-9));
  return format_fixed(std::abs(value) < step / 2 ? 0 : value, decimals);
}

Frame::Frame(Box box, Axis x, Axis y) : box_(box), x_(std::move(x)), y_(std::move(y)) {
  require_range(x_);
  require_range(y_);
}

double Frame::x(double value) const { return box_.left + fraction(x_, value) * box_.width; }

double Frame::y(double value) const { return box_.top + (1 - fraction(y_, value)) * box_.height; }

void Frame::draw(Svg& svg) const {
  const double bottom = box_.top + box_.height;
  const double right = box_.left + box_.width;
  for (const double value : ticks(y_)) {
    svg.line(box_.left, y(value), right, y(value), {{"class", "grid"}});
    svg.text(box_.left - 8, y(value) + 4, tick_label(y_, value), Anchor::end, {{"class", "tick"}});
  }
  for (const double value : ticks(x_)) {
    svg.line(x(value), bottom, x(value), bottom + 4, {{"class", "axis"}});
    svg.text(x(value), bottom + 18, tick_label(x_, value), Anchor::middle, {{"class", "tick"}});
  }
  svg.line(box_.left, bottom, right, bottom, {{"class", "axis"}});
  svg.text(box_.left + box_.width / 2, bottom + 40, x_.title, Anchor::middle, {{"class", "title"}});
  svg.vertical_text(box_.left - 48, box_.top + box_.height / 2, y_.title, {{"class", "title"}});
}

}  // namespace ntk::report
