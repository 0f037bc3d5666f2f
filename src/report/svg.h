// Writes SVG that stands inside an HTML page. Colours come from the page's style sheet, by class,
// so that one drawing serves light and dark.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ntk::report {

// & < > " ' replaced by entities; bytes that XML forbids are dropped.
std::string escape_markup(std::string_view text);

// A coordinate with at most two decimals and no trailing zeros.
std::string coordinate(double value);

using Attributes = std::vector<std::pair<std::string, std::string>>;

enum class Anchor { start, middle, end };

class Svg {
 public:
  // `title` and `description` are the text alternative, read out where the drawing is not seen.
  Svg(double width, double height, std::string_view title, std::string_view description);

  double width() const { return width_; }
  double height() const { return height_; }

  void rect(double x, double y, double width, double height, const Attributes& attributes);
  void line(double x1, double y1, double x2, double y2, const Attributes& attributes);
  void circle(double x, double y, double radius, const Attributes& attributes);
  void path(std::string_view d, const Attributes& attributes);
  void text(double x, double y, std::string_view text, Anchor anchor, const Attributes& attributes);
  // Text that reads upwards, centred at (x, y).
  void vertical_text(double x, double y, std::string_view text, const Attributes& attributes);
  // Everything until the matching end_group() is moved by (x, y); `title` is shown on hovering.
  void begin_group(double x, double y, std::string_view title = {});
  void end_group();

  std::string str() const;  // the whole <svg> element

 private:
  void element(std::string_view name, const Attributes& place, const Attributes& attributes);
  double width_, height_;
  std::string body_;
};

// The data of a <path> through these points.
std::string polyline(const std::vector<std::pair<double, double>>& points);

}  // namespace ntk::report
