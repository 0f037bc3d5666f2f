// What every backend asks of its samples and blocks.
#pragma once

#include <cfloat>
#include <cstdint>
#include <string>

#include "kernels/backend.h"
#include "ntk/error.h"

namespace ntk {

// `largest` is the largest kernel value that sample `row` has on its way through the network.
inline void require_representable(std::int64_t row, double largest, DType working) {
  const double limit = working == DType::float32 ? FLT_MAX : DBL_MAX;
  if (largest <= limit) return;
  throw NumericalError("the kernel of sample " + std::to_string(row) + " with itself overflows " +
                       (working == DType::float32 ? "float32; use --dtype float64, scale the data, "
                                                  : "float64; scale the data ") +
                       "or take a smaller W_std");
}

// Whether each pair of the block needs to be computed only once.
inline bool is_symmetric_block(const PreparedSamples& rows, const PreparedSamples& columns,
                               const GramBlock& block) {
  return &rows == &columns && block.row_begin == block.column_begin &&
         block.row_end == block.column_end;
}

}  // namespace ntk
