// Tables in .csv and .tsv files: columns of numbers, or of text.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ntk/array.h"
#include "ntk/io.h"
#include "src/io/delimited.h"

namespace ntk {

// Looks through the whole file once and keeps its layout only; each question for values reads the
// file again. The source must outlive the table. Throws DataError for a file without rows and for
// rows that differ in length.
//
// The first line is a header if it holds text where the second line holds numbers. A file that is
// to be asked for columns by name has one, too, if the first line holds such a name. A first line
// that holds both text and numbers there may be either, which is an error.
class CsvTable {
 public:
  CsvTable(const ByteSource& source, char delimiter, Header header, const std::string& columns);

  std::int64_t rows() const { return rows_; }
  std::size_t column_count() const { return columns_; }
  bool has_header() const { return has_header_; }
  // Of the header, or else "1", "2", ...
  std::string name_of(std::size_t column) const;

  // "name", or "name,name": the columns of these names. Throws DataError listing what there is.
  std::vector<std::size_t> find(const std::string& columns) const;
  // Whether the first row's value is text. Throws where it is missing.
  bool is_text(std::size_t column) const { return is_text_[column]; }

  // rows x columns of float32 or float64. Throws DataError naming line and column of what is no
  // finite number.
  Array numbers(const std::vector<std::size_t>& columns, DType dtype) const;
  // Throws DataError naming the line of a value that is missing, a number, or not readable.
  std::vector<std::string> texts(std::size_t column) const;

 private:
  class Layout;
  template <class T>
  void read_numbers(const std::vector<std::size_t>& columns, T* to) const;
  template <class Visit>
  void for_each_field(Visit visit) const;
  [[noreturn]] void refuse(const Field& field, const std::string& what) const;

  const ByteSource& source_;
  char delimiter_;
  std::int64_t rows_ = 0;
  std::size_t columns_ = 0;
  bool has_header_ = false;
  std::vector<std::string> names_;  // empty without a header
  std::vector<bool> is_text_;
};

}  // namespace ntk
