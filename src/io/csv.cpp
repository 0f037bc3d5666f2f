#include "src/io/csv.h"

#include <algorithm>

#include "ntk/error.h"
#include "src/base/large_memory.h"
#include "src/io/number_text.h"
#include "src/io/utf8.h"

namespace ntk {
namespace {

constexpr std::size_t kMostColumns = std::size_t{1} << 20;
constexpr std::size_t kMostListed = 20;
constexpr std::size_t kWorthAsking = std::size_t{64} << 20;

NumberText kind_of(std::string_view text) {
  double unused = 0;
  return parse_number_text(text, unused);
}

std::vector<std::string> split_at_commas(const std::string& text) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  for (std::size_t comma = 0; comma != std::string::npos; begin = comma + 1) {
    comma = text.find(',', begin);
    parts.push_back(text.substr(begin, comma - begin));
  }
  return parts;
}

}  // namespace

// The first look at a file: how many rows and columns, and what the first two lines hold.
class CsvTable::Layout {
 public:
  explicit Layout(const CsvTable& table) : table_(table) {}

  void read() {
    DelimitedText text(table_.source_, table_.delimiter_);
    for (Field field; text.next(field);) {
      if (records <= 1) look_at(field);
      if (field.ends_record) end_record(field);
    }
  }

  bool is_header(Header wanted, const std::string& columns) const {
    if (wanted != Header::automatic) return wanted == Header::present;
    if (is_named_by(columns)) return true;
    if (records < 2) return false;
    std::size_t names = 0, numbers = 0;
    for (std::size_t c = 0; c < first_kinds.size(); ++c) {
      if (second_kinds[c] != NumberText::number) continue;
      names += first_kinds[c] == NumberText::other ? 1 : 0;
      numbers += first_kinds[c] == NumberText::number ? 1 : 0;
    }
    if (names > 0 && numbers > 0)
      throw DataError(table_.source_.name() +
                      ": line 1 holds both text and numbers where line 2 holds numbers: is it a "
                      "header? Say so with --header yes or no (ReadOptions::header)");
    return names > 0;
  }

  std::int64_t records = 0;
  std::vector<std::string> first;
  std::vector<NumberText> first_kinds, second_kinds;

 private:
  void look_at(const Field& field) {
    if (first.size() == kMostColumns && records == 0)
      table_.refuse(field,
                    "is past the " + std::to_string(kMostColumns) + " that a table may have");
    if (records == 0) first.emplace_back(field.text);
    (records == 0 ? first_kinds : second_kinds).push_back(kind_of(field.text));
  }

  void end_record(const Field& field) {
    if (field.column != static_cast<std::int64_t>(first.size()))
      throw DataError(table_.source_.name() + ": line " + std::to_string(field.line) + " (row " +
                      std::to_string(records + 1) + "): it has " + std::to_string(field.column) +
                      " fields, but the first row has " + std::to_string(first.size()) +
                      "; every row must have as many");
    ++records;
  }

  // A name that could be a position says nothing about a header.
  bool is_named_by(const std::string& columns) const {
    if (columns.empty()) return false;
    std::vector<std::string> asked = split_at_commas(columns);
    asked.push_back(columns);
    return std::any_of(asked.begin(), asked.end(), [&](const std::string& name) {
      return kind_of(name) == NumberText::other &&
             std::find(first.begin(), first.end(), name) != first.end();
    });
  }

  const CsvTable& table_;
};

CsvTable::CsvTable(const ByteSource& source, char delimiter, Header header,
                   const std::string& columns)
    : source_(source), delimiter_(delimiter) {
  Layout layout(*this);
  layout.read();
  has_header_ = layout.is_header(header, columns);
  columns_ = layout.first.size();
  rows_ = layout.records - (has_header_ ? 1 : 0);
  if (rows_ <= 0)
    throw DataError(source.name() + (has_header_ && layout.records > 0
                                         ? ": holds a header, but no rows"
                                         : ": is empty; expected a row for each sample"));
  const auto& kinds = has_header_ ? layout.second_kinds : layout.first_kinds;
  for (const NumberText kind : kinds) is_text_.push_back(kind == NumberText::other);
  if (has_header_) names_ = std::move(layout.first);
}

std::string CsvTable::name_of(std::size_t column) const {
  return names_.empty() ? std::to_string(column + 1) : names_[column];
}

std::vector<std::size_t> CsvTable::find(const std::string& columns) const {
  const auto places_of = [&](const std::string& name) {
    std::vector<std::size_t> places;
    for (std::size_t c = 0; c < columns_; ++c)
      if (name_of(c) == name) places.push_back(c);
    if (places.size() > 1)
      throw DataError(source_.name() + ": " + std::to_string(places.size()) +
                      " columns are named '" + name + "'; give them names of their own");
    return places;
  };
  std::vector<std::size_t> found = places_of(columns);
  if (!found.empty()) return found;
  for (const std::string& name : split_at_commas(columns)) {
    const std::vector<std::size_t> places = places_of(name);
    if (places.empty()) {
      std::string list;
      for (std::size_t c = 0; c < std::min(columns_, kMostListed); ++c)
        list.append(c > 0 ? ", " : "").append(name_of(c));
      if (columns_ > kMostListed)
        list.append(" and ").append(std::to_string(columns_ - kMostListed)).append(" more");
      std::string text = source_.name() + ": there is no column '" + name + "'; ";
      text.append(has_header_ ? "its header names " : "it has no header: columns are ")
          .append(list);
      throw DataError(text);
    }
    if (std::find(found.begin(), found.end(), places[0]) != found.end())
      throw DataError(source_.name() + ": the column '" + name + "' is asked for twice");
    found.push_back(places[0]);
  }
  return found;
}

// visit(field, row): all fields but those of the header, row counted from 0.
template <class Visit>
void CsvTable::for_each_field(Visit visit) const {
  DelimitedText text(source_, delimiter_);
  std::int64_t row = has_header_ ? -1 : 0;
  for (Field field; text.next(field);) {
    if (row >= rows_ || field.column > static_cast<std::int64_t>(columns_))
      throw DataError(source_.name() + ": changed while it was read; read it again");
    if (row >= 0) visit(field, row);
    if (field.ends_record) ++row;
  }
  if (row != rows_) throw DataError(source_.name() + ": changed while it was read; read it again");
}

template <class T>
void CsvTable::read_numbers(const std::vector<std::size_t>& columns, T* to) const {
  constexpr std::size_t kNone = SIZE_MAX;
  std::vector<std::size_t> places(columns_, kNone);
  for (std::size_t k = 0; k < columns.size(); ++k) places[columns[k]] = k;
  for_each_field([&](const Field& field, std::int64_t row) {
    const std::size_t place = places[static_cast<std::size_t>(field.column) - 1];
    if (place == kNone) return;
    T* const cell = to + static_cast<std::size_t>(row) * columns.size() + place;
    const NumberText kind = parse_number_text(field.text, *cell);
    if (kind == NumberText::number) return;
    std::string what = complaint_about(kind, field.text);
    if (rows_ == 1 && kind == NumberText::other)
      what += "; if this line is a header, no rows follow it";
    if (columns_ == 1 && field.text.find_first_of(";\t") != std::string_view::npos)
      what += std::string("; fields are separated by ") + (delimiter_ == ',' ? "','" : "tabs");
    refuse(field, what);
  });
}

Array CsvTable::numbers(const std::vector<std::size_t>& columns, DType dtype) const {
  const Shape shape = {rows_, static_cast<std::int64_t>(columns.size())};
  const std::size_t bytes = static_cast<std::size_t>(element_count(shape)) * size_of(dtype);
  if (bytes >= kWorthAsking)
    require_memory(bytes, 0, source_.name(),
                   "read it on a larger machine, or save fewer rows in it");
  Array array(dtype, shape);
  if (dtype == DType::float32)
    read_numbers(columns, array.as<float>());
  else
    read_numbers(columns, array.as<double>());
  return array;
}

std::vector<std::string> CsvTable::texts(std::size_t column) const {
  std::vector<std::string> values;
  values.reserve(static_cast<std::size_t>(rows_));
  for_each_field([&](const Field& field, std::int64_t) {
    if (static_cast<std::size_t>(field.column) != column + 1) return;
    const NumberText kind = kind_of(field.text);
    if (kind == NumberText::missing) refuse(field, complaint_about(kind, field.text));
    if (kind != NumberText::other)
      refuse(field, complaint_about(kind, field.text) +
                        ", but the column begins with text; write all of its labels alike");
    if (!is_plain_text(field.text))
      refuse(field, "is no label (" + quoted_for_message(field.text) +
                        "); expected UTF-8 without control characters");
    values.emplace_back(field.text);
  });
  return values;
}

void CsvTable::refuse(const Field& field, const std::string& what) const {
  const auto column = static_cast<std::size_t>(field.column) - 1;
  std::string where =
      ": line " + std::to_string(field.line) + ", column " + std::to_string(field.column);
  if (!names_.empty()) where += " (" + quoted_for_message(names_[column]) + ")";
  throw DataError(source_.name() + where + ": " + what);
}

}  // namespace ntk
