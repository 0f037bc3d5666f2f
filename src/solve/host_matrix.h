// Views of matrices: their extents and strides, and, in host memory, their conversion and check.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>

#include "ntk/array.h"

namespace ntk::internal {

struct Extents {
  std::int64_t rows, columns;
};
// A view of one axis counts as a column. Throws UsageError for any other number of axes than 1
// and 2.
Extents extents_of(const ArrayView& view, const std::string& what);
// The order of a square matrix; throws UsageError if it is none.
std::int64_t order_of(const ArrayView& view, const std::string& what);

struct Strides {
  std::int64_t row, column;
};
Strides strides_of(const ArrayView& view);

// Host memory to host memory with leading dimension = columns, as `dtype`. Throws DataError naming
// the row (counted from first_row) and column of the first entry that is not finite.
void convert(const ArrayView& from, std::int64_t first_row, DType dtype, void* to,
             const std::string& what);

// Throws as convert() does.
void require_finite_matrix(const ArrayView& on_host, std::int64_t first_row,
                           const std::string& what);

template <class F>
void with_float_type(DType dtype, const F& f) {
  if (dtype == DType::float32) return f(float{});
  f(double{});
}

// The lower triangle of a row-major n x n matrix from its upper one, tile by tile.
template <class T>
void mirror_upper(std::int64_t n, T* a) {
  constexpr std::int64_t kTile = 64;
  for (std::int64_t ti = 0; ti < n; ti += kTile)
    for (std::int64_t tj = 0; tj <= ti; tj += kTile)
      for (std::int64_t i = ti; i < std::min(ti + kTile, n); ++i)
        for (std::int64_t j = tj; j < std::min(tj + kTile, i); ++j) a[i * n + j] = a[j * n + i];
}

}  // namespace ntk::internal
