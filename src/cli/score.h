// How right predictions are.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "ntk/array.h"
#include "ntk/model.h"

namespace ntk::cli {

struct Score {
  nlohmann::ordered_json json;  // accuracy, correct; or rmse, r2
  std::string text;             // a line for people
};

// Throws UsageError when `y` does not fit the predictions.
Score score_of(const Model& model, const Array& mean, const Array& y);

}  // namespace ntk::cli
