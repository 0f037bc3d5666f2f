#include "src/io/exact_integers.h"

#include <algorithm>

#include "ntk/error.h"

namespace ntk {
namespace {

constexpr std::int64_t kSurelyExact = std::int64_t{1} << 53;

bool is_exact(std::int64_t value) {
  if (value >= -kSurelyExact && value <= kSurelyExact) return true;
  const auto wide = static_cast<double>(value);
  return wide < 0x1p63 && static_cast<std::int64_t>(wide) == value;
}

[[noreturn]] void refuse(std::int64_t value, const Shape& place, const std::string& what) {
  std::string where;
  for (const std::int64_t index : place)
    where += (where.empty() ? "" : ", ") + std::to_string(index);
  throw DataError(what + ": " + std::to_string(value) + " at [" + where +
                  "] (counted from 0) cannot be held exactly by float64; subtract an offset, or "
                  "save floats if rounding will do");
}

}  // namespace

void require_exact_in_float64(const ArrayView& array, const std::string& what) {
  if (array.dtype != DType::int64 || array.space != MemorySpace::host || array.data == nullptr)
    return;
  const std::int64_t total = array.size();
  const std::int64_t* const values = array.as<std::int64_t>();
  if (array.is_row_major() && std::all_of(values, values + total, is_exact)) return;
  const Shape strides = array.is_row_major() ? row_major_strides(array.shape) : array.strides;
  Shape place(array.shape.size(), 0);
  for (std::int64_t done = 0; done < total; ++done) {
    std::int64_t at = 0;
    for (std::size_t axis = 0; axis < place.size(); ++axis) at += place[axis] * strides[axis];
    if (!is_exact(values[at])) refuse(values[at], place, what);
    for (std::size_t axis = place.size(); axis-- > 0 && ++place[axis] == array.shape[axis];)
      place[axis] = 0;
  }
}

}  // namespace ntk
