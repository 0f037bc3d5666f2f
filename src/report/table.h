// Tables of text, for the terminal and for the report: the numbers in a column end at the same
// place.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace ntk::report {

enum class Align { left, right };

struct Column {
  std::string title;
  Align align = Align::left;
};

class Table {
 public:
  // A table without titles is a list of facts: its text form has no head.
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  // As many cells as columns; throws UsageError otherwise.
  void add_row(std::vector<std::string> cells);

  const std::vector<Column>& columns() const { return columns_; }
  const std::vector<std::vector<std::string>>& rows() const { return rows_; }

  // Lines ending in '\n', columns two spaces apart, no blanks at a line's end.
  std::string to_text(std::size_t indent = 0) const;
  std::string to_html() const;

 private:
  bool has_titles() const;
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

// Width on a terminal of UTF-8 text without wide or combining characters.
std::size_t display_width(const std::string& text);

}  // namespace ntk::report
