// What a predictor is fitted to, and the arrays that must have its shape.
#pragma once

#include <cstdint>
#include <string>

#include "ntk/array.h"
#include "ntk/solve.h"

namespace ntk::internal {

// y as N x O in float64, and whether it came as a vector: what is predicted has the same form.
struct Targets {
  Array values;
  bool is_vector = false;

  std::int64_t count() const { return values.shape()[0]; }
  std::int64_t outputs() const { return values.shape()[1]; }
  std::int64_t size() const { return values.size(); }
  // rows x O, or rows where y was a vector.
  Shape shape_of(std::int64_t rows) const;
};

// y for n samples. Throws UsageError for another number of rows, or no rows, DataError for NaN or
// Inf.
Targets targets_of(const ArrayView& y, std::int64_t n, const SolveOptions& options);

// Outputs at t = 0 of `rows` samples as rows x O in float64; zeros if the view is absent.
Array outputs_at_start(const ArrayView& f0, const Targets& targets, std::int64_t rows,
                       const SolveOptions& options, const std::string& what);

// A view that was not given has no shape.
inline bool is_absent(const ArrayView& view) { return view.shape.empty(); }

// A row-major copy on the host as float64; throws DataError for NaN or Inf.
Array finite_copy(const ArrayView& view, const SolveOptions& options, const std::string& what);

// a += factor b, of the same size, both float64.
void add_scaled(Array& a, double factor, const Array& b);

}  // namespace ntk::internal
