// Samples as callers bring them, made into what a tile source takes.
#pragma once

#include <string>

#include "ntk/array.h"
#include "src/infinite/kernel_spec.h"

namespace ntk {

// A matrix of samples: row-major, float32 or float64, finite. Owns a copy only where the caller's
// array had to be converted.
class SampleMatrix {
 public:
  // `what` names the array in errors ("x1"). Throws UsageError for a shape that the network
  // cannot take (a sample is what follows the first axis; classical kernels take any), DataError
  // for NaN or Inf.
  SampleMatrix(const KernelSpec& spec, const ArrayView& x, const std::string& what);
  SampleMatrix(const SampleMatrix&) = delete;

  const ArrayView& view() const { return view_; }
  std::int64_t count() const { return view_.shape[0]; }
  std::int64_t width() const { return view_.shape[1]; }
  const Shape& sample() const { return sample_; }  // the shape of one

 private:
  Shape sample_;
  Array copy_;
  ArrayView view_;
};

// float32 for float32 data, float64 for anything else, unless asked for.
DType working_dtype(const ArrayView& x);

}  // namespace ntk
