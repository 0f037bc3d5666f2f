#include "src/report/demo_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stack>

#include "src/report/html.h"

namespace ntk::report {
namespace {

using testing::HasSubstr;
using testing::Not;

struct Sample {
  std::vector<double> images = {0, 1, 1, 0, 1, 0, 0, 1, 0.5, 0.5, 0.5, 0.5};
  std::vector<std::int64_t> y_train = {1, 0, 1};
  std::vector<double> ntk = {2, 0.5, 1, 0.5, 2, 0.5, 1, 0.5, 2};

  DemoResults results() const {
    DemoResults results;
    results.network = "serial(Flatten(), Dense(1))";
    results.device = "cpu <test>";
    results.ridge = 0.01;
    results.seconds = {{"fit", 0.25}, {"predict", 0.5}};
    results.classes = {0, 1};
    results.x_test = view_of(images.data(), {3, 2, 2});
    results.y_train = view_of(y_train.data(), {3});
    results.verdicts = {{0, 0, 0.9}, {1, 1, 0.4}, {1, 0, 0.1}};
    results.ntk = view_of(ntk.data(), {3, 3});
    results.eigenvalues = {1, 1.7, 3.3};
    results.training = {{1, 0.5, 0.4}, {10, 1, 0.7}};
    return results;
  }
};

// Every element is closed, in order. Void elements and self-closed ones do not count.
bool is_balanced(const std::string& html) {
  std::stack<std::string> open;
  for (std::size_t at = html.find('<'); at != std::string::npos; at = html.find('<', at + 1)) {
    const std::size_t end = html.find('>', at);
    if (end == std::string::npos) return false;
    const std::string tag = html.substr(at + 1, end - at - 1);
    const std::string name = tag.substr(tag[0] == '/' ? 1 : 0);
    const std::string word = name.substr(0, name.find(' '));
    if (word == "!DOCTYPE" || word == "meta" || tag.back() == '/') continue;
    if (tag[0] != '/') {
      open.push(word);
      continue;
    }
    if (open.empty() || open.top() != word) return false;
    open.pop();
  }
  return open.empty();
}

TEST(DemoReport, IsOnePageThatNeedsNothingElse) {
  const std::string page = demo_report(Sample().results());
  EXPECT_TRUE(is_balanced(page));
  for (const char* outside : {"http:", "https:", "src=", "@import", "url(", "<script", "<link"})
    EXPECT_THAT(page, Not(HasSubstr(outside)));
}

TEST(DemoReport, FollowsTheReadersLightOrDark) {
  EXPECT_THAT(demo_report(Sample().results()), HasSubstr("prefers-color-scheme: dark"));
}

TEST(DemoReport, TellsTheNumbers) {
  const std::string page = demo_report(Sample().results());
  for (const char* fact : {"66.7 %", "750 ms", "serial(Flatten(), Dense(1))", "cpu &lt;test&gt;",
                           "1, read as 0", "ridge 0.0100"})
    EXPECT_THAT(page, HasSubstr(fact));
}

TEST(DemoReport, EveryFigureHasATextAlternativeAndItsNumbers) {
  const std::string page = demo_report(Sample().results());
  std::size_t figures = 0;
  for (std::size_t at = page.find("<figure>"); at != std::string::npos;
       at = page.find("<figure>", at + 1)) {
    const std::string figure = page.substr(at, page.find("</figure>", at) - at);
    EXPECT_THAT(figure, HasSubstr("<title>"));
    EXPECT_THAT(figure, HasSubstr("<desc>"));
    EXPECT_THAT(figure, HasSubstr("<table>"));
    ++figures;
  }
  EXPECT_EQ(figures, 6u);
}

TEST(HtmlPage, EscapesWhatItIsGiven) {
  HtmlPage page("<title>", "a & b");
  page.add_paragraph("1 < 2");
  page.add_code("<script>");
  const std::string html = page.str();
  EXPECT_TRUE(is_balanced(html));
  EXPECT_THAT(html, HasSubstr("<h1>&lt;title&gt;</h1>"));
  EXPECT_THAT(html, HasSubstr("<p>1 &lt; 2</p>"));
  EXPECT_THAT(html, HasSubstr("<code>&lt;script&gt;</code>"));
}

}  // namespace
}  // namespace ntk::report
