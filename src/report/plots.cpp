// Line plots and histograms.
#include <algorithm>
#include <cmath>

#include "ntk/error.h"
#include "src/report/figures.h"

namespace ntk::report {
namespace {

constexpr double kWidth = 640;
constexpr double kHeight = 320;
constexpr Box kBox = {64, 34, kWidth - 64 - 20, kHeight - 34 - 52};

const char* class_of(Tone tone) { return tone == Tone::accent ? "accent" : "counter"; }

// Names of the series, above the plot from the left.
template <class Named>
void draw_legend(Svg& svg, const std::vector<Named>& series) {
  double x = kBox.left;
  for (const Named& one : series) {
    svg.rect(x, 9, 10, 10, {{"class", std::string(class_of(one.tone)) + " fill"}, {"rx", "2"}});
    svg.text(x + 16, 18, one.name, Anchor::start, {{"class", "tick"}});
    x += 16 + 7.2 * static_cast<double>(one.name.size()) + 18;
  }
}

void draw_series(Svg& svg, const Frame& frame, const Series& series) {
  std::vector<std::pair<double, double>> places;
  for (const auto& [x, y] : series.points) places.emplace_back(frame.x(x), frame.y(y));
  if (places.empty()) return;
  svg.path(polyline(places), {{"class", std::string(class_of(series.tone)) + " stroke"}});
  if (!series.markers) return;
  for (const auto& [x, y] : places)
    svg.circle(x, y, 3, {{"class", std::string(class_of(series.tone)) + " fill"}});
}

std::vector<double> bin_totals(const Histogram& histogram) {
  std::vector<double> totals;
  for (const Bars& bars : histogram.bars) {
    if (totals.empty()) totals.assign(bars.heights.size(), 0);
    if (bars.heights.size() != totals.size() || totals.empty())
      throw UsageError("plot: the bars of a histogram need the same number of bins, at least one");
    for (std::size_t b = 0; b < totals.size(); ++b) totals[b] += bars.heights[b];
  }
  if (totals.empty()) throw UsageError("plot: a histogram needs bars");
  return totals;
}

}  // namespace

std::string draw(const LinePlot& plot) {
  Svg svg(kWidth, kHeight, plot.caption.title, plot.caption.description);
  const Frame frame(kBox, plot.x, plot.y);
  frame.draw(svg);
  for (const ReferenceLine& reference : plot.references) {
    const double y = frame.y(reference.y);
    svg.line(kBox.left, y, kBox.left + kBox.width, y, {{"class", "reference"}});
    svg.text(kBox.left + kBox.width, y - 6, reference.label, Anchor::end, {{"class", "tick"}});
  }
  for (const Series& series : plot.series) draw_series(svg, frame, series);
  draw_legend(svg, plot.series);
  return svg.str();
}

std::string draw(const Histogram& histogram) {
  std::vector<double> totals = bin_totals(histogram);
  const double highest = std::max(1.0, *std::max_element(totals.begin(), totals.end()));
  Svg svg(kWidth, kHeight, histogram.caption.title, histogram.caption.description);
  const Frame frame(kBox, histogram.x, {histogram.y_title, 0, 1.05 * highest, Scale::linear});
  frame.draw(svg);

  const double bins = static_cast<double>(totals.size());
  const double step = (histogram.x.high - histogram.x.low) / bins;
  std::vector<double> base(totals.size(), 0);
  for (const Bars& bars : histogram.bars)
    for (std::size_t b = 0; b < base.size(); ++b) {
      if (bars.heights[b] <= 0) continue;
      const double left = frame.x(histogram.x.low + static_cast<double>(b) * step);
      const double bottom = frame.y(base[b]);
      base[b] += bars.heights[b];
      const double top = frame.y(base[b]);
      svg.rect(left + 0.75, top, kBox.width / bins - 1.5, bottom - top,
               {{"class", std::string(class_of(bars.tone)) + " fill"}});
    }
  draw_legend(svg, histogram.bars);
  return svg.str();
}

}  // namespace ntk::report
