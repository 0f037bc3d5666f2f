// What is in an array, at a glance.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "ntk/array.h"

namespace ntk::cli {

struct DataSummary {
  nlohmann::ordered_json json;
  std::string text;
};
DataSummary summarize(const std::string& name, const Array& array);

}  // namespace ntk::cli
