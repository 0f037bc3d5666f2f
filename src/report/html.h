// A report as one HTML file that needs nothing else: style and drawings are inside, nothing is
// fetched, and light or dark follows the reader's system.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/report/table.h"

namespace ntk::report {

class HtmlPage {
 public:
  HtmlPage(std::string title, std::string subtitle);

  // Large numbers in one line: {"99.2 %", "of 500 held-out digits are right"}.
  void add_figures_of_merit(const std::vector<std::pair<std::string, std::string>>& figures);
  void add_heading(std::string_view text);
  void add_paragraph(std::string_view text);
  void add_code(std::string_view text);
  void add_table(const Table& table);
  // A drawing with its caption; `numbers` are folded away beneath it.
  void add_figure(std::string_view svg, std::string_view caption, const Table* numbers = nullptr);

  std::string str() const;

 private:
  std::string title_, subtitle_, body_;
};

}  // namespace ntk::report
