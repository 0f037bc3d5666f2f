#include "src/report/figures.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ntk/error.h"

namespace ntk::report {
namespace {

using testing::DoubleEq;
using testing::ElementsAre;
using testing::HasSubstr;

std::size_t count_of(const std::string& text, const std::string& what) {
  std::size_t count = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1))
    ++count;
  return count;
}

TEST(Figures, BlockMeansFollowTheOrder) {
  const std::vector<double> matrix = {0,  1,  2,  3,   //
                                      4,  5,  6,  7,   //
                                      8,  9,  10, 11,  //
                                      12, 13, 14, 15};
  // Rows and columns 0 and 2, then 1 and 3.
  EXPECT_THAT(block_means(view_of(matrix.data(), {4, 4}), {0, 2, 1, 3}, 2),
              ElementsAre(DoubleEq(5), DoubleEq(6), DoubleEq(9), DoubleEq(10)));
}

TEST(Figures, UnevenBlocksAreStillMeans) {
  const std::vector<float> ones(25, 1.0F);
  for (const double mean : block_means(view_of(ones.data(), {5, 5}), {0, 1, 2, 3, 4}, 3))
    EXPECT_EQ(mean, 1.0);
}

TEST(Figures, BlockMeansRefuseMoreBlocksThanRows) {
  const std::vector<double> matrix = {1};
  EXPECT_THROW(block_means(view_of(matrix.data(), {1, 1}), {0}, 2), UsageError);
}

TEST(Figures, AHeatMapShowsItsExtremesAndGroups) {
  HeatMap map;
  map.caption = {"Map", "About it"};
  map.size = 2;
  map.cells = {0.25, 1, 1, 4};
  map.groups = {{"cats", 1}, {"dogs", 1}};
  map.axis_title = "samples";
  map.value_title = "kernel";
  const std::string svg = draw(map);
  for (const char* word : {"<title>Map</title>", "<desc>About it</desc>", ">cats<", ">dogs<",
                           ">samples<", ">kernel<", ">0.250<", ">4.00<"})
    EXPECT_THAT(svg, HasSubstr(word));
}

TEST(Figures, AHeatMapOfOneValueIsDrawn) {
  HeatMap map;
  map.size = 1;
  map.cells = {2};
  EXPECT_THAT(draw(map), HasSubstr("crisp"));
}

TEST(Figures, AHistogramHasABarForEachCount) {
  Histogram histogram;
  histogram.x = {"margin", 0, 3, Scale::linear};
  histogram.bars = {{"wrong", Tone::counter, {1, 0, 0}}, {"right", Tone::accent, {2, 0, 5}}};
  const std::string svg = draw(histogram);
  EXPECT_EQ(count_of(svg, "class=\"accent fill\""), 2u + 1);  // and the legend
  EXPECT_EQ(count_of(svg, "class=\"counter fill\""), 1u + 1);
}

TEST(Figures, AHistogramRefusesBarsOfDifferentLength) {
  Histogram histogram;
  histogram.bars = {{"a", Tone::accent, {1}}, {"b", Tone::counter, {1, 2}}};
  EXPECT_THROW(draw(histogram), UsageError);
}

TEST(Figures, AConfusionMatrixShowsItsCounts) {
  ConfusionMatrix matrix;
  matrix.classes = {"a", "b"};
  matrix.counts = {41, 0, 7, 1234};
  const std::string svg = draw(matrix);
  EXPECT_THAT(svg, HasSubstr(">41<"));
  EXPECT_THAT(svg, HasSubstr(">7<"));
  EXPECT_THAT(svg, HasSubstr(">1,234<"));
  EXPECT_EQ(count_of(svg, "class=\"count\""), 3u);  // none for zero
}

TEST(Figures, ALinePlotNamesItsSeriesAndLines) {
  LinePlot plot;
  plot.x = {"index", 1, 100, Scale::logarithmic};
  plot.y = {"eigenvalue", 0.1, 10, Scale::logarithmic};
  plot.series = {{"spectrum", Tone::accent, {{1, 10}, {100, 0.1}}, true}};
  plot.references = {{1, "ridge 1.00"}};
  const std::string svg = draw(plot);
  for (const char* word : {">spectrum<", ">index<", ">eigenvalue<", ">ridge 1.00<", "<circle"})
    EXPECT_THAT(svg, HasSubstr(word));
}

TEST(Figures, TilesRefuseImagesOfAnotherSize) {
  Tiles tiles;
  tiles.rows = 2;
  tiles.columns = 2;
  tiles.tiles = {{{0, 1, 0}, "3 pixels", false}};
  EXPECT_THROW(draw(tiles), UsageError);
}

}  // namespace
}  // namespace ntk::report
