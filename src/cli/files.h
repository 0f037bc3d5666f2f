// The files that commands read and write.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "ntk/array.h"
#include "ntk/io.h"

namespace ntk::cli {

using NamedViews = std::vector<std::pair<std::string, ArrayView>>;

// Read the array of a flag, samples with their targets, and targets, and let Ctrl-C stop before
// the work begins.
Array read_input(const std::string& path, const ReadOptions& options = {});
Dataset read_data(const std::string& x, const std::string& y, const ReadOptions& options);
TargetValues read_target_values(const std::string& path, const ReadOptions& options);

// --header of commands that read .csv and .tsv files.
// Throws a UsageError with both files and both numbers of rows unless these are the same. `flag` is
// that of x.
void require_same_rows(const std::string& flag, const std::string& x_path, const Array& x,
                       const std::string& y_path, const TargetValues& y);

void add_header_flag(CLI::App& command, Header& header);

// Refused now, before hours of work: a name that does not end in .npz (or .npy, where one array is
// written), a folder that is missing, a file that cannot be written, a disk without room for
// `bytes`.
void require_output(const std::string& path, std::size_t arrays, std::uint64_t bytes);

// .npy for a name that ends so, else .npz.
void write_output(const std::string& path, const NamedViews& arrays,
                  const std::vector<NamedTexts>& texts = {});

// A table of name, shape, element type and size.
std::string describe_arrays(const NamedViews& arrays, const std::vector<NamedTexts>& texts = {});
nlohmann::ordered_json arrays_as_json(const NamedViews& arrays,
                                      const std::vector<NamedTexts>& texts = {});
// Each line two columns to the right; the last one ends in '\n'.
std::string indented(const std::string& lines);
std::size_t bytes_of(const ArrayView& array);

}  // namespace ntk::cli
