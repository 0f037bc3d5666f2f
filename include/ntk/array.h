// Arrays: views of memory that somebody else owns, and an owning array on the host.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "ntk/error.h"

namespace ntk {

enum class DType { float32, float64, int64 };
enum class MemorySpace { host, cuda };
using Shape = std::vector<std::int64_t>;

std::size_t size_of(DType dtype);           // bytes of an element
const char* name_of(DType dtype);           // "float32", ...
std::string to_string(const Shape& shape);  // "1297x8x8"

// Number of elements. Throws UsageError when an extent is negative or the product overflows.
std::int64_t element_count(const Shape& shape);
// Row-major strides, in elements.
Shape row_major_strides(const Shape& shape);

template <class T>
constexpr DType dtype_of() {
  static_assert(std::is_same_v<T, float> || std::is_same_v<T, double> ||
                std::is_same_v<T, std::int64_t>);
  if constexpr (std::is_same_v<T, float>) return DType::float32;
  if constexpr (std::is_same_v<T, double>) return DType::float64;
  return DType::int64;
}

namespace internal {
[[noreturn]] void throw_wrong_dtype(DType have, DType asked);
}

// A view of an array: pointer, shape, strides (in elements; empty means row-major), element type,
// and where the memory is. Copying a view copies no data. The owner must outlive it.
// Void is `const void` for arrays that are read, `void` for arrays that are written.
template <class Void>
struct BasicArrayView {
  template <class T>
  using Pointer = std::conditional_t<std::is_const_v<Void>, const T*, T*>;

  Void* data = nullptr;
  DType dtype = DType::float64;
  Shape shape;
  Shape strides;
  MemorySpace space = MemorySpace::host;

  std::int64_t size() const { return element_count(shape); }
  bool is_row_major() const { return strides.empty() || strides == row_major_strides(shape); }

  // The data as T; throws UsageError when the elements are not T.
  template <class T>
  Pointer<T> as() const {
    if (dtype != dtype_of<T>()) internal::throw_wrong_dtype(dtype, dtype_of<T>());
    return static_cast<Pointer<T>>(data);
  }
};
using ArrayView = BasicArrayView<const void>;
using MutableArrayView = BasicArrayView<void>;

// A view of row-major host memory.
template <class T>
ArrayView view_of(const T* data, Shape shape) {
  return {data, dtype_of<T>(), std::move(shape), {}, MemorySpace::host};
}
template <class T>
MutableArrayView mutable_view_of(T* data, Shape shape) {
  return {data, dtype_of<T>(), std::move(shape), {}, MemorySpace::host};
}

// An owning, row-major array on the host. Movable; copied only by clone(). A new array is zero.
class Array {
 public:
  Array() = default;
  Array(DType dtype, Shape shape);  // throws MemoryError when the system has no memory for it
  template <class T>
  static Array of(const std::vector<T>& values, Shape shape) {
    Array a(dtype_of<T>(), std::move(shape));
    if (a.size() != static_cast<std::int64_t>(values.size()))
      throw UsageError("array: " + std::to_string(values.size()) +
                       " values do not fill the shape " + to_string(a.shape()));
    for (std::size_t i = 0; i < values.size(); ++i) a.as<T>()[i] = values[i];
    return a;
  }

  DType dtype() const { return dtype_; }
  const Shape& shape() const { return shape_; }
  std::int64_t size() const { return data_ ? element_count(shape_) : 0; }
  bool empty() const { return size() == 0; }
  std::size_t bytes() const { return static_cast<std::size_t>(size()) * size_of(dtype_); }

  void* data() { return data_.get(); }
  const void* data() const { return data_.get(); }
  template <class T>
  T* as() {
    return mutable_view().as<T>();
  }
  template <class T>
  const T* as() const {
    return view().as<T>();
  }

  ArrayView view() const { return {data_.get(), dtype_, shape_, {}, MemorySpace::host}; }
  MutableArrayView mutable_view() { return {data_.get(), dtype_, shape_, {}, MemorySpace::host}; }
  operator ArrayView() const { return view(); }

  Array clone() const;
  // A copy with other elements, fractions cut off; DataError for a number that they cannot hold.
  Array converted_to(DType dtype) const;
  Array reshaped(Shape shape) &&;  // the same elements; throws UsageError if counts differ

 private:
  struct Free {
    void operator()(void* p) const noexcept;
  };
  DType dtype_ = DType::float64;
  Shape shape_ = {0};
  std::unique_ptr<void, Free> data_;
};

}  // namespace ntk
