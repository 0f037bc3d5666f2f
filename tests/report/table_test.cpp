#include "src/report/table.h"

#include <gtest/gtest.h>

#include "ntk/error.h"

namespace ntk::report {
namespace {

TEST(Table, ColumnsLineUpAndNumbersEndTogether) {
  Table table({{"step"}, {"time", Align::right}});
  table.add_row({"fit", "9.00 ms"});
  table.add_row({"predict", "120 ms"});
  EXPECT_EQ(table.to_text(),
            "step        time\n"
            "fit      9.00 ms\n"
            "predict   120 ms\n");
}

TEST(Table, WithoutTitlesThereIsNoHead) {
  Table table({{""}, {""}});
  table.add_row({"device", "cpu"});
  EXPECT_EQ(table.to_text(2), "  device  cpu\n");
}

TEST(Table, LettersBeyondAsciiTakeOneColumn) {
  EXPECT_EQ(display_width("12.3 µs"), 7u);
  Table table({{"", Align::right}, {""}});
  table.add_row({"µs", "a"});
  table.add_row({"long", "b"});
  EXPECT_EQ(table.to_text(), "  µs  a\nlong  b\n");
}

TEST(Table, LinesDoNotEndInBlanks) {
  Table table({{"a"}, {"b"}});
  table.add_row({"x", ""});
  EXPECT_EQ(table.to_text(), "a  b\nx\n");
}

TEST(Table, RefusesARowOfAnotherWidth) {
  Table table({{"a"}, {"b"}});
  EXPECT_THROW(table.add_row({"x"}), UsageError);
}

TEST(Table, HtmlEscapesWhatCellsSay) {
  Table table({{"<a>", Align::right}});
  table.add_row({"1 & 2"});
  const std::string html = table.to_html();
  EXPECT_NE(html.find("<th scope=\"col\" class=\"number\">&lt;a&gt;</th>"), std::string::npos);
  EXPECT_NE(html.find("<td class=\"number\">1 &amp; 2</td>"), std::string::npos);
}

}  // namespace
}  // namespace ntk::report
