// What the tests of this folder say about errors.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "ntk/architecture.h"

namespace ntk {

// The text of the UsageError that `work` throws; a failed test and "" if it throws none.
template <class Work>
std::string refusal_of(Work&& work) {
  try {
    work();
  } catch (const UsageError& error) {
    return error.what();
  }
  ADD_FAILURE() << "nothing was refused";
  return "";
}

inline std::string refusal_of_text(const std::string& text) {
  SCOPED_TRACE(text.substr(0, 500));
  return refusal_of([&] { parse_architecture(text); });
}

// JSON of a network of these layers.
inline std::string json_of(const std::string& layers) {
  return R"({"ntk_architecture": 1, "layers": [)" + layers + "]}";
}

}  // namespace ntk
