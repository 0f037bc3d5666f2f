#include "src/report/svg.h"

#include <gtest/gtest.h>

#include <cmath>

#include "ntk/error.h"

namespace ntk::report {
namespace {

TEST(Svg, MarkupInTextIsEscaped) {
  EXPECT_EQ(escape_markup("<a href=\"x\">'&'</a>"),
            "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;");
  EXPECT_EQ(escape_markup(std::string("a\0b\x1b", 4)), "ab");
}

TEST(Svg, CoordinatesAreShort) {
  EXPECT_EQ(coordinate(3), "3");
  EXPECT_EQ(coordinate(0.125), "0.12");
  EXPECT_EQ(coordinate(2.50), "2.5");
  EXPECT_EQ(coordinate(-0.001), "0");
  EXPECT_EQ(coordinate(100), "100");
}

TEST(Svg, RefusesACoordinateThatIsNotFinite) { EXPECT_THROW(coordinate(std::nan("")), UsageError); }

TEST(Svg, CarriesItsTextAlternative) {
  Svg svg(10, 20, "Title & more", "What is seen");
  svg.rect(1, 2, 3, 4, {{"class", "ink"}});
  const std::string text = svg.str();
  EXPECT_EQ(text,
            "<svg role=\"img\" viewBox=\"0 0 10 20\" width=\"10\" height=\"20\">\n"
            "<title>Title &amp; more</title>\n<desc>What is seen</desc>\n"
            "<rect x=\"1\" y=\"2\" width=\"3\" height=\"4\" class=\"ink\"/>\n</svg>\n");
}

TEST(Svg, APathGoesThroughItsPoints) {
  EXPECT_EQ(polyline({{0, 1}, {2.5, 3}}), "M0 1L2.5 3");
  EXPECT_EQ(polyline({}), "");
}

}  // namespace
}  // namespace ntk::report
