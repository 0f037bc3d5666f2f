// Heat maps, confusion matrices and images.
#include <algorithm>
#include <array>
#include <cmath>

#include "ntk/error.h"
#include "src/report/figures.h"
#include "src/report/number.h"

namespace ntk::report {
namespace {

constexpr int kShades = 32;

// Opacity of the ink for a shade: the lightest still shows against the paper.
std::string opacity(double shade) { return coordinate(0.03 + 0.97 * shade); }

template <class T>
std::vector<double> sum_blocks(const ArrayView& matrix, const std::vector<std::int64_t>& order,
                               std::int64_t blocks) {
  const T* data = matrix.as<T>();
  const auto n = static_cast<std::int64_t>(order.size());
  const std::int64_t stride = matrix.shape[1];
  std::vector<double> sums(static_cast<std::size_t>(blocks * blocks), 0);
  for (std::int64_t i = 0; i < n; ++i)
    for (std::int64_t j = 0; j < n; ++j)
      sums[static_cast<std::size_t>(i * blocks / n * blocks + j * blocks / n)] +=
          static_cast<double>(data[order[static_cast<std::size_t>(i)] * stride +
                                   order[static_cast<std::size_t>(j)]]);
  return sums;
}

// All cells of one shade are one path: a hundred times less text than a rectangle each.
std::array<std::string, kShades> shade_paths(const HeatMap& map, double low, double high,
                                             double side) {
  std::array<std::string, kShades> paths;
  const double cell = side / static_cast<double>(map.size);
  for (std::int64_t i = 0; i < map.size; ++i)
    for (std::int64_t j = 0; j < map.size; ++j) {
      const double value = map.cells[static_cast<std::size_t>(i * map.size + j)];
      const double part = high > low ? (value - low) / (high - low) : 0.5;
      const int shade = std::clamp(static_cast<int>(part * kShades), 0, kShades - 1);
      paths[static_cast<std::size_t>(shade)] += "M" + coordinate(static_cast<double>(j) * cell) +
                                                " " + coordinate(static_cast<double>(i) * cell) +
                                                "h" + coordinate(cell) + "v" + coordinate(cell) +
                                                "h" + coordinate(-cell) + "z";
    }
  return paths;
}

void draw_scale(Svg& svg, double x, double y, double height, double low, double high,
                const std::string& title) {
  const double step = height / kShades;
  for (int s = 0; s < kShades; ++s)
    svg.rect(x, y + height - (s + 1) * step, 12, step,
             {{"class", "ink"}, {"fill-opacity", opacity((s + 0.5) / kShades)}});
  svg.text(x + 18, y + 9, format_significant(high, 3), Anchor::start, {{"class", "tick"}});
  svg.text(x + 18, y + height, format_significant(low, 3), Anchor::start, {{"class", "tick"}});
  svg.vertical_text(x + 30, y + height / 2, title, {{"class", "title"}});
}

void draw_groups(Svg& svg, const HeatMap& map, double side) {
  double total = 0;
  for (const auto& [name, size] : map.groups) total += size;
  double begin = 0;
  for (const auto& [name, size] : map.groups) {
    const double from = begin / total * side;
    const double middle = (begin + size / 2) / total * side;
    if (begin > 0) {
      svg.line(from, 0, from, side, {{"class", "divide"}});
      svg.line(0, from, side, from, {{"class", "divide"}});
    }
    svg.text(middle, side + 16, name, Anchor::middle, {{"class", "tick"}});
    svg.text(-8, middle + 4, name, Anchor::end, {{"class", "tick"}});
    begin += size;
  }
}

}  // namespace

std::vector<double> block_means(const ArrayView& matrix, const std::vector<std::int64_t>& order,
                                std::int64_t blocks) {
  const auto n = static_cast<std::int64_t>(order.size());
  if (matrix.shape.size() != 2 || matrix.shape[0] != n || matrix.shape[1] != n ||
      !matrix.is_row_major() || blocks < 1 || blocks > n)
    throw UsageError(
        "plot: block means need a square row-major matrix, an order of its rows, and "
        "at most as many blocks as rows");
  std::vector<double> means = matrix.dtype == DType::float32
                                  ? sum_blocks<float>(matrix, order, blocks)
                                  : sum_blocks<double>(matrix, order, blocks);
  std::vector<double> members(static_cast<std::size_t>(blocks), 0);
  for (std::int64_t i = 0; i < n; ++i) ++members[static_cast<std::size_t>(i * blocks / n)];
  for (std::size_t b = 0; b < means.size(); ++b)
    means[b] /= members[b / members.size()] * members[b % members.size()];
  return means;
}

std::string draw(const HeatMap& map) {
  if (map.size < 1 || map.cells.size() != static_cast<std::size_t>(map.size * map.size))
    throw UsageError("plot: a heat map needs size x size cells");
  constexpr double kSide = 440;
  const auto [low, high] = std::minmax_element(map.cells.begin(), map.cells.end());
  Svg svg(640, 512, map.caption.title, map.caption.description);
  svg.begin_group(64, 12);
  const auto paths = shade_paths(map, *low, *high, kSide);
  for (int s = 0; s < kShades; ++s)
    if (!paths[static_cast<std::size_t>(s)].empty())
      svg.path(paths[static_cast<std::size_t>(s)],
               {{"class", "ink crisp"}, {"fill-opacity", opacity((s + 0.5) / kShades)}});
  draw_groups(svg, map, kSide);
  svg.text(kSide / 2, kSide + 40, map.axis_title, Anchor::middle, {{"class", "title"}});
  svg.vertical_text(-40, kSide / 2, map.axis_title, {{"class", "title"}});
  draw_scale(svg, kSide + 28, 0, 160, *low, *high, map.value_title);
  svg.end_group();
  return svg.str();
}

std::string draw(const ConfusionMatrix& matrix) {
  const std::size_t k = matrix.classes.size();
  if (k == 0 || matrix.counts.size() != k * k)
    throw UsageError("plot: a confusion matrix needs classes x classes counts");
  constexpr double kCell = 40;
  const double side = kCell * static_cast<double>(k);
  const auto highest =
      std::max<std::int64_t>(1, *std::max_element(matrix.counts.begin(), matrix.counts.end()));
  Svg svg(side + 80, side + 64, matrix.caption.title, matrix.caption.description);
  svg.begin_group(64, 12);
  for (std::size_t i = 0; i < k; ++i) {
    const double y = kCell * static_cast<double>(i);
    for (std::size_t j = 0; j < k; ++j) {
      const double x = kCell * static_cast<double>(j);
      const auto count = matrix.counts[i * k + j];
      const double share = static_cast<double>(count) / static_cast<double>(highest);
      const char* tone = i == j ? "accent fill" : "counter fill";
      const double strength = count == 0 ? 0.05 : (i == j ? 0.12 + 0.3 * share : 0.45);
      svg.rect(x + 1, y + 1, kCell - 2, kCell - 2,
               {{"class", count == 0 ? "ink" : tone},
                {"fill-opacity", coordinate(strength)},
                {"rx", "3"}});
      if (count > 0)
        svg.text(x + kCell / 2, y + kCell / 2 + 5, format_count(count), Anchor::middle,
                 {{"class", "count"}});
    }
    svg.text(-8, y + kCell / 2 + 4, matrix.classes[i], Anchor::end, {{"class", "tick"}});
    svg.text(y + kCell / 2, side + 16, matrix.classes[i], Anchor::middle, {{"class", "tick"}});
  }
  svg.text(side / 2, side + 40, "predicted class", Anchor::middle, {{"class", "title"}});
  svg.vertical_text(-40, side / 2, "true class", {{"class", "title"}});
  svg.end_group();
  return svg.str();
}

std::string draw(const Tiles& tiles) {
  constexpr double kSize = 72;
  constexpr double kGap = 22;
  constexpr double kEdge = 2;
  constexpr std::size_t kPerLine = 7;
  const std::size_t lines = (tiles.tiles.size() + kPerLine - 1) / kPerLine;
  Svg svg(640, static_cast<double>(lines) * (kSize + 36), tiles.caption.title,
          tiles.caption.description);
  const double cell = kSize / static_cast<double>(std::max(tiles.rows, tiles.columns));
  for (std::size_t t = 0; t < tiles.tiles.size(); ++t) {
    const Tile& tile = tiles.tiles[t];
    if (tile.pixels.size() != static_cast<std::size_t>(tiles.rows * tiles.columns))
      throw UsageError("plot: a tile needs rows x columns pixels");
    svg.begin_group(kEdge + static_cast<double>(t % kPerLine) * (kSize + kGap),
                    kEdge + static_cast<double>(t / kPerLine) * (kSize + 36), tile.label);
    for (std::int64_t p = 0; p < tiles.rows * tiles.columns; ++p) {
      const double ink = std::clamp(tile.pixels[static_cast<std::size_t>(p)], 0.0, 1.0);
      if (ink > 0)
        svg.rect(static_cast<double>(p % tiles.columns) * cell,
                 static_cast<double>(p / tiles.columns) * cell, cell, cell,
                 {{"class", "ink crisp"}, {"fill-opacity", coordinate(ink)}});
    }
    svg.rect(-1, -1, kSize + 2, kSize + 2,
             {{"class", tile.marked ? "frame counter stroke" : "frame"}, {"rx", "4"}});
    svg.text(kSize / 2, kSize + 18, tile.label, Anchor::middle, {{"class", "tick"}});
    svg.end_group();
  }
  return svg.str();
}

}  // namespace ntk::report
