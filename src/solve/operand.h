// How the caller's matrices come to the backend that works on them. `what` names a matrix in
// errors; whatever is not finite is refused with a DataError that names its row and column.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "src/solve/backend_memory.h"
#include "src/solve/host_matrix.h"

namespace ntk::internal {

// A finite row-major matrix that the backend can read: the caller's memory where it will do as it
// is, else a copy.
class Operand {
 public:
  Operand(Backend& backend, const ArrayView& view, DType dtype, const std::string& what);
  const void* data() const { return data_; }
  std::int64_t ld() const { return ld_; }  // at least 1, as BLAS wants it

 private:
  std::int64_t ld_ = 1;
  const void* data_;
  Buffer copy_;
};

// Copies the view to `to` (backend memory, row-major, leading dimension = columns) as `dtype`,
// adding `shift` to the diagonal.
void upload(Backend& backend, const ArrayView& view, DType dtype, double shift, void* to,
            const std::string& what);

// The same on the host, of the view's shape; and its transpose.
Array host_copy(Backend& backend, const ArrayView& view, DType dtype, const std::string& what);
Array transposed(Backend& backend, const ArrayView& view, DType dtype, const std::string& what);

// The diagonal of a square matrix, and its mean (0 for an empty one).
std::vector<double> diagonal_of(Backend& backend, const ArrayView& a);
double mean_diagonal(Backend& backend, const ArrayView& a);

}  // namespace ntk::internal
