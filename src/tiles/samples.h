// Samples as callers bring them, made into what a tile source takes.
#pragma once

#include <optional>
#include <string>

#include "ntk/array.h"
#include "src/infinite/kernel_spec.h"

namespace ntk {

// What comes with samples of images.
struct SampleExtras {
  const ArrayView* pattern = nullptr;  // N x V x V
  std::string pattern_name = "pattern";
  std::optional<double> mask_constant = std::nullopt;
};

// A matrix of samples: row-major, float32 or float64, finite. Owns a copy only where the caller's
// array had to be converted.
class SampleMatrix {
 public:
  // `what` names the array in errors ("x1"). Throws UsageError for a shape that the network
  // cannot take (a sample is what follows the first axis; classical kernels take any), DataError
  // for NaN or Inf.
  // `extras`: for networks with an Aggregate, whose matrix has each sample's pattern behind its
  // numbers, and for masks.
  SampleMatrix(const KernelSpec& spec, const ArrayView& x, const std::string& what,
               const SampleExtras& extras = {});
  SampleMatrix(const SampleMatrix&) = delete;

  const ArrayView& view() const { return view_; }
  std::int64_t count() const { return view_.shape[0]; }
  std::int64_t width() const { return view_.shape[1]; }
  const Shape& sample() const { return sample_; }  // the shape of one

 private:
  void append_pattern(const ArrayView& pattern, const std::string& name, const std::string& what);

  Shape sample_;
  Array copy_;
  ArrayView view_;
};

// float32 for float32 data, float64 for anything else, unless asked for.
DType working_dtype(const ArrayView& x);

}  // namespace ntk
