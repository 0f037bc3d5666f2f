#include "src/report/svg.h"

#include <array>
#include <cmath>
#include <cstdio>

#include "ntk/error.h"

namespace ntk::report {
namespace {

std::string write(const Attributes& attributes) {
  std::string text;
  for (const auto& [name, value] : attributes)
    text += " " + name + "=\"" + escape_markup(value) + "\"";
  return text;
}

const char* name_of(Anchor anchor) {
  if (anchor == Anchor::start) return "start";
  return anchor == Anchor::middle ? "middle" : "end";
}

}  // namespace

std::string escape_markup(std::string_view text) {
  std::string escaped;
  escaped.reserve(text.size());
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '&')
      escaped += "&amp;";
    else if (c == '<')
      escaped += "&lt;";
    else if (c == '>')
      escaped += "&gt;";
    else if (c == '"')
      escaped += "&quot;";
    else if (c == '\'')
      escaped += "&#39;";
    else if (byte >= 0x20 || c == '\n' || c == '\t')
      escaped += c;
  }
  return escaped;
}

std::string coordinate(double value) {
  if (!std::isfinite(value)) throw UsageError("svg: a coordinate is not finite");
  std::array<char, 48> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "%.2f", value);
  std::string text = buffer.data();
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text == "-0" ? "0" : text;
}

Svg::Svg(double width, double height, std::string_view title, std::string_view description)
    : width_(width), height_(height) {
  body_ = "<title>" + escape_markup(title) + "</title>\n<desc>" + escape_markup(description) +
          "</desc>\n";
}

void Svg::element(std::string_view name, const Attributes& place, const Attributes& attributes) {
  body_ += "<" + std::string(name) + write(place) + write(attributes) + "/>\n";
}

void Svg::rect(double x, double y, double width, double height, const Attributes& attributes) {
  element("rect",
          {{"x", coordinate(x)},
           {"y", coordinate(y)},
           {"width", coordinate(width)},
           {"height", coordinate(height)}},
          attributes);
}

void Svg::line(double x1, double y1, double x2, double y2, const Attributes& attributes) {
  element("line",
          {{"x1", coordinate(x1)},
           {"y1", coordinate(y1)},
           {"x2", coordinate(x2)},
           {"y2", coordinate(y2)}},
          attributes);
}

void Svg::circle(double x, double y, double radius, const Attributes& attributes) {
  element("circle", {{"cx", coordinate(x)}, {"cy", coordinate(y)}, {"r", coordinate(radius)}},
          attributes);
}

void Svg::path(std::string_view d, const Attributes& attributes) {
  element("path", {{"d", std::string(d)}}, attributes);
}

void Svg::text(double x, double y, std::string_view text, Anchor anchor,
               const Attributes& attributes) {
  const Attributes place = {
      {"x", coordinate(x)}, {"y", coordinate(y)}, {"text-anchor", name_of(anchor)}};
  body_ += "<text" + write(place) + write(attributes) + ">" + escape_markup(text) + "</text>\n";
}

void Svg::vertical_text(double x, double y, std::string_view text, const Attributes& attributes) {
  const Attributes place = {
      {"transform", "translate(" + coordinate(x) + " " + coordinate(y) + ") rotate(-90)"},
      {"text-anchor", "middle"}};
  body_ += "<text" + write(place) + write(attributes) + ">" + escape_markup(text) + "</text>\n";
}

void Svg::begin_group(double x, double y, std::string_view title) {
  body_ += "<g transform=\"translate(" + coordinate(x) + " " + coordinate(y) + ")\">\n";
  if (!title.empty()) body_ += "<title>" + escape_markup(title) + "</title>\n";
}

void Svg::end_group() { body_ += "</g>\n"; }

std::string Svg::str() const {
  return "<svg role=\"img\" viewBox=\"0 0 " + coordinate(width_) + " " + coordinate(height_) +
         "\" width=\"" + coordinate(width_) + "\" height=\"" + coordinate(height_) + "\">\n" +
         body_ + "</svg>\n";
}

std::string polyline(const std::vector<std::pair<double, double>>& points) {
  std::string d;
  for (const auto& [x, y] : points)
    d += (d.empty() ? "M" : "L") + coordinate(x) + " " + coordinate(y);
  return d;
}

}  // namespace ntk::report
