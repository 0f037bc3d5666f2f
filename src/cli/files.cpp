#include "src/cli/files.h"

#include <sstream>

#include "ntk/io.h"
#include "src/base/large_memory.h"
#include "src/cli/interrupt.h"
#include "src/io/atomic_file.h"
#include "src/report/table.h"

namespace ntk::cli {
namespace {

bool ends_in(const std::string& path, const std::string& ending) {
  return path.size() > ending.size() &&
         path.compare(path.size() - ending.size(), ending.size(), ending) == 0;
}

}  // namespace

Array read_input(const std::string& path) {
  throw_if_interrupted();
  Array array = read_array(path);
  throw_if_interrupted();
  return array;
}

void require_output(const std::string& path, std::size_t arrays, std::uint64_t bytes) {
  if (ends_in(path, ".npy") && arrays != 1)
    throw UsageError("--out: " + std::to_string(arrays) +
                     " arrays do not go into one .npy file: name a file that ends in .npz");
  if (!ends_in(path, ".npy") && !ends_in(path, ".npz"))
    throw UsageError("--out: expected a name that ends in .npz" +
                     std::string(arrays == 1 ? " or .npy" : "") + ", found " + path);
  const AtomicFile probe(path, bytes);
}

void write_output(const std::string& path, const NamedViews& arrays) {
  throw_if_interrupted();
  if (ends_in(path, ".npy"))
    write_npy(path, arrays.front().second);
  else
    write_npz(path, arrays);
}

std::string indented(const std::string& lines) {
  std::istringstream stream(lines);
  std::string line, text;
  while (std::getline(stream, line)) text += "  " + line + '\n';
  return text;
}

std::size_t bytes_of(const ArrayView& array) {
  return static_cast<std::size_t>(array.size()) * size_of(array.dtype);
}

std::string describe_arrays(const NamedViews& arrays) {
  using report::Align;
  report::Table table({{""}, {"", Align::right}, {""}, {"", Align::right}});
  for (const auto& [name, array] : arrays)
    table.add_row(
        {name, to_string(array.shape), name_of(array.dtype), format_bytes(bytes_of(array))});
  return table.to_text(2);
}

nlohmann::ordered_json arrays_as_json(const NamedViews& arrays) {
  nlohmann::ordered_json all = nlohmann::ordered_json::object();
  for (const auto& [name, array] : arrays)
    all[name] = {
        {"shape", array.shape}, {"dtype", name_of(array.dtype)}, {"bytes", bytes_of(array)}};
  return all;
}

}  // namespace ntk::cli
