/// \file
/// Arrays: views of memory that somebody else owns, and an owning array on the host. Strides and
/// extents are in elements, row-major.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "ntk/api.h"
#include "ntk/error.h"

namespace ntk {

/// Type of an array's elements.
enum class DType {
  float32,  ///< float
  float64,  ///< double
  int64     ///< std::int64_t; labels and file contents, never the precision of a computation
};
/// Where memory is.
enum class MemorySpace {
  host,  ///< what any program can read
  cuda   ///< a GPU's own memory
};
/// Extents, outermost first; empty: a single number.
using Shape = std::vector<std::int64_t>;

/// Bytes of an element.
constexpr std::size_t size_of(DType dtype) { return dtype == DType::float32 ? 4 : 8; }
/// "float32", "float64", "int64".
NTK_API const char* name_of(DType dtype);
/// "1297x8x8".
NTK_API std::string to_string(const Shape& shape);

/// Number of elements. Throws UsageError when an extent is negative or the product overflows.
NTK_API std::int64_t element_count(const Shape& shape);
/// Row-major strides, in elements. Throws UsageError as element_count does.
NTK_API Shape row_major_strides(const Shape& shape);

/// The DType of float, double or std::int64_t.
template <class T>
constexpr DType dtype_of() {
  static_assert(std::is_same_v<T, float> || std::is_same_v<T, double> ||
                std::is_same_v<T, std::int64_t>);
  if constexpr (std::is_same_v<T, float>) return DType::float32;
  if constexpr (std::is_same_v<T, double>) return DType::float64;
  return DType::int64;
}

/// Throws UsageError unless elements of this type are T.
template <class T>
void require_elements(DType dtype) {
  if (dtype != dtype_of<T>())
    throw UsageError(std::string("array: the elements are ") + name_of(dtype) + ", not " +
                     name_of(dtype_of<T>()));
}

/// A view of an array. Copying a view copies no data; the owner must outlive it. Views may be read
/// from several threads, as long as nobody writes to the memory.
/// Void is `const void` for arrays that are read, `void` for arrays that are written.
template <class Void>
struct BasicArrayView {
  /// A pointer to elements, const where the view is for reading.
  template <class T>
  using Pointer = std::conditional_t<std::is_const_v<Void>, const T*, T*>;

  Void* data = nullptr;                   ///< the first element
  DType dtype = DType::float64;           ///< type of the elements
  Shape shape;                            ///< extents
  Shape strides;                          ///< in elements; empty: row-major
  MemorySpace space = MemorySpace::host;  ///< where data is

  /// Number of elements.
  std::int64_t size() const { return element_count(shape); }
  /// Whether the elements lie one after the other.
  bool is_row_major() const { return strides.empty() || strides == row_major_strides(shape); }

  /// The data as float, double or std::int64_t. Throws UsageError when the elements are not T.
  template <class T>
  Pointer<T> as() const {
    require_elements<T>(dtype);
    return static_cast<Pointer<T>>(data);
  }
};
/// A view for reading; what functions take.
using ArrayView = BasicArrayView<const void>;
/// A view for writing.
using MutableArrayView = BasicArrayView<void>;

/// A view of row-major host memory, for reading.
template <class T>
ArrayView view_of(const T* data, Shape shape) {
  return {data, dtype_of<T>(), std::move(shape), {}, MemorySpace::host};
}
/// A view of row-major host memory, for writing.
template <class T>
MutableArrayView mutable_view_of(T* data, Shape shape) {
  return {data, dtype_of<T>(), std::move(shape), {}, MemorySpace::host};
}

/// An owning, row-major array on the host. Movable; copied only by clone(). A new array is zero.
/// Const calls may run concurrently.
class NTK_API Array {
 public:
  /// Nothing: float64, shape 0.
  Array() = default;
  /// Zeros. Throws UsageError for a shape that is none, MemoryError when the system has no memory
  /// for it.
  Array(DType dtype, Shape shape);
  /// A copy of the values, row-major. Throws UsageError when they do not fill the shape.
  template <class T>
  static Array of(const std::vector<T>& values, Shape shape) {
    Array a(dtype_of<T>(), std::move(shape));
    if (a.size() != static_cast<std::int64_t>(values.size()))
      throw UsageError("array: " + std::to_string(values.size()) +
                       " values do not fill the shape " + to_string(a.shape()));
    for (std::size_t i = 0; i < values.size(); ++i) a.as<T>()[i] = values[i];
    return a;
  }

  /// Type of the elements.
  DType dtype() const { return dtype_; }
  /// Extents.
  const Shape& shape() const { return shape_; }
  /// Number of elements.
  std::int64_t size() const { return data_ ? element_count(shape_) : 0; }
  /// Whether there is no element.
  bool empty() const { return size() == 0; }
  /// Bytes of all elements.
  std::size_t bytes() const { return static_cast<std::size_t>(size()) * size_of(dtype_); }

  /// The first element, for writing; null in an array of nothing.
  void* data() { return data_.get(); }
  /// The first element; null in an array of nothing.
  const void* data() const { return data_.get(); }
  /// The elements as float, double or std::int64_t, for writing. Throws UsageError for another
  /// type.
  template <class T>
  T* as() {
    require_elements<T>(dtype_);
    return static_cast<T*>(data_.get());
  }
  /// The elements as float, double or std::int64_t. Throws UsageError for another type.
  template <class T>
  const T* as() const {
    require_elements<T>(dtype_);
    return static_cast<const T*>(data_.get());
  }

  /// All of it, for reading.
  ArrayView view() const { return {data_.get(), dtype_, shape_, {}, MemorySpace::host}; }
  /// All of it, for writing.
  MutableArrayView mutable_view() { return {data_.get(), dtype_, shape_, {}, MemorySpace::host}; }
  /// So that an array can stand where a view is asked for.
  operator ArrayView() const { return view(); }

  /// A copy. Throws MemoryError.
  Array clone() const;
  /// A copy with other elements, fractions cut off. Throws DataError for a number that they cannot
  /// hold, MemoryError.
  Array converted_to(DType dtype) const;
  /// The same elements in another shape. Throws UsageError if counts differ.
  Array reshaped(Shape shape) &&;

 private:
  struct Free {
    void operator()(void* p) const noexcept;
  };
  DType dtype_ = DType::float64;
  Shape shape_ = {0};
  std::unique_ptr<void, Free> data_;
};

}  // namespace ntk
