// The figures of a report. Each function returns an <svg> element that carries its own text
// alternative and takes its colours from the style sheet of src/report/html.h.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "ntk/array.h"
#include "src/report/axes.h"

namespace ntk::report {

struct Caption {  // the text alternative
  std::string title, description;
};

// How a series looks: the accent for what matters, the second colour for its counterpart.
enum class Tone { accent, counter };

struct Series {
  std::string name;
  Tone tone = Tone::accent;
  std::vector<std::pair<double, double>> points;
  bool markers = false;
};

struct ReferenceLine {  // across the plot, at this value of the vertical axis
  double y;
  std::string label;
};

struct LinePlot {
  Caption caption;
  Axis x, y;
  std::vector<Series> series;
  std::vector<ReferenceLine> references;
};
std::string draw(const LinePlot& plot);

struct Bars {
  std::string name;
  Tone tone = Tone::accent;
  std::vector<double> heights;  // one a bin
};

// Bins of equal width over the x axis; the bars of a bin stand on each other.
struct Histogram {
  Caption caption;
  Axis x;
  std::string y_title;
  std::vector<Bars> bars;
};
std::string draw(const Histogram& histogram);

// A square matrix of numbers as shades. `groups`: the name and the number of rows of each group
// that follow one another along both axes; they add up to `size` (in any unit).
struct HeatMap {
  Caption caption;
  std::int64_t size = 0;
  std::vector<double> cells;  // size x size
  std::vector<std::pair<std::string, double>> groups;
  std::string axis_title, value_title;
};
std::string draw(const HeatMap& map);

// Means over blocks of the rows and columns of a square matrix, taken in this order; `blocks` x
// `blocks` of them. Rows are spread over the blocks as evenly as they go.
std::vector<double> block_means(const ArrayView& matrix, const std::vector<std::int64_t>& order,
                                std::int64_t blocks);

struct ConfusionMatrix {
  Caption caption;
  std::vector<std::string> classes;
  std::vector<std::int64_t> counts;  // row: true class, column: predicted class
};
std::string draw(const ConfusionMatrix& matrix);

struct Tile {
  std::vector<double> pixels;  // rows x columns, 0 is paper and 1 is ink
  std::string label;
  bool marked = false;  // drawn in the second colour
};
struct Tiles {
  Caption caption;
  std::int64_t rows = 0, columns = 0;  // of an image
  std::vector<Tile> tiles;
};
std::string draw(const Tiles& tiles);

}  // namespace ntk::report
