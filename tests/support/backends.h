// The backends that every test of a behaviour runs on: a fixed list, so that a missing one is seen.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "kernels/backend.h"
#include "src/architecture/check.h"

namespace ntk::testing {

// "reference", "cpu", "cuda-host" (the CUDA kernels compiled for the host), "cuda".
const std::vector<std::string>& backend_names();

// Null with the reason if the backend is not here. Backends listed in NTK_REQUIRE_BACKENDS
// (separated by commas) must be: the test then fails instead of being skipped.
Backend* usable_backend(const std::string& name, std::string* reason);

bool is_required(const std::string& name);

}  // namespace ntk::testing

// Declares `Backend* pointer`, or skips the test.
#define NTK_SKIP_WITHOUT_BACKEND(pointer, name)                                  \
  std::string pointer##_reason;                                                  \
  ntk::Backend* pointer = ntk::testing::usable_backend(name, &pointer##_reason); \
  if (!pointer) {                                                                \
    if (ntk::testing::is_required(name))                                         \
      FAIL() << name << " is required, but: " << pointer##_reason;               \
    GTEST_SKIP() << name << ": " << pointer##_reason;                            \
  }                                                                              \
  static_cast<void>(0)
