#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <limits>
#include <utility>

#include "src/solve/backend_memory.h"
#include "src/solve/operand.h"

namespace ntk {

using internal::Buffer;

// L as backend memory holds it: column-major, lower triangle; what stands above it is not ours.
struct Cholesky::Impl {
  Backend* backend;
  DType dtype;
  std::int64_t n;
  Buffer l;
  double jitter = 0;

  Impl(Backend& b, std::int64_t order, const SolveOptions& options)
      : backend(&b), dtype(options.dtype), n(order) {
    const std::size_t bytes = internal::matrix_bytes(n, n, dtype);
    internal::require_backend_memory(
        b, bytes, options,
        "the Cholesky factor of a " + to_string(Shape{n, n}) + " matrix on " + name_of(b.device()),
        "use fewer training samples, or float32 arithmetic");
    l = Buffer(b, bytes);
  }

  std::int64_t ld() const { return std::max<std::int64_t>(n, 1); }
  char* column(std::int64_t j) const {  // at its diagonal entry
    return static_cast<char*>(l.data()) + (j * n + j) * static_cast<std::int64_t>(size_of(dtype));
  }
  std::size_t column_bytes(std::int64_t j) const {
    return static_cast<std::size_t>(n - j) * size_of(dtype);
  }
  std::vector<double> diagonal() const {
    return internal::diagonal_of(*backend, {l.data(), dtype, {n, n}, {}, backend->space()});
  }
  // Row-major k x n is column-major n x k: the transposed problem, in place.
  Array from_right(const ArrayView& b, decltype(&Backend::cholesky_solve) solve) const {
    if (b.shape.empty() || b.shape.size() > 2 || b.shape.back() != n)
      throw UsageError("cholesky: the left-hand side has the shape " + to_string(b.shape) +
                       ", but the matrix is " + to_string(Shape{n, n}));
    internal::Result result(*backend, dtype, b.shape);
    internal::upload(*backend, b, dtype, 0, result.data(), "the left-hand side");
    const std::int64_t columns = b.shape.size() == 2 ? b.shape[0] : 1;
    if (n > 0 && columns > 0)
      (backend->*solve)(dtype, n, columns, l.data(), ld(), result.data(), ld());
    return std::move(result).to_array();
  }
};

namespace {

std::string short_number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3g", value);
  return text;
}

[[noreturn]] void throw_not_positive(std::int64_t n, std::int64_t minor, double ridge,
                                     double jitter) {
  throw NotPositiveDefinite(
      "cholesky: the " + to_string(Shape{n, n}) + " matrix with " + short_number(ridge + jitter) +
          " on its diagonal is not positive definite: its leading minor of order " +
          std::to_string(minor) + " is not positive (row " + std::to_string(minor - 1) +
          ", counted from 0); give a larger ridge",
      minor);
}

// A pivot that is rounding alone may come out positive by chance; what is divided by it has no
// digit right. The order of the first such minor, or 0.
std::int64_t first_lost_pivot(const std::vector<double>& a, double shift,
                              const std::vector<double>& l, DType dtype) {
  constexpr double kFactor = 8;
  const double epsilon = dtype == DType::float32 ? std::numeric_limits<float>::epsilon()
                                                 : std::numeric_limits<double>::epsilon();
  const double rounding = kFactor * std::sqrt(static_cast<double>(a.size())) * epsilon;
  for (std::size_t j = 0; j < a.size(); ++j)
    if (!(l[j] * l[j] > rounding * (a[j] + shift))) return static_cast<std::int64_t>(j) + 1;
  return 0;
}

void require_jitter_options(const CholeskyOptions& options, double ridge) {
  if (!std::isfinite(ridge)) throw UsageError("cholesky: the ridge must be finite");
  if (!(options.max_jitter >= 0) || !std::isfinite(options.max_jitter))
    throw UsageError("cholesky: max_jitter must be 0 or positive");
  if (options.max_jitter > 0 && !(options.first_jitter > 0))
    throw UsageError("cholesky: first_jitter must be positive");
}

}  // namespace

Cholesky::Cholesky(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Cholesky::Cholesky(Cholesky&&) noexcept = default;
Cholesky& Cholesky::operator=(Cholesky&&) noexcept = default;
Cholesky::~Cholesky() = default;

Cholesky::Cholesky(const ArrayView& a, double ridge, const CholeskyOptions& options) {
  const std::int64_t n = internal::order_of(a, "cholesky: the matrix");
  require_jitter_options(options, ridge);
  Backend& backend = internal::backend_of(options);
  impl_ = std::make_unique<Impl>(backend, n, options);
  double relative = 0;
  for (;;) {
    if (relative > 0) impl_->jitter = relative * internal::mean_diagonal(backend, a);
    const double shift = ridge + impl_->jitter;
    internal::upload(backend, a, options.dtype, shift, impl_->l.data(), "cholesky: the matrix");
    std::int64_t minor =
        n > 0 ? backend.cholesky(options.dtype, n, impl_->l.data(), impl_->ld()) : 0;
    if (minor == 0)
      minor = first_lost_pivot(internal::diagonal_of(backend, a), shift, impl_->diagonal(),
                               options.dtype);
    if (minor == 0) break;
    relative = relative > 0 ? 10 * relative : options.first_jitter;
    // A little room: ten times 1e-7 is not 1e-6.
    if (relative > options.max_jitter * (1 + 1e-9))
      throw_not_positive(n, minor, ridge, impl_->jitter);
    if (options.log)
      options.log("cholesky: the leading minor of order " + std::to_string(minor) +
                  " is not positive; trying again with a jitter of " + short_number(relative) +
                  " of the mean diagonal");
  }
}

Cholesky Cholesky::from_factor(const ArrayView& factor, double jitter,
                               const SolveOptions& options) {
  const std::int64_t n = internal::order_of(factor, "cholesky: the factor");
  Backend& backend = internal::backend_of(options);
  const Array columns =
      internal::transposed(backend, factor, options.dtype, "cholesky: the factor");
  Array packed(options.dtype, {n * (n + 1) / 2});
  const std::size_t size = size_of(options.dtype);
  const char* from = static_cast<const char*>(columns.data());
  char* to = static_cast<char*>(packed.data());
  for (std::int64_t j = 0; j < n; ++j) {
    const std::size_t bytes = static_cast<std::size_t>(n - j) * size;
    std::memcpy(to, from + static_cast<std::size_t>(j * n + j) * size, bytes);
    to += bytes;
  }
  return from_packed_factor(packed, jitter, options);
}

Cholesky Cholesky::from_packed_factor(const ArrayView& packed, double jitter,
                                      const SolveOptions& options) {
  const std::int64_t count = packed.size();
  const auto n = static_cast<std::int64_t>((std::sqrt(8 * static_cast<double>(count) + 1) - 1) / 2);
  if (packed.shape.size() != 1 || n * (n + 1) / 2 != count)
    throw UsageError(
        "cholesky: a packed factor has n (n + 1) / 2 entries in one axis, but its shape is " +
        to_string(packed.shape));
  Backend& backend = internal::backend_of(options);
  Cholesky result(std::make_unique<Impl>(backend, n, options));
  result.impl_->jitter = jitter;
  const SolveOptions& o = options;
  const Array row = internal::transposed(backend, packed, o.dtype, "cholesky: the factor");
  const char* from = static_cast<const char*>(row.data());
  for (std::int64_t j = 0; j < n; ++j) {
    backend.copy(result.impl_->column(j), from, result.impl_->column_bytes(j));
    from += result.impl_->column_bytes(j);
  }
  for (const double entry : result.impl_->diagonal())
    if (!(entry > 0)) throw DataError("cholesky: the diagonal of the factor is not positive");
  return result;
}

std::int64_t Cholesky::n() const { return impl_->n; }
DType Cholesky::dtype() const { return impl_->dtype; }
Backend& Cholesky::backend() const { return *impl_->backend; }
double Cholesky::jitter() const { return impl_->jitter; }

double Cholesky::log_determinant() const {
  double sum = 0;
  for (const double entry : impl_->diagonal()) sum += std::log(entry);
  return 2 * sum;
}

Array Cholesky::solve(const ArrayView& b) const {
  const internal::Extents extents = internal::extents_of(b, "cholesky: the right-hand side");
  if (extents.rows != impl_->n)
    throw UsageError("cholesky: the right-hand side has the shape " + to_string(b.shape) +
                     ", but the matrix is " + to_string(Shape{impl_->n, impl_->n}));
  Backend& backend = *impl_->backend;
  const Array columns = internal::transposed(backend, b, impl_->dtype, "the right-hand side");
  const Array solved = solve_right(columns);
  return internal::transposed(backend, solved, impl_->dtype, "the solution").reshaped(b.shape);
}

Array Cholesky::solve_right(const ArrayView& b) const {
  return impl_->from_right(b, &Backend::cholesky_solve);
}

Array Cholesky::half_solve_right(const ArrayView& b) const {
  return impl_->from_right(b, &Backend::triangular_solve);
}

Array Cholesky::packed_factor() const {
  const std::int64_t n = impl_->n;
  Array packed(impl_->dtype, {n * (n + 1) / 2});
  char* to = static_cast<char*>(packed.data());
  for (std::int64_t j = 0; j < n; ++j) {
    impl_->backend->copy(to, impl_->column(j), impl_->column_bytes(j));
    to += impl_->column_bytes(j);
  }
  return packed;
}

Array Cholesky::factor() const {
  const std::int64_t n = impl_->n;
  const Array packed = packed_factor();
  Array full(impl_->dtype, {n, n});
  auto unpack = [&](const auto* from, auto* to) {
    for (std::int64_t j = 0; j < n; ++j)
      for (std::int64_t i = j; i < n; ++i) to[i * n + j] = *from++;
  };
  if (impl_->dtype == DType::float32)
    unpack(packed.as<float>(), full.as<float>());
  else
    unpack(packed.as<double>(), full.as<double>());
  return full;
}

}  // namespace ntk
