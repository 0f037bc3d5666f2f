// What is done to samples before a kernel sees them.
#pragma once

#include <string>

#include "ntk/array.h"
#include "ntk/model.h"

namespace ntk::internal {

struct Normalization {
  Normalize kind = Normalize::none;
  // Of a standard one, one number a feature, float64: what is subtracted, and what is divided by. A
  // scale of 0 stands for a feature that is constant, which becomes 0.
  Array mean, scale;
};

const char* name_of(Normalize kind);

// From training samples, N x ... (float32 or float64, finite).
Normalization learn_normalization(Normalize kind, const Array& x);

// In place; samples of as many features as those that it was learned from. Throws DataError naming
// the row and column of a result that the element type cannot hold.
void apply_normalization(const Normalization& normalization, Array& x, const std::string& what);

}  // namespace ntk::internal
