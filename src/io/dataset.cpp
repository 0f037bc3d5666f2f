// Samples and targets by path, from files that may hold both.
#include <algorithm>
#include <filesystem>
#include <numeric>
#include <utility>

#include "ntk/error.h"
#include "ntk/io.h"
#include "src/io/csv.h"
#include "src/io/file_kind.h"
#include "src/io/libsvm.h"
#include "src/io/npy.h"
#include "src/io/npz.h"

namespace ntk {
namespace {

LibsvmOptions libsvm_options(const ReadOptions& options) {
  return {options.dtype, options.width, options.memory_limit};
}

std::vector<std::size_t> all_columns(const CsvTable& table) {
  std::vector<std::size_t> columns(table.column_count());
  std::iota(columns.begin(), columns.end(), std::size_t{0});
  return columns;
}

TargetValues targets_of_npy(ByteStream& stream) {
  const NpyHeader header = read_npy_start(stream);
  TargetValues y;
  if (header.element.is_text())
    y.texts = read_npy_texts(stream, header);
  else
    y.numbers = read_npy_numbers(stream, header);
  return y;
}

TargetValues targets_of_table(const CsvTable& table, const std::vector<std::size_t>& columns) {
  TargetValues y;
  y.from_text = true;
  if (columns.size() == 1 && table.is_text(columns[0])) {
    y.texts = table.texts(columns[0]);
    return y;
  }
  y.numbers = table.numbers(columns, DType::float64);
  if (columns.size() == 1) y.numbers = std::move(y.numbers).reshaped({table.rows()});
  return y;
}

// A matrix, also of one column.
Array samples_of_table(const CsvTable& table, const std::vector<std::size_t>& columns,
                       const ReadOptions& options) {
  return table.numbers(columns, options.dtype);
}

bool is_same_file(const std::string& a, const std::string& b) {
  std::error_code none;
  return std::filesystem::equivalent(a, b, none);
}

// x and y in one table: y's columns are named, x has the others.
Dataset dataset_of_table(const ByteSource& source, FileKind kind, const ArrayPath& x,
                         const ArrayPath& y, const ReadOptions& options) {
  if (y.name.empty())
    throw DataError(y.file + ": holds both x and y; name the columns that are y, as in " + y.file +
                    ":NAME");
  // A header is one for both.
  const CsvTable table(source, delimiter_of(kind), options.header,
                       x.name.empty() ? y.name : y.name + ',' + x.name);
  const std::vector<std::size_t> targets = table.find(y.name);
  std::vector<std::size_t> features = x.name.empty() ? all_columns(table) : table.find(x.name);
  std::erase_if(features, [&](std::size_t column) {
    return std::find(targets.begin(), targets.end(), column) != targets.end();
  });
  if (features.empty())
    throw DataError(x.file + ": no column is left for x, which leaves out those of y");
  return {samples_of_table(table, features, options), targets_of_table(table, targets)};
}

Array read_samples(const ByteSource& source, FileKind kind, const ArrayPath& place,
                   const std::string& path, const ReadOptions& options) {
  if (!is_table(kind)) return read_array(path, options);
  const CsvTable table(source, delimiter_of(kind), options.header, place.name);
  return samples_of_table(table, place.name.empty() ? all_columns(table) : table.find(place.name),
                          options);
}

}  // namespace

std::int64_t TargetValues::count() const {
  if (is_text()) return static_cast<std::int64_t>(texts.size());
  return numbers.shape().empty() ? 0 : numbers.shape()[0];
}

TargetValues read_targets(const std::string& path, const ReadOptions& options) {
  const ArrayPath place = split_array_path(path);
  const FileSource source(place.file);
  const FileKind kind = kind_of(source);
  if (is_table(kind)) {
    const CsvTable table(source, delimiter_of(kind), options.header, place.name);
    return targets_of_table(table,
                            place.name.empty() ? all_columns(table) : table.find(place.name));
  }
  if (kind == FileKind::libsvm) {
    require_no_name(place, "a LIBSVM file, whose labels have no name");
    return {read_libsvm_labels(source), {}, true};
  }
  if (kind == FileKind::npz) return targets_of_npy(*open_npz_array(source, place.name));
  require_no_name(place, "an .npy file, which holds one array without a name");
  RangeStream stream(source, 0, source.size(), place.file);
  return targets_of_npy(stream);
}

Dataset read_dataset(const std::string& x, const std::string& y, const ReadOptions& options) {
  const ArrayPath x_place = split_array_path(x);
  const FileSource source(x_place.file);
  const FileKind kind = kind_of(source);
  if (kind == FileKind::libsvm && y.empty()) {
    require_no_name(x_place, "a LIBSVM file, whose features have no names");
    LibsvmData data = read_libsvm(source, libsvm_options(options));
    return {std::move(data.x), {std::move(data.labels), {}, true}};
  }
  if (y.empty()) return {read_samples(source, kind, x_place, x, options), {}};
  const ArrayPath y_place = split_array_path(y);
  if (is_table(kind) && is_same_file(x_place.file, y_place.file))
    return dataset_of_table(source, kind, x_place, y_place, options);
  return {read_samples(source, kind, x_place, x, options), read_targets(y, options)};
}

}  // namespace ntk
