#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

#include "src/solve/backend_memory.h"
#include "src/solve/operand.h"

namespace ntk {
namespace {

// Whether the second factor is converted panel by panel, each while the last one's place is still
// in the caches: a large matrix need not exist twice.
bool goes_by_panels(const Backend& backend, const ArrayView& b, bool transpose_b, DType dtype) {
  return backend.space() == MemorySpace::host && b.space == MemorySpace::host && !transpose_b &&
         b.dtype != dtype && b.shape[0] > 0 && b.shape[1] > 0;
}

// c = op(A) B, row-major.
void multiply_by_panels(Backend& backend, const internal::Operand& a, bool transpose_a,
                        std::int64_t m, const ArrayView& b, DType dtype, void* c,
                        const std::string& what) {
  constexpr std::int64_t kPanel = 256;
  const std::int64_t k = b.shape[0], n = b.shape[1];
  const auto element = static_cast<std::int64_t>(size_of(dtype));
  const internal::Strides strides = internal::strides_of(b);
  const internal::Buffer panel(backend, internal::matrix_bytes(std::min(kPanel, k), n, dtype));
  for (std::int64_t first = 0; first < k; first += kPanel) {
    const std::int64_t count = std::min(kPanel, k - first);
    const auto* rows = static_cast<const char*>(b.data) +
                       first * strides.row * static_cast<std::int64_t>(size_of(b.dtype));
    internal::convert({rows, b.dtype, {count, n}, {strides.row, strides.column}, b.space}, first,
                      dtype, panel.data(), what);
    const auto* columns = static_cast<const char*>(a.data()) +
                          first * element * (transpose_a ? a.ld() : std::int64_t{1});
    backend.multiply(dtype, false, transpose_a, n, m, count, 1, panel.data(), n, columns, a.ld(),
                     first > 0 ? 1 : 0, c, n);
  }
}

}  // namespace

Array matmul(const ArrayView& a, const ArrayView& b, bool transpose_a, bool transpose_b,
             const SolveOptions& options) {
  if (a.shape.size() != 2 || b.shape.size() != 2)
    throw UsageError("matmul: both factors must be matrices, but their shapes are " +
                     to_string(a.shape) + " and " + to_string(b.shape));
  const std::int64_t m = a.shape[transpose_a ? 1 : 0], k = a.shape[transpose_a ? 0 : 1];
  const std::int64_t n = b.shape[transpose_b ? 0 : 1];
  if (b.shape[transpose_b ? 1 : 0] != k)
    throw UsageError("matmul: " + to_string(a.shape) + (transpose_a ? " (transposed)" : "") +
                     " times " + to_string(b.shape) + (transpose_b ? " (transposed)" : "") +
                     " has no inner size in common");
  Backend& backend = internal::backend_of(options);
  const DType dtype = options.dtype;
  internal::require_backend_memory(backend, internal::matrix_bytes(m, n, dtype), options,
                                   "the " + to_string(Shape{m, n}) + " product of two matrices",
                                   "multiply fewer rows at a time");
  const internal::Operand left(backend, a, dtype, "matmul: the first factor");
  internal::Result result(backend, dtype, {m, n});
  const char* const second = "matmul: the second factor";
  if (m > 0 && goes_by_panels(backend, b, transpose_b, dtype)) {
    multiply_by_panels(backend, left, transpose_a, m, b, dtype, result.data(), second);
    return std::move(result).to_array();
  }
  const internal::Operand right(backend, b, dtype, second);
  // Row-major C is column-major C^T = op(B)^T op(A)^T.
  if (m > 0 && n > 0)
    backend.multiply(dtype, transpose_b, transpose_a, n, m, k, 1, right.data(), right.ld(),
                     left.data(), left.ld(), 0, result.data(), n);
  return std::move(result).to_array();
}

Array row_products(const ArrayView& a, const SolveOptions& options) {
  if (a.shape.size() != 2)
    throw UsageError("row_products: a matrix is needed, but the shape is " + to_string(a.shape));
  const std::int64_t m = a.shape[0], n = a.shape[1];
  Backend& backend = internal::backend_of(options);
  internal::require_backend_memory(
      backend, internal::matrix_bytes(m, m, options.dtype), options,
      "the " + to_string(Shape{m, m}) + " products of the rows of a matrix", "take fewer rows");
  const internal::Operand rows(backend, a, options.dtype, "row_products: the matrix");
  internal::Result result(backend, options.dtype, {m, m});
  // Row-major m x n is column-major n x m; the lower triangle there is the upper one here.
  if (m > 0) backend.gram_of_columns(options.dtype, m, n, rows.data(), rows.ld(), result.data(), m);
  Array products = std::move(result).to_array();
  internal::with_float_type(
      options.dtype, [&](auto zero) { internal::mirror_upper(m, products.as<decltype(zero)>()); });
  return products;
}

}  // namespace ntk
