#include "src/predict/targets.h"

#include "src/io/exact_integers.h"
#include "src/solve/operand.h"

namespace ntk::internal {

Shape Targets::shape_of(std::int64_t rows) const {
  return is_vector ? Shape{rows} : Shape{rows, outputs()};
}

Targets targets_of(const ArrayView& y, std::int64_t n, const SolveOptions& options) {
  if (n == 0) throw UsageError("there are no training samples; at least one is needed");
  if ((y.shape.size() != 1 && y.shape.size() != 2) || y.shape[0] != n)
    throw UsageError("y must have a row for each of the " + std::to_string(n) +
                     " training samples (" + std::to_string(n) + " or " + std::to_string(n) +
                     " x outputs), but its shape is " + to_string(y.shape));
  if (y.shape.size() == 2 && y.shape[1] == 0)
    throw UsageError("y has no outputs: its shape is " + to_string(y.shape));
  require_exact_in_float64(y, "y");
  Targets targets{finite_copy(y, options, "y"), y.shape.size() == 1};
  targets.values = std::move(targets.values).reshaped({n, y.shape.size() == 2 ? y.shape[1] : 1});
  return targets;
}

Array outputs_at_start(const ArrayView& f0, const Targets& targets, std::int64_t rows,
                       const SolveOptions& options, const std::string& what) {
  const Shape matrix{rows, targets.outputs()};
  if (is_absent(f0)) return Array(DType::float64, matrix);
  if (f0.shape != matrix && f0.shape != targets.shape_of(rows))
    throw UsageError(what + " must have the shape " + to_string(targets.shape_of(rows)) +
                     ", that of the outputs, but it is " + to_string(f0.shape));
  return finite_copy(f0, options, what).reshaped(matrix);
}

Array finite_copy(const ArrayView& view, const SolveOptions& options, const std::string& what) {
  return host_copy(backend_of(options), view, DType::float64, what);
}

void add_scaled(Array& a, double factor, const Array& b) {
  double* const to = a.as<double>();
  const double* const from = b.as<double>();
  for (std::int64_t i = 0, n = a.size(); i < n; ++i) to[i] += factor * from[i];
}

}  // namespace ntk::internal
