#include "ntk/array.h"

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <type_traits>
#include <utility>

#include "src/base/large_memory.h"

namespace ntk {

const char* name_of(DType dtype) {
  switch (dtype) {
    case DType::float32:
      return "float32";
    case DType::float64:
      return "float64";
    case DType::int64:
      return "int64";
  }
  return "?";
}

std::string to_string(const Shape& shape) {
  if (shape.empty()) return "()";
  std::string text = std::to_string(shape[0]);
  for (std::size_t i = 1; i < shape.size(); ++i) {
    text += 'x';
    text += std::to_string(shape[i]);
  }
  return text;
}

// The product of the extents that are not 0 must fit too: strides are made of it.
std::int64_t element_count(const Shape& shape) {
  std::int64_t count = 1;
  bool empty = false;
  for (std::int64_t extent : shape) {
    if (extent < 0) throw UsageError("array: negative extent in shape " + to_string(shape));
    if (extent == 0)
      empty = true;
    else if (__builtin_mul_overflow(count, extent, &count))
      throw UsageError("array: the shape " + to_string(shape) + " has too many elements");
  }
  return empty ? 0 : count;
}

Shape row_major_strides(const Shape& shape) {
  element_count(shape);  // throws where a stride would overflow
  Shape strides(shape.size());
  std::int64_t stride = 1;
  for (std::size_t i = shape.size(); i-- > 0;) {
    strides[i] = stride;
    if (shape[i] > 0) stride *= shape[i];
  }
  return strides;
}

namespace {

// Whether To has a number near `value`; NaN and infinities stay what they are among floats.
template <class To, class From>
bool has_place_for(From value) {
  if constexpr (std::is_same_v<To, std::int64_t> && std::is_floating_point_v<From>)
    return value >= From{-0x1p63} && value < From{0x1p63};
  if constexpr (std::is_same_v<To, float> && std::is_same_v<From, double>)
    return !std::isfinite(value) || std::isfinite(static_cast<float>(value));
  return true;
}

[[noreturn]] void throw_no_place(std::int64_t index, double value, DType dtype) {
  char number[32];
  std::snprintf(number, sizeof number, "%g", value);
  throw DataError("array: element " + std::to_string(index) + " is " + number + ", which " +
                  name_of(dtype) + " cannot hold");
}

template <class From, class To>
void convert(const From* from, std::int64_t count, To* to) {
  for (std::int64_t i = 0; i < count; ++i) {
    if (!has_place_for<To>(from[i]))
      throw_no_place(i, static_cast<double>(from[i]), dtype_of<To>());
    to[i] = static_cast<To>(from[i]);
  }
}

}  // namespace

Array::Array(DType dtype, Shape shape) : dtype_(dtype), shape_(std::move(shape)) {
  std::int64_t bytes = 0;
  if (__builtin_mul_overflow(element_count(shape_), static_cast<std::int64_t>(size_of(dtype_)),
                             &bytes))
    throw UsageError("array: the shape " + to_string(shape_) + " has too many elements");
  data_.reset(allocate_zeroed(static_cast<std::size_t>(bytes)));
}

void Array::Free::operator()(void* p) const noexcept { std::free(p); }

Array Array::clone() const {
  if (!data_) return {};
  Array copy(dtype_, shape_);
  if (bytes() > 0) std::memcpy(copy.data(), data(), bytes());
  return copy;
}

Array Array::converted_to(DType dtype) const {
  if (!data_) return Array(dtype, {0});
  Array result(dtype, shape_);
  const auto convert_to = [&](auto* to) {
    switch (dtype_) {
      case DType::float32:
        return convert(as<float>(), size(), to);
      case DType::float64:
        return convert(as<double>(), size(), to);
      case DType::int64:
        return convert(as<std::int64_t>(), size(), to);
    }
  };
  switch (dtype) {
    case DType::float32:
      convert_to(result.as<float>());
      break;
    case DType::float64:
      convert_to(result.as<double>());
      break;
    case DType::int64:
      convert_to(result.as<std::int64_t>());
      break;
  }
  return result;
}

Array Array::reshaped(Shape shape) && {
  if (element_count(shape) != element_count(shape_))
    throw UsageError("array: " + to_string(shape_) + " cannot become " + to_string(shape));
  shape_ = std::move(shape);
  return std::move(*this);
}

}  // namespace ntk
