#include "src/report/axes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ntk/error.h"

namespace ntk::report {
namespace {

using testing::DoubleEq;
using testing::ElementsAre;

TEST(Axes, LinearTicksAreRoundAndInside) {
  EXPECT_THAT(ticks({"", 0, 1, Scale::linear}, 5),
              ElementsAre(DoubleEq(0), DoubleEq(0.2), DoubleEq(0.2 * 2), DoubleEq(0.2 * 3),
                          DoubleEq(0.2 * 4), DoubleEq(1)));
  EXPECT_THAT(ticks({"", 3, 97, Scale::linear}, 5), ElementsAre(20, 40, 60, 80));
}

TEST(Axes, LogarithmicTicksArePowersOfTen) {
  EXPECT_THAT(ticks({"", 1, 1297, Scale::logarithmic}), ElementsAre(1, 10, 100, 1000));
  EXPECT_LE(ticks({"", 1e-12, 1e12, Scale::logarithmic}).size(), 7u);
}

TEST(Axes, LabelsHaveAsManyDecimalsAsTheStep) {
  EXPECT_EQ(tick_label({"", 0, 1, Scale::linear}, 0.2), "0.2");
  EXPECT_EQ(tick_label({"", 0.9, 1, Scale::linear}, 0.94), "0.94");
  EXPECT_EQ(tick_label({"", 0, 6000, Scale::linear}, 2000), "2,000");
  EXPECT_EQ(tick_label({"", 1e-5, 10, Scale::logarithmic}, 1e-3), "10⁻³");
}

TEST(Axes, ValuesAreMappedOntoTheBox) {
  const Frame frame({10, 20, 100, 50}, {"x", 1, 100, Scale::logarithmic},
                    {"y", 0, 2, Scale::linear});
  EXPECT_DOUBLE_EQ(frame.x(1), 10);
  EXPECT_DOUBLE_EQ(frame.x(10), 60);
  EXPECT_DOUBLE_EQ(frame.x(100), 110);
  EXPECT_DOUBLE_EQ(frame.y(0), 70);
  EXPECT_DOUBLE_EQ(frame.y(2), 20);
}

TEST(Axes, RefuseARangeThatIsNone) {
  EXPECT_THROW(ticks({"", 1, 1, Scale::linear}), UsageError);
  EXPECT_THROW(ticks({"", 0, 1, Scale::logarithmic}), UsageError);
}

TEST(Axes, DrawingNamesBothAxes) {
  Svg svg(200, 100, "", "");
  Frame({60, 10, 100, 50}, {"time in s", 0, 1}, {"loss", 0, 1}).draw(svg);
  EXPECT_NE(svg.str().find(">time in s<"), std::string::npos);
  EXPECT_NE(svg.str().find(">loss<"), std::string::npos);
}

}  // namespace
}  // namespace ntk::report
