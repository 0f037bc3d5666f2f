// The fields of a .csv or .tsv text (RFC 4180), one after the other.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "src/io/text_window.h"

namespace ntk {

struct Field {
  std::string_view text;    // without quotes and outer spaces; valid until the next field is read
  std::int64_t line = 0;    // where it begins, counted from 1
  std::int64_t column = 0;  // counted from 1
  bool ends_record = false;
};

// Fields may be quoted: then a quote in them is doubled, and delimiters and line ends belong to the
// text. Lines end in LF or CRLF; a byte order mark of UTF-8 and blank lines at the end are passed
// over. Throws DataError naming the line for blank lines in between and for misplaced quotes.
class DelimitedText {
 public:
  DelimitedText(const ByteSource& source, char delimiter);

  bool next(Field& field);  // false at the end

 private:
  bool skip_blank_lines();
  std::string_view quoted_field();
  std::string_view plain_field();
  void end_field(Field& field);
  void require_short(std::int64_t line) const;
  [[noreturn]] void fail(std::int64_t line, const std::string& what) const;

  const std::string& name_;
  TextWindow window_;
  char delimiter_;
  std::int64_t line_ = 1;
  std::int64_t column_ = 0;  // of the field read last; 0 at the start of a record
  std::string unquoted_;
};

}  // namespace ntk
