#include "src/solve/operand.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace ntk::internal {
namespace {

using Index = std::int64_t;
constexpr Index kStagingBytes = Index{64} << 20;

bool is_on_host(const ArrayView& view) { return view.space == MemorySpace::host; }

void require_reachable(const Backend& backend, const ArrayView& view, const std::string& what) {
  if (is_on_host(view)) return;
  if (view.space != backend.space())
    throw UsageError(what + " is in GPU memory, but the device is " + name_of(backend.device()) +
                     "; copy it to the host, or use device cuda");
  if (view.shape.size() > 1 && strides_of(view).column != 1)
    throw UsageError(what + " is in GPU memory with strided rows; its rows must be contiguous");
}

// Rows [first, first + count) in host memory: the view's own, or brought to `staging`.
ArrayView rows_on_host(Backend& backend, const ArrayView& view, Index first, Index count,
                       std::vector<char>& staging) {
  const Strides strides = strides_of(view);
  const Index columns = extents_of(view, "array").columns;
  const auto element = static_cast<Index>(size_of(view.dtype));
  const auto address = [&](Index row) {
    return static_cast<const char*>(view.data) + row * strides.row * element;
  };
  if (is_on_host(view))
    return {
        address(first), view.dtype, {count, columns}, {strides.row, strides.column}, view.space};
  const Index row_bytes = columns * element;
  staging.resize(static_cast<std::size_t>(count * row_bytes));
  if (strides.row == columns)
    backend.copy(staging.data(), address(first), staging.size());
  else
    for (Index i = 0; i < count; ++i)
      backend.copy(staging.data() + i * row_bytes, address(first + i),
                   static_cast<std::size_t>(row_bytes));
  return {staging.data(), view.dtype, {count, columns}, {}, MemorySpace::host};
}

// `count` numbers `value` in backend memory.
template <class T>
Buffer filled(Backend& backend, Index count, double value) {
  const std::vector<T> values(static_cast<std::size_t>(count), static_cast<T>(value));
  Buffer buffer(backend, values.size() * sizeof(T));
  backend.copy(buffer.data(), values.data(), values.size() * sizeof(T));
  return buffer;
}

// NaN and Inf survive in the sums of the rows, which are all that comes to the host.
template <class T>
void require_finite_on_device(Backend& backend, const ArrayView& view, const std::string& what) {
  const auto [rows, columns] = extents_of(view, what);
  const Buffer ones = filled<T>(backend, columns, 1);
  const Buffer sums(backend, matrix_bytes(rows, 1, dtype_of<T>()));
  backend.multiply(dtype_of<T>(), true, false, rows, 1, columns, 1, view.data, strides_of(view).row,
                   ones.data(), columns, 0, sums.data(), rows);
  std::vector<T> on_host(static_cast<std::size_t>(rows));
  backend.copy(on_host.data(), sums.data(), on_host.size() * sizeof(T));
  std::vector<char> received;
  for (Index i = 0; i < rows; ++i)  // large entries may overflow in a sum: the row itself decides
    if (!std::isfinite(on_host[static_cast<std::size_t>(i)]))
      require_finite_matrix(rows_on_host(backend, view, i, 1, received), i, what);
}

// Within the device's memory. The diagonal is a row whose stride is the leading dimension plus one,
// so that one product of 1 x 1 by 1 x n does what n small copies would.
template <class T>
void copy_on_device(Backend& backend, const ArrayView& view, double shift, T* to,
                    const std::string& what) {
  const auto [rows, columns] = extents_of(view, what);
  const Index from_row = strides_of(view).row;
  require_finite_on_device<T>(backend, view, what);
  const T* const from = static_cast<const T*>(view.data);
  if (from_row == columns)
    backend.copy(to, from, matrix_bytes(rows, columns, dtype_of<T>()));
  else
    for (Index i = 0; i < rows; ++i)
      backend.copy(to + i * columns, from + i * from_row,
                   static_cast<std::size_t>(columns) * sizeof(T));
  if (shift == 0) return;
  const Index n = std::min(rows, columns);
  const Buffer one = filled<T>(backend, 1, 1), shifts = filled<T>(backend, n, shift);
  backend.multiply(dtype_of<T>(), false, false, 1, n, 1, 1, one.data(), 1, shifts.data(), 1, 1, to,
                   columns + 1);
}

template <class T>
void shift_diagonal(Extents extents, Index first, Index count, double shift, T* rows) {
  if (shift == 0) return;
  for (Index i = first; i < std::min(first + count, extents.columns); ++i) {
    T& entry = rows[(i - first) * extents.columns + i];
    entry = static_cast<T>(entry + shift);
  }
}

// Row by row through host memory: straight to `to` where the backend works there.
template <class T>
void copy_through_host(Backend& backend, const ArrayView& view, double shift, T* to,
                       const std::string& what) {
  const Extents extents = extents_of(view, what);
  const bool works_on_host = backend.space() == MemorySpace::host;
  const Index row_bytes = extents.columns * static_cast<Index>(sizeof(double));
  const Index step = works_on_host ? extents.rows : std::max<Index>(1, kStagingBytes / row_bytes);
  std::vector<char> received;
  std::vector<T> converted;
  for (Index first = 0; first < extents.rows; first += step) {
    const Index count = std::min(step, extents.rows - first);
    const ArrayView rows = rows_on_host(backend, view, first, count, received);
    if (!works_on_host) converted.resize(static_cast<std::size_t>(count * extents.columns));
    T* const target = works_on_host ? to : converted.data();
    convert(rows, first, dtype_of<T>(), target, what);
    shift_diagonal(extents, first, count, shift, target);
    if (!works_on_host)
      backend.copy(to + first * extents.columns, target, converted.size() * sizeof(T));
  }
}

}  // namespace

Operand::Operand(Backend& backend, const ArrayView& view, DType dtype, const std::string& what)
    : data_(view.data) {
  const auto [rows, columns] = extents_of(view, what);
  ld_ = std::max<Index>(columns, 1);
  if (rows == 0 || columns == 0) return;
  require_reachable(backend, view, what);
  const Strides strides = strides_of(view);
  const bool readable = view.dtype == dtype && view.space == backend.space() &&
                        strides.row >= columns && (strides.column == 1 || columns == 1);
  if (!readable) {
    copy_ = Buffer(backend, matrix_bytes(rows, columns, dtype));
    upload(backend, view, dtype, 0, copy_.data(), what);
    data_ = copy_.data();
    return;
  }
  ld_ = std::max<Index>(strides.row, 1);
  if (is_on_host(view))
    require_finite_matrix(view, 0, what);
  else
    with_float_type(
        dtype, [&](auto zero) { require_finite_on_device<decltype(zero)>(backend, view, what); });
}

void upload(Backend& backend, const ArrayView& view, DType dtype, double shift, void* to,
            const std::string& what) {
  const auto [rows, columns] = extents_of(view, what);
  if (rows == 0 || columns == 0) return;
  require_reachable(backend, view, what);
  const bool stays_on_device = !is_on_host(view) && view.dtype == dtype;
  with_float_type(dtype, [&](auto zero) {
    auto* const target = static_cast<decltype(zero)*>(to);
    stays_on_device ? copy_on_device(backend, view, shift, target, what)
                    : copy_through_host(backend, view, shift, target, what);
  });
}

Array host_copy(Backend& backend, const ArrayView& view, DType dtype, const std::string& what) {
  const Extents extents = extents_of(view, what);
  Array result(dtype, view.shape);
  if (result.size() == 0) return result;
  require_reachable(backend, view, what);
  std::vector<char> received;
  convert(rows_on_host(backend, view, 0, extents.rows, received), 0, dtype, result.data(), what);
  return result;
}

Array transposed(Backend& backend, const ArrayView& view, DType dtype, const std::string& what) {
  const Extents extents = extents_of(view, what);
  Array result(dtype, {extents.columns, extents.rows});
  if (result.size() == 0) return result;
  require_reachable(backend, view, what);
  std::vector<char> received;
  const ArrayView rows = rows_on_host(backend, view, 0, extents.rows, received);
  require_finite_matrix(rows, 0, what);  // the conversion would name row and column the other way
  const Strides strides = strides_of(rows);
  const ArrayView flipped{
      rows.data, rows.dtype, result.shape(), {strides.column, strides.row}, MemorySpace::host};
  convert(flipped, 0, dtype, result.data(), what);
  return result;
}

std::vector<double> diagonal_of(Backend& backend, const ArrayView& a) {
  const Index n = order_of(a, "the matrix");
  if (n == 0) return {};
  require_reachable(backend, a, "the matrix");
  const Strides strides = strides_of(a);
  const Index step = strides.row + strides.column;
  Array values;
  if (is_on_host(a)) {
    values =
        host_copy(backend, {a.data, a.dtype, {n}, {step}, a.space}, DType::float64, "the diagonal");
  } else {
    Array gathered(a.dtype, {n});
    with_float_type(a.dtype, [&](auto zero) {
      const Buffer one = filled<decltype(zero)>(backend, 1, 1), row(backend, gathered.bytes());
      backend.multiply(a.dtype, false, false, 1, n, 1, 1, one.data(), 1, a.data, step, 0,
                       row.data(), 1);
      backend.copy(gathered.data(), row.data(), gathered.bytes());
    });
    values = gathered.converted_to(DType::float64);
  }
  return {values.as<double>(), values.as<double>() + n};
}

double mean_diagonal(Backend& backend, const ArrayView& a) {
  const std::vector<double> diagonal = diagonal_of(backend, a);
  const double sum = std::accumulate(diagonal.begin(), diagonal.end(), 0.0);
  return diagonal.empty() ? 0 : sum / static_cast<double>(diagonal.size());
}

}  // namespace ntk::internal
