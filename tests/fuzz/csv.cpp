// Any bytes as a table, with either delimiter, with and without a header.
#include <cmath>
#include <cstdio>
#include <cstring>
#include <string>

#include "ntk/error.h"
#include "src/io/csv.h"
#include "targets.h"

namespace ntk::fuzz {
namespace {

std::vector<std::size_t> all_columns(const CsvTable& table) {
  std::vector<std::size_t> columns;
  for (std::size_t c = 0; c < table.column_count(); ++c) columns.push_back(c);
  return columns;
}

Array numbers_of(const CsvTable& table) {
  return table.numbers(all_columns(table), DType::float64);
}

std::string text_of(const Array& numbers, char delimiter) {
  std::string text;
  const std::int64_t columns = numbers.shape()[1];
  for (std::int64_t i = 0; i < numbers.size(); ++i) {
    char number[40];
    std::snprintf(number, sizeof number, "%.17g", numbers.as<double>()[i]);
    text += number;
    text += (i + 1) % columns == 0 ? '\n' : delimiter;
  }
  return text;
}

void require_round_trip(const CsvTable& table, char delimiter) {
  const Array numbers = numbers_of(table);
  for (std::int64_t i = 0; i < numbers.size(); ++i)
    require(std::isfinite(numbers.as<double>()[i]), "numbers are finite");
  const std::string text = text_of(numbers, delimiter);
  const MemorySource again(text.data(), text.size(), "again.csv");
  const Array same = numbers_of(CsvTable(again, delimiter, Header::absent, ""));
  require(same.shape() == numbers.shape() &&
              std::memcmp(same.data(), numbers.data(), numbers.bytes()) == 0,
          "numbers are read as they were written");
}

// Whether it has labels or numbers.
bool read_as(const ByteSource& source, char delimiter, Header header) {
  const CsvTable table(source, delimiter, header, "1,b");
  require(table.rows() > 0 && table.column_count() > 0, "a table has rows and columns");
  require(static_cast<std::uint64_t>(table.rows()) * table.column_count() <= source.size() + 1,
          "a table has no more fields than its file has bytes");
  bool done = false;
  for (std::size_t c = 0; c < table.column_count() && c < 4; ++c) {
    done |= refused_or_done<DataError>([&] {
      for (const std::string& text : table.texts(c)) require(!text.empty(), "a label is not empty");
    });
    refused_or_done<DataError>([&] { require(table.find(table.name_of(c)).size() == 1, "found"); });
  }
  refused_or_done<DataError>([&] { table.numbers(all_columns(table), DType::float32); });
  return refused_or_done<DataError>([&] { require_round_trip(table, delimiter); }) || done;
}

}  // namespace

bool csv(const std::uint8_t* data, std::size_t size) {
  const MemorySource source(data, size, "fuzz.csv");
  bool done = false;
  for (const char delimiter : {',', '\t'})
    for (const Header header : {Header::automatic, Header::present, Header::absent})
      refused_or_done<DataError>([&] { done |= read_as(source, delimiter, header); });
  return done;
}

}  // namespace ntk::fuzz
