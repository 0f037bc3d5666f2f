#include "src/solve/host_matrix.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>

namespace ntk::internal {
namespace {

using Index = std::int64_t;
constexpr Index kParallelFrom = 100000;  // elements

template <class F>
void with_type(DType dtype, const F& f) {
  switch (dtype) {
    case DType::float32:
      return f(float{});
    case DType::float64:
      return f(double{});
    case DType::int64:
      return f(Index{});
  }
}

template <class T>
bool is_finite(T value) {
  if constexpr (std::is_integral_v<T>)
    return true;
  else
    return std::abs(value) <= std::numeric_limits<T>::max();
}

// Negative if not finite: an exponent of ones alone carries into the place of the sign. Joined by
// `or`, which compilers vectorize, as they do not a chain of comparisons.
inline std::int32_t sign_if_not_finite(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  return static_cast<std::int32_t>((bits & 0x7fffffffU) + 0x00800000U);
}
inline Index sign_if_not_finite(double value) {
  const auto bits = std::bit_cast<std::uint64_t>(value);
  return static_cast<Index>((bits & 0x7fffffffffffffffU) + 0x0010000000000000U);
}
inline Index sign_if_not_finite(Index) { return 0; }

template <class From, class To>
inline bool convert_row(const From* from, Index stride, Index count, To* to) {
  decltype(sign_if_not_finite(To{})) signs = 0;
  for (Index j = 0; j < count; ++j) {
    to[j] = static_cast<To>(from[j * stride]);
    signs |= sign_if_not_finite(to[j]);
  }
  return signs >= 0;
}

template <class T>
inline bool row_is_finite(const T* row, Index stride, Index count) {
  decltype(sign_if_not_finite(T{})) signs = 0;
  for (Index j = 0; j < count; ++j) signs |= sign_if_not_finite(row[j * stride]);
  return signs >= 0;
}

// The first row for which work(row, stride) is false, or the number of rows. A stride of one is
// told to the compiler by a call of its own.
template <class F>
Index first_failing_row(Extents extents, Index stride, const F& work) {
  Index failed = extents.rows;
  [[maybe_unused]] const bool parallel = extents.rows * extents.columns > kParallelFrom;
#pragma omp parallel for schedule(static) reduction(min : failed) if (parallel)
  for (Index i = 0; i < extents.rows; ++i)
    if (!(stride == 1 ? work(i, Index{1}) : work(i, stride))) failed = std::min(failed, i);
  return failed;
}

// `To`: what the entries are to become.
template <class To, class From>
[[noreturn]] void throw_not_finite(const From* row, Index stride, Index columns, Index row_number,
                                   const std::string& what) {
  Index j = 0;
  while (j + 1 < columns && is_finite(static_cast<To>(row[j * stride]))) ++j;
  const From value = row[j * stride];
  const std::string kind =
      is_finite(value) ? "a value too large for float32" : (value != value ? "NaN" : "Inf");
  throw DataError(what + ": " + kind + " at row " + std::to_string(row_number) + ", column " +
                  std::to_string(j) + " (counted from 0); every entry must be finite");
}

template <class From, class To>
void convert_as(const ArrayView& view, Index first_row, const From* from, To* to,
                const std::string& what) {
  const Strides strides = strides_of(view);
  const Extents extents = extents_of(view, what);
  const Index bad = first_failing_row(extents, strides.column, [&](Index i, Index stride) {
    return convert_row(from + i * strides.row, stride, extents.columns, to + i * extents.columns);
  });
  if (bad < extents.rows)
    throw_not_finite<To>(from + bad * strides.row, strides.column, extents.columns, first_row + bad,
                         what);
}

}  // namespace

Extents extents_of(const ArrayView& view, const std::string& what) {
  if (view.shape.size() == 1) return {view.shape[0], 1};
  if (view.shape.size() == 2) return {view.shape[0], view.shape[1]};
  throw UsageError(what + " must be a vector or a matrix, but its shape is " +
                   to_string(view.shape));
}

std::int64_t order_of(const ArrayView& view, const std::string& what) {
  if (view.shape.size() != 2 || view.shape[0] != view.shape[1])
    throw UsageError(what + " must be a square matrix, but its shape is " + to_string(view.shape));
  return view.shape[0];
}

Strides strides_of(const ArrayView& view) {
  const Shape strides = view.strides.empty() ? row_major_strides(view.shape) : view.strides;
  if (strides.size() != view.shape.size())
    throw UsageError("array: " + std::to_string(strides.size()) + " strides for the shape " +
                     to_string(view.shape));
  return {strides[0], strides.size() > 1 ? strides[1] : 1};
}

void convert(const ArrayView& from, std::int64_t first_row, DType dtype, void* to,
             const std::string& what) {
  with_type(from.dtype, [&](auto zero) {
    const auto* entries = static_cast<const decltype(zero)*>(from.data);
    with_float_type(dtype, [&](auto wanted) {
      convert_as(from, first_row, entries, static_cast<decltype(wanted)*>(to), what);
    });
  });
}

void require_finite_matrix(const ArrayView& on_host, std::int64_t first_row,
                           const std::string& what) {
  const Strides strides = strides_of(on_host);
  const Extents extents = extents_of(on_host, what);
  with_type(on_host.dtype, [&](auto zero) {
    using T = decltype(zero);
    const T* const a = static_cast<const T*>(on_host.data);
    const Index bad = first_failing_row(extents, strides.column, [&](Index i, Index stride) {
      return row_is_finite(a + i * strides.row, stride, extents.columns);
    });
    if (bad < extents.rows)
      throw_not_finite<T>(a + bad * strides.row, strides.column, extents.columns, first_row + bad,
                          what);
  });
}

}  // namespace ntk::internal
