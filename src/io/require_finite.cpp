#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>

#include "ntk/error.h"
#include "ntk/io.h"

namespace ntk {
namespace {

// x - x is 0 for a finite x, NaN for the others: a sum of them in lanes needs no branch.
template <class T>
bool all_finite(const T* values, std::int64_t count) {
  constexpr std::int64_t lanes = 16;
  T sum[lanes] = {};
  std::int64_t i = 0;
  for (; i + lanes <= count; i += lanes)
    for (std::int64_t k = 0; k < lanes; ++k) sum[k] += values[i + k] - values[i + k];
  for (; i < count; ++i) sum[0] += values[i] - values[i];
  T total = 0;
  for (T lane : sum) total += lane;
  return total == 0;
}

template <class T>
[[noreturn]] void refuse(T value, const Shape& place, const std::string& what) {
  std::string where;
  if (place.size() == 2) {
    where = " at row " + std::to_string(place[0]) + ", column " + std::to_string(place[1]);
  } else if (!place.empty()) {
    for (std::int64_t index : place) where += (where.empty() ? "" : ", ") + std::to_string(index);
    where = " at [" + where + "]";
  }
  const char* kind = std::isnan(value) ? "NaN" : value < 0 ? "-Inf" : "Inf";
  throw DataError(what + ": " + kind + where + "; expected finite numbers");
}

// Runs of contiguous elements where there are some, else one element at a time.
template <class T>
void require_finite_as(const ArrayView& array, const std::string& what) {
  const std::int64_t total = array.size();
  if (total == 0 || array.data == nullptr) return;
  const T* values = array.as<T>();
  const bool flat = array.is_row_major();
  if (flat && all_finite(values, total)) return;
  const Shape strides = flat ? row_major_strides(array.shape) : array.strides;
  const std::size_t axes = array.shape.size();
  const bool has_rows = axes > 0 && strides[axes - 1] == 1;
  const std::int64_t row = has_rows ? array.shape[axes - 1] : 1;
  Shape place(axes, 0);
  for (std::int64_t done = 0; done < total; done += row) {
    std::int64_t start = 0;
    for (std::size_t axis = 0; axis < axes; ++axis) start += place[axis] * strides[axis];
    if (!all_finite(values + start, row)) {
      std::int64_t i = 0;
      while (std::isfinite(values[start + i])) ++i;
      if (has_rows) place[axes - 1] = i;
      refuse(values[start + i], place, what);
    }
    for (std::size_t axis = has_rows ? axes - 1 : axes; axis-- > 0;) {
      if (++place[axis] < array.shape[axis]) break;
      place[axis] = 0;
    }
  }
}

}  // namespace

void require_finite(const ArrayView& array, const std::string& what) {
  if (array.space != MemorySpace::host)
    throw UsageError(what + ": is in device memory; expected host memory to look for NaN and Inf");
  if (!array.strides.empty() && array.strides.size() != array.shape.size())
    throw UsageError(what + ": has " + std::to_string(array.shape.size()) + " dimensions but " +
                     std::to_string(array.strides.size()) + " strides");
  if (array.dtype == DType::float32) require_finite_as<float>(array, what);
  if (array.dtype == DType::float64) require_finite_as<double>(array, what);
}

}  // namespace ntk
