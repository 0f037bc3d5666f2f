#include "src/cli/files.h"

#include <sstream>

#include "ntk/io.h"
#include "src/base/large_memory.h"
#include "src/cli/flags.h"
#include "src/cli/interrupt.h"
#include "src/io/atomic_file.h"
#include "src/report/table.h"

namespace ntk::cli {
namespace {

bool ends_in(const std::string& path, const std::string& ending) {
  return path.size() > ending.size() &&
         path.compare(path.size() - ending.size(), ending.size(), ending) == 0;
}

template <class Read>
auto uninterrupted(Read read) {
  throw_if_interrupted();
  auto result = read();
  throw_if_interrupted();
  return result;
}

}  // namespace

Array read_input(const std::string& path, const ReadOptions& options) {
  return uninterrupted([&] { return read_array(path, options); });
}

Dataset read_data(const std::string& x, const std::string& y, const ReadOptions& options) {
  return uninterrupted([&] { return read_dataset(x, y, options); });
}

TargetValues read_target_values(const std::string& path, const ReadOptions& options) {
  return uninterrupted([&] { return read_targets(path, options); });
}

void require_same_rows(const std::string& flag, const std::string& x_path, const Array& x,
                       const std::string& y_path, const TargetValues& y) {
  const std::int64_t samples = x.shape().empty() ? 0 : x.shape()[0];
  if (y.count() == samples) return;
  const Shape shape = y.is_text() ? Shape{y.count()} : y.numbers.shape();
  std::string text = "--y: " + y_path + " has " + std::to_string(y.count()) +
                     " rows (its shape is " + to_string(shape) + "), but " + flag + ' ' + x_path +
                     " has " + std::to_string(samples) + " (its shape is " + to_string(x.shape()) +
                     "); each sample needs its own row of targets, or label";
  if (shape.size() == 2 && shape[1] == samples) text += "; y seems to be transposed";
  throw UsageError(text);
}

void add_header_flag(CLI::App& command, Header& header) {
  add_choice(command, "--header", header,
             std::vector<std::pair<std::string, Header>>{
                 {"auto", Header::automatic}, {"yes", Header::present}, {"no", Header::absent}},
             "HEADER",
             "whether the first line of .csv and .tsv files names the columns: auto, yes or no "
             "(default: auto, which takes text over a number for a name)");
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

void write_output(const std::string& path, const NamedViews& arrays,
                  const std::vector<NamedTexts>& texts) {
  throw_if_interrupted();
  if (ends_in(path, ".npy"))
    write_npy(path, arrays.front().second);
  else
    write_npz(path, arrays, texts);
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

std::string describe_arrays(const NamedViews& arrays, const std::vector<NamedTexts>& texts) {
  using report::Align;
  report::Table table({{""}, {"", Align::right}, {""}, {"", Align::right}});
  for (const auto& [name, array] : arrays)
    table.add_row(
        {name, to_string(array.shape), name_of(array.dtype), format_bytes(bytes_of(array))});
  for (const NamedTexts& named : texts)
    table.add_row({named.name, std::to_string(named.texts.size()), "text", ""});
  return table.to_text(2);
}

nlohmann::ordered_json arrays_as_json(const NamedViews& arrays,
                                      const std::vector<NamedTexts>& texts) {
  nlohmann::ordered_json all = nlohmann::ordered_json::object();
  for (const auto& [name, array] : arrays)
    all[name] = {
        {"shape", array.shape}, {"dtype", name_of(array.dtype)}, {"bytes", bytes_of(array)}};
  for (const NamedTexts& named : texts)
    all[named.name] = {{"shape", {named.texts.size()}}, {"dtype", "text"}};
  return all;
}

}  // namespace ntk::cli
