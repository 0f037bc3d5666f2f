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

}  // namespace ntk
