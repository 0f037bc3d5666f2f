#include "src/cli/data_summary.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "src/base/large_memory.h"
#include "src/cli/console.h"
#include "src/cli/files.h"
#include "src/io/csv.h"
#include "src/io/file_kind.h"
#include "src/report/number.h"
#include "src/report/table.h"

namespace ntk::cli {
namespace {

struct Extent {
  double lowest = std::numeric_limits<double>::infinity();
  double highest = -std::numeric_limits<double>::infinity();
  double sum = 0;
  std::int64_t not_finite = 0;
};

template <class T>
Extent extent_of(const T* data, std::int64_t count) {
  Extent extent;
  for (std::int64_t i = 0; i < count; ++i) {
    const auto value = static_cast<double>(data[i]);
    if (!std::isfinite(value)) {
      ++extent.not_finite;
      continue;
    }
    extent.lowest = std::min(extent.lowest, value);
    extent.highest = std::max(extent.highest, value);
    extent.sum += value;
  }
  return extent;
}

Extent extent_of(const Array& array) {
  if (array.dtype() == DType::float32) return extent_of(array.as<float>(), array.size());
  if (array.dtype() == DType::float64) return extent_of(array.as<double>(), array.size());
  return extent_of(array.as<std::int64_t>(), array.size());
}

constexpr std::size_t kMostClasses = 1000;

// Distinct values of an array of integers; more than kMostClasses are not counted.
std::size_t class_count(const Array& array) {
  std::set<std::int64_t> values;
  const auto* data = array.as<std::int64_t>();
  for (std::int64_t i = 0; i < array.size() && values.size() <= kMostClasses; ++i)
    values.insert(data[i]);
  return values.size();
}

DataSummary summarize_texts(const std::string& name, const std::vector<std::string>& texts) {
  const std::size_t distinct = std::set<std::string>(texts.begin(), texts.end()).size();
  DataSummary summary;
  summary.json = {
      {"name", name}, {"shape", {texts.size()}}, {"dtype", "text"}, {"distinct", distinct}};
  report::Table table({{""}, {""}});
  table.add_row({"shape", std::to_string(texts.size())});
  table.add_row({"elements", "text"});
  table.add_row({"distinct values", std::to_string(distinct)});
  summary.text = name + '\n' + table.to_text(2);
  return summary;
}

// Of a table: how it is understood.
DataSummary summarize_table(const std::string& name, const CsvTable& table) {
  constexpr std::size_t kMostShown = 30;
  DataSummary summary;
  const auto columns = static_cast<std::int64_t>(table.column_count());
  summary.json = {{"name", name},
                  {"shape", {table.rows(), columns}},
                  {"header", table.has_header()},
                  {"columns", nlohmann::ordered_json::array()}};
  report::Table list({{""}, {""}});
  list.add_row({"shape", to_string({table.rows(), columns})});
  list.add_row({"header", table.has_header() ? "the first line" : "none"});
  for (std::size_t c = 0; c < table.column_count(); ++c) {
    const char* const kind = table.is_text(c) ? "text" : "numbers";
    summary.json["columns"].push_back({{"name", table.name_of(c)}, {"kind", kind}});
    if (c < kMostShown) list.add_row({"column " + one_line(table.name_of(c)), kind});
  }
  if (table.column_count() > kMostShown)
    list.add_row({"and " + std::to_string(table.column_count() - kMostShown) + " more", ""});
  summary.text = one_line(name) + '\n' + list.to_text(2);
  return summary;
}

}  // namespace

DataSummary summarize_file(const std::string& path, Header header) {
  const ArrayPath place = split_array_path(path);
  const FileSource source(place.file);
  const FileKind kind = kind_of(source);
  ReadOptions options;
  options.header = header;
  if (is_table(kind) && place.name.empty())
    return summarize_table(path, CsvTable(source, delimiter_of(kind), header, ""));
  if (kind == FileKind::libsvm) return summarize(path, read_input(path, options));
  const TargetValues values = read_target_values(path, options);
  return values.is_text() ? summarize_texts(path, values.texts) : summarize(path, values.numbers);
}

nlohmann::ordered_json classes_as_json(const Model& model) {
  if (model.class_names().empty()) return model.classes();
  return model.class_names();
}

DataSummary summarize(const std::string& name, const Array& array) {
  const Extent extent = extent_of(array);
  const std::int64_t finite = array.size() - extent.not_finite;
  DataSummary summary;
  summary.json = {{"name", name},
                  {"shape", array.shape()},
                  {"dtype", name_of(array.dtype())},
                  {"bytes", array.bytes()}};
  report::Table table({{""}, {""}});
  table.add_row({"shape", to_string(array.shape())});
  table.add_row(
      {"elements", std::string(name_of(array.dtype())) + ", " + format_bytes(array.bytes())});
  if (finite > 0) {
    const double mean = extent.sum / static_cast<double>(finite);
    summary.json.update({{"min", extent.lowest}, {"max", extent.highest}, {"mean", mean}});
    table.add_row({"range", report::format_significant(extent.lowest, 4) + " to " +
                                report::format_significant(extent.highest, 4) + ", mean " +
                                report::format_significant(mean, 4)});
  }
  summary.json["not_finite"] = extent.not_finite;
  if (extent.not_finite > 0) table.add_row({"NaN or Inf", report::format_count(extent.not_finite)});
  if (array.dtype() == DType::int64) {
    const std::size_t classes = class_count(array);
    const bool many = classes > kMostClasses;
    if (!many) summary.json["distinct"] = classes;
    table.add_row({"distinct values",
                   many ? "more than " + std::to_string(kMostClasses) : std::to_string(classes)});
  }
  summary.text = name + '\n' + table.to_text(2);
  return summary;
}

}  // namespace ntk::cli
