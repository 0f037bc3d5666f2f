// How right predictions are.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "ntk/array.h"
#include "ntk/io.h"
#include "ntk/model.h"

namespace ntk::cli {

struct Score {
  nlohmann::ordered_json json;  // accuracy, correct; or rmse, r2
  std::string text;             // a line for people
  std::vector<std::string> notes = {};
};

// Throws UsageError when `y` does not fit the predictions.
Score score_of(const Model& model, const Array& mean, const TargetValues& y);

}  // namespace ntk::cli
