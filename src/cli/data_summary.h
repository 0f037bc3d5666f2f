// What is in an array, at a glance.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "ntk/array.h"
#include "ntk/io.h"
#include "ntk/model.h"

namespace ntk::cli {

struct DataSummary {
  nlohmann::ordered_json json;
  std::string text;
};
// Of a classifier: integers, or texts where it was fitted to these.
nlohmann::ordered_json classes_as_json(const Model& model);

DataSummary summarize(const std::string& name, const Array& array);
// Of any data file: the columns of a table, labels of text, or an array.
DataSummary summarize_file(const std::string& path, Header header);

}  // namespace ntk::cli
