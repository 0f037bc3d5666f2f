// A training kernel that a predictor may need again: a copy, or the caller's own memory.
#pragma once

#include <string>

#include "ntk/predict.h"
#include "src/predict/targets.h"
#include "src/solve/operand.h"

namespace ntk::internal {

class KeptKernel {
 public:
  // Absent views stay absent. Throws UsageError for a matrix that is not square and, where it is
  // copied, DataError for NaN or Inf.
  KeptKernel(const ArrayView& kernel, const PredictorOptions& options, const std::string& what) {
    if (is_absent(kernel)) return;
    order_of(kernel, what);
    const DType dtype = kernel.dtype == DType::float32 ? DType::float32 : DType::float64;
    if (!options.borrow_kernels) copy_ = host_copy(backend_of(options), kernel, dtype, what);
    view_ = options.borrow_kernels ? kernel : copy_.view();
  }

  const ArrayView& view() const { return view_; }
  bool is_there() const { return !is_absent(view_); }

 private:
  Array copy_;
  ArrayView view_;
};

}  // namespace ntk::internal
