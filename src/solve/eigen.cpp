#include <algorithm>
#include <cmath>
#include <utility>

#include "src/solve/backend_memory.h"
#include "src/solve/operand.h"

namespace ntk {

using internal::Buffer;

// V as backend memory holds it: column-major, eigenvector i in column i.
struct Eigen::Impl {
  Backend* backend;
  DType dtype;
  std::int64_t n;
  Buffer v;
  std::vector<double> w;

  Impl(Backend& b, std::int64_t order, const SolveOptions& options, int matrices)
      : backend(&b), dtype(options.dtype), n(order), w(static_cast<std::size_t>(order)) {
    const std::size_t bytes = internal::matrix_bytes(n, n, dtype);
    internal::require_backend_memory(
        b, bytes * static_cast<std::size_t>(matrices), options,
        "the eigendecomposition of a " + to_string(Shape{n, n}) + " matrix on " +
            name_of(b.device()),
        "use a Cholesky factorization, fewer training samples, or float32 arithmetic");
    v = Buffer(b, bytes);
  }

  std::int64_t ld() const { return std::max<std::int64_t>(n, 1); }

  template <class F>
  std::vector<double> values_of(const F& f) const {
    std::vector<double> values;
    values.reserve(w.size());
    for (double eigenvalue : w) values.push_back(f(eigenvalue));
    return values;
  }

  void multiply(bool transpose_a, bool transpose_b, std::int64_t rows, std::int64_t columns,
                const void* a, std::int64_t lda, const void* b, std::int64_t ldb, void* c) const {
    backend->multiply(dtype, transpose_a, transpose_b, rows, columns, n, 1, a, lda, b, ldb, 0, c,
                      std::max<std::int64_t>(rows, 1));
  }
};

namespace {

// Multiplies entry (i, j) of a column-major matrix by factor[i] (by_row) or factor[j].
template <class T>
void scale(std::int64_t rows, std::int64_t columns, const std::vector<double>& factor, bool by_row,
           T* a) {
  for (std::int64_t j = 0; j < columns; ++j)
    for (std::int64_t i = 0; i < rows; ++i)
      a[j * rows + i] = static_cast<T>(a[j * rows + i] * factor[by_row ? i : j]);
}

// The same for a matrix in backend memory, through the host where that is elsewhere.
void scale_on(Backend& backend, DType dtype, std::int64_t rows, std::int64_t columns,
              const std::vector<double>& factor, bool by_row, void* a) {
  auto run = [&](void* on_host) {
    if (dtype == DType::float32)
      scale(rows, columns, factor, by_row, static_cast<float*>(on_host));
    else
      scale(rows, columns, factor, by_row, static_cast<double*>(on_host));
  };
  if (backend.space() == MemorySpace::host) return run(a);
  Array staging(dtype, {rows, columns});
  backend.copy(staging.data(), a, staging.bytes());
  run(staging.data());
  backend.copy(a, staging.data(), staging.bytes());
}

}  // namespace

Eigen::Eigen(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Eigen::Eigen(Eigen&&) noexcept = default;
Eigen& Eigen::operator=(Eigen&&) noexcept = default;
Eigen::~Eigen() = default;

Eigen::Eigen(const ArrayView& a, const SolveOptions& options) {
  const std::int64_t n = internal::order_of(a, "eigen: the matrix");
  Backend& backend = internal::backend_of(options);
  constexpr int kWithWorkspace = 2;
  impl_ = std::make_unique<Impl>(backend, n, options, kWithWorkspace);
  internal::upload(backend, a, options.dtype, 0, impl_->v.data(), "eigen: the matrix");
  if (n == 0) return;
  internal::Result w(backend, options.dtype, {n});
  backend.eigen(options.dtype, n, impl_->v.data(), impl_->ld(), w.data());
  const Array values = std::move(w).to_array().converted_to(DType::float64);
  std::copy_n(values.as<double>(), n, impl_->w.begin());
}

Eigen Eigen::from_basis(const ArrayView& eigenvalues, const ArrayView& eigenvectors,
                        const SolveOptions& options) {
  const std::int64_t n = internal::order_of(eigenvectors, "eigen: the eigenvectors");
  if (eigenvalues.shape != Shape{n})
    throw UsageError("eigen: eigenvalues of shape " + to_string(eigenvalues.shape) +
                     " do not go with eigenvectors of shape " + to_string(eigenvectors.shape));
  Backend& backend = internal::backend_of(options);
  Eigen result(std::make_unique<Impl>(backend, n, options, 1));
  const Array w = internal::transposed(backend, eigenvalues, DType::float64, "the eigenvalues");
  std::copy_n(w.as<double>(), n, result.impl_->w.begin());
  if (!std::is_sorted(result.impl_->w.begin(), result.impl_->w.end()))
    throw DataError("eigen: the eigenvalues are not in ascending order");
  const Array columns =
      internal::transposed(backend, eigenvectors, options.dtype, "the eigenvectors");
  if (n > 0) backend.copy(result.impl_->v.data(), columns.data(), columns.bytes());
  return result;
}

std::int64_t Eigen::n() const { return impl_->n; }
Backend& Eigen::backend() const { return *impl_->backend; }
const std::vector<double>& Eigen::eigenvalues() const { return impl_->w; }

Array Eigen::apply(const std::function<double(double)>& f, const ArrayView& b) const {
  const internal::Extents extents = internal::extents_of(b, "eigen: the right-hand side");
  const std::int64_t n = impl_->n, k = extents.columns;
  if (extents.rows != n)
    throw UsageError("eigen: the right-hand side has the shape " + to_string(b.shape) +
                     ", but the matrix is " + to_string(Shape{n, n}));
  internal::Result result(*impl_->backend, impl_->dtype, b.shape);
  if (n == 0 || k == 0) return std::move(result).to_array();
  // Row-major n x k is column-major k x n, so that this is B^T V f(w) V^T.
  const internal::Operand from(*impl_->backend, b, impl_->dtype, "eigen: the right-hand side");
  const Buffer rotated(*impl_->backend, internal::matrix_bytes(n, k, impl_->dtype));
  impl_->multiply(false, false, k, n, from.data(), from.ld(), impl_->v.data(), n, rotated.data());
  scale_on(*impl_->backend, impl_->dtype, k, n, impl_->values_of(f), false, rotated.data());
  impl_->multiply(false, true, k, n, rotated.data(), k, impl_->v.data(), n, result.data());
  return std::move(result).to_array();
}

Array Eigen::apply_right(const std::function<double(double)>& f, const ArrayView& b) const {
  const std::int64_t n = impl_->n;
  if (b.shape.empty() || b.shape.size() > 2 || b.shape.back() != n)
    throw UsageError("eigen: the left-hand side has the shape " + to_string(b.shape) +
                     ", but the matrix is " + to_string(Shape{n, n}));
  const std::int64_t k = b.shape.size() == 2 ? b.shape[0] : 1;
  internal::Result result(*impl_->backend, impl_->dtype, b.shape);
  if (n == 0 || k == 0) return std::move(result).to_array();
  ArrayView rows = b;  // a vector is a row here
  if (b.shape.size() == 1) {
    rows.shape = {1, n};
    if (!b.strides.empty()) rows.strides = {n * b.strides[0], b.strides[0]};
  }
  // Row-major k x n is column-major n x k, so that this is V f(w) V^T B^T.
  const internal::Operand from(*impl_->backend, rows, impl_->dtype, "eigen: the left-hand side");
  const Buffer rotated(*impl_->backend, internal::matrix_bytes(n, k, impl_->dtype));
  impl_->multiply(true, false, n, k, impl_->v.data(), n, from.data(), from.ld(), rotated.data());
  scale_on(*impl_->backend, impl_->dtype, n, k, impl_->values_of(f), true, rotated.data());
  impl_->multiply(false, false, n, k, impl_->v.data(), n, rotated.data(), n, result.data());
  return std::move(result).to_array();
}

Array Eigen::eigenvectors() const {
  const std::int64_t n = impl_->n;
  Array rows(impl_->dtype, {n, n});
  if (n > 0) impl_->backend->copy(rows.data(), impl_->v.data(), rows.bytes());
  return internal::transposed(*impl_->backend, rows, impl_->dtype, "the eigenvectors");
}

}  // namespace ntk
