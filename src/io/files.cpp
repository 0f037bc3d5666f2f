// Arrays by path: read from any kind of file, written as .npy or .npz.
#include <numeric>

#include "ntk/error.h"
#include "ntk/io.h"
#include "src/io/atomic_file.h"
#include "src/io/csv.h"
#include "src/io/file_kind.h"
#include "src/io/libsvm.h"
#include "src/io/npy.h"
#include "src/io/npz.h"

namespace ntk {
namespace {

// All columns as rows x columns; one that was picked as a vector.
Array read_table(const ByteSource& source, FileKind kind, const std::string& picked,
                 const ReadOptions& options) {
  const CsvTable table(source, delimiter_of(kind), options.header, picked);
  std::vector<std::size_t> columns;
  if (picked.empty()) {
    columns.resize(table.column_count());
    std::iota(columns.begin(), columns.end(), std::size_t{0});
  } else {
    columns = table.find(picked);
  }
  Array array = table.numbers(columns, options.dtype);
  if (picked.empty() || columns.size() > 1) return array;
  return std::move(array).reshaped({table.rows()});
}

}  // namespace

Array read_array(const std::string& path, const ReadOptions& options) {
  const ArrayPath place = split_array_path(path);
  const FileSource source(place.file);
  const FileKind kind = kind_of(source);
  if (kind == FileKind::npz) return read_npz_array(source, place.name);
  if (is_table(kind)) return read_table(source, kind, place.name, options);
  if (kind == FileKind::libsvm) {
    require_no_name(place, "a LIBSVM file, whose features have no names");
    return read_libsvm(source, {options.dtype, options.width, options.memory_limit}).x;
  }
  require_no_name(place, "an .npy file, which holds one array without a name");
  RangeStream stream(source, 0, source.size(), place.file);
  return read_npy(stream);
}

std::vector<NamedArray> read_npz(const std::string& path) {
  const FileSource source(path);
  if (kind_of(source) != FileKind::npz)
    throw DataError(path + ": is no .npz archive; read_array reads single arrays");
  return read_npz_from(source);
}

void write_npy(const std::string& path, const ArrayView& array) {
  AtomicFile file(path, npy_bytes(array));
  write_npy_to([&](const void* data, std::size_t bytes) { file.write(data, bytes); }, array);
  file.commit();
}

void write_npz(const std::string& path,
               const std::vector<std::pair<std::string, ArrayView>>& arrays) {
  write_npz(path, arrays, {});
}

void write_npz(const std::string& path,
               const std::vector<std::pair<std::string, ArrayView>>& arrays,
               const std::vector<NamedTexts>& texts) {
  std::vector<ZipEntry> entries;
  for (const auto& [name, array] : arrays) entries.push_back(npz_entry(name, array));
  for (const NamedTexts& named : texts) entries.push_back(npz_text_entry(named));
  AtomicFile file(path, zip_bytes(entries));
  write_zip([&](const void* data, std::size_t bytes) { file.write(data, bytes); }, entries);
  file.commit();
}

}  // namespace ntk
