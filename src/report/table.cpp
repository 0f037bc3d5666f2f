#include "src/report/table.h"

#include <algorithm>

#include "ntk/error.h"
#include "src/report/svg.h"

namespace ntk::report {
namespace {

std::string padded(const std::string& text, std::size_t width, Align align) {
  const std::string blanks(width - std::min(width, display_width(text)), ' ');
  return align == Align::right ? blanks + text : text + blanks;
}

const char* html_class(Align align) { return align == Align::right ? " class=\"number\"" : ""; }

}  // namespace

std::size_t display_width(const std::string& text) {
  const auto starts_character = [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  };
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), starts_character));
}

void Table::add_row(std::vector<std::string> cells) {
  if (cells.size() != columns_.size())
    throw UsageError("table: a row of " + std::to_string(cells.size()) + " cells does not fit " +
                     std::to_string(columns_.size()) + " columns");
  rows_.push_back(std::move(cells));
}

bool Table::has_titles() const {
  return std::any_of(columns_.begin(), columns_.end(),
                     [](const Column& c) { return !c.title.empty(); });
}

std::string Table::to_text(std::size_t indent) const {
  std::vector<std::vector<std::string>> lines = rows_;
  if (has_titles()) {
    std::vector<std::string> titles;
    for (const Column& column : columns_) titles.push_back(column.title);
    lines.insert(lines.begin(), titles);
  }
  std::vector<std::size_t> widths(columns_.size(), 0);
  for (const auto& line : lines)
    for (std::size_t c = 0; c < line.size(); ++c)
      widths[c] = std::max(widths[c], display_width(line[c]));

  std::string text;
  for (const auto& cells : lines) {
    std::string line(indent, ' ');
    for (std::size_t c = 0; c < cells.size(); ++c)
      line += (c == 0 ? "" : "  ") + padded(cells[c], widths[c], columns_[c].align);
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + '\n';
  }
  return text;
}

std::string Table::to_html() const {
  std::string html = "<table>\n";
  if (has_titles()) {
    html += "<thead><tr>";
    for (const Column& column : columns_)
      html += std::string("<th scope=\"col\"") + html_class(column.align) + ">" +
              escape_markup(column.title) + "</th>";
    html += "</tr></thead>\n";
  }
  html += "<tbody>\n";
  for (const auto& cells : rows_) {
    html += "<tr>";
    for (std::size_t c = 0; c < cells.size(); ++c)
      html += std::string("<td") + html_class(columns_[c].align) + ">" + escape_markup(cells[c]) +
              "</td>";
    html += "</tr>\n";
  }
  return html + "</tbody>\n</table>\n";
}

}  // namespace ntk::report
