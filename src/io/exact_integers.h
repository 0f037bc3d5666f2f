// Integers on their way to floating point.
#pragma once

#include <string>

#include "ntk/array.h"

namespace ntk {

// Looks at host memory, strided or not. Throws DataError naming the place of the first integer that
// float64 cannot hold exactly (some of those past 2^53); arrays of floats are left alone.
void require_exact_in_float64(const ArrayView& array, const std::string& what);

}  // namespace ntk
