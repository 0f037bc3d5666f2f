#include "src/io/delimited.h"

#include "ntk/error.h"

namespace ntk {
namespace {

constexpr std::size_t kLongestField = std::size_t{1} << 20;

std::string_view without_outer_spaces(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

}  // namespace

DelimitedText::DelimitedText(const ByteSource& source, char delimiter)
    : name_(source.name()), window_(source), delimiter_(delimiter) {
  if (window_.follows("\xff\xfe") || window_.follows("\xfe\xff"))
    fail(1, "it begins as UTF-16 does; save the file as UTF-8");
}

bool DelimitedText::next(Field& field) {
  if (column_ == 0 && !skip_blank_lines()) return false;
  field.line = line_;
  field.column = ++column_;
  window_.mark();
  while (!window_.at_end() && window_.peek() == ' ') window_.advance(1);
  const bool quoted = !window_.at_end() && window_.peek() == '"';
  field.text = quoted ? quoted_field() : plain_field();
  end_field(field);
  return true;
}

// Blank lines may stand at the end only: elsewhere a row may be missing. False at the end.
bool DelimitedText::skip_blank_lines() {
  const std::int64_t first = line_;
  for (;;) {
    window_.mark();
    if (window_.at_end()) return false;
    const bool lf = window_.peek() == '\n';
    if (!lf && !window_.follows("\r\n")) break;
    window_.advance(lf ? 1 : 2);
    ++line_;
  }
  if (line_ != first) fail(first, "it is blank, but rows follow it; fill it in or take it out");
  return true;
}

std::string_view DelimitedText::quoted_field() {
  const std::int64_t opened = line_;
  window_.advance(1);
  unquoted_.clear();
  for (;;) {
    if (window_.at_end()) fail(opened, "a quote is opened and never closed");
    window_.mark();  // what came before lies in unquoted_
    const std::string_view rest = window_.rest();
    const std::size_t length = std::min(rest.find('"'), rest.size());
    for (const char c : rest.substr(0, length)) line_ += c == '\n' ? 1 : 0;
    unquoted_.append(rest.substr(0, length));
    window_.advance(length);
    if (unquoted_.size() > kLongestField) require_short(opened);
    if (length == rest.size()) continue;
    window_.advance(1);
    if (window_.at_end() || window_.peek() != '"') break;
    unquoted_ += '"';
    window_.advance(1);
  }
  while (!window_.at_end() && window_.peek() == ' ') window_.advance(1);
  window_.follows("\r\n");  // both are at hand then, if they are there
  return unquoted_;
}

std::string_view DelimitedText::plain_field() {
  do {
    const std::string_view rest = window_.rest();
    std::size_t length = 0;
    while (length < rest.size() && rest[length] != delimiter_ && rest[length] != '\n' &&
           rest[length] != '"')
      ++length;
    window_.advance(length);
    if (window_.marked().size() > kLongestField) require_short(line_);
    if (length < rest.size()) break;
  } while (window_.read_more());
  if (!window_.at_end() && window_.peek() == '"')
    fail(line_, "column " + std::to_string(column_) +
                    ": a quote stands inside of a field; quote the whole field and double it");
  const bool at_line_end = window_.at_end() || window_.peek() == '\n';
  std::string_view text = window_.marked();
  if (at_line_end && text.ends_with('\r')) text.remove_suffix(1);
  return without_outer_spaces(text);
}

// Goes past the delimiter or the line's end. The marked text stays: nothing is read.
void DelimitedText::end_field(Field& field) {
  field.ends_record = true;
  const std::string_view rest = window_.rest();
  if (!rest.empty() && rest[0] == delimiter_) {
    field.ends_record = false;
    return window_.advance(1);
  }
  column_ = 0;
  if (rest.empty()) return;
  const std::size_t end = rest[0] == '\r' && rest.substr(1).starts_with('\n') ? 1 : 0;
  const bool torn = rest[0] == '\r' && rest.size() == 1;  // "\r" as the last byte of the text
  if (rest[end] != '\n' && !torn)
    fail(line_, "column " + std::to_string(field.column) +
                    ": text follows a closing quote; a quote in a quoted field is doubled");
  window_.advance(end + 1);
  ++line_;
}

void DelimitedText::require_short(std::int64_t line) const {
  fail(line, "a field is longer than 1 MiB; is there a quote that is not closed?");
}

void DelimitedText::fail(std::int64_t line, const std::string& what) const {
  throw DataError(name_ + ": line " + std::to_string(line) + ": " + what);
}

}  // namespace ntk
