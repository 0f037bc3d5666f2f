#include <algorithm>
#include <utility>

#include "src/solve/backend_memory.h"
#include "src/solve/operand.h"

namespace ntk {

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
  const internal::Operand right(backend, b, dtype, "matmul: the second factor");
  internal::Result result(backend, dtype, {m, n});
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
