// Samples made ready for the CPU's tiles.
#pragma once

#include <cstdint>
#include <vector>

#include "kernels/backend.h"
#include "kernels/cpu/strip.h"
#include "kernels/host_memory.h"

namespace ntk::cpu {

class Samples final : public PreparedSamples {
 public:
  // `x` must outlive this; `threads` as for OpenMP.
  Samples(const Program& program, const ArrayView& x, DType working, int threads);

  std::int64_t count() const override { return n_; }
  const double* nngp_diagonal() const override { return nngp_.data(); }
  const double* ntk_diagonal() const override { return ntk_.data(); }

  std::int64_t width() const { return width_; }
  DType working() const { return working_; }

  // Rows of unit length (zero rows stay zero), count x width.
  const float* rows(float) const { return rows_f32_.data(); }
  const double* rows(double) const { return rows_f64_.data(); }
  Features<float> features(float) const { return {features_f32_.data(), stride_}; }
  Features<double> features(double) const { return {features_f64_.data(), stride_}; }

  // Row i of unit length in float64, whatever the working precision.
  void copy_row(std::int64_t i, double* to) const;
  // Of the rows i of a and j of b, made unit length in float64.
  static Ends ends(const StripKernels& kernels, const Samples& a, std::int64_t i, const Samples& b,
                   std::int64_t j);
  bool is_zero(std::int64_t i) const { return scale_[static_cast<std::size_t>(i)] == 0; }

  static std::size_t bytes(const Program& program, std::int64_t count, std::int64_t width,
                           DType working);

 private:
  double normalize(std::int64_t i);  // returns |x_i|
  double norm(std::int64_t i) const;
  // Calls f with a pointer to row i of the data, float or double.
  template <class F>
  auto with_row(std::int64_t i, F f) const {
    return x_.dtype == DType::float32 ? f(static_cast<const float*>(x_.data) + i * width_)
                                      : f(static_cast<const double*>(x_.data) + i * width_);
  }

  std::int64_t n_, width_, stride_;
  DType working_;
  ArrayView x_;
  std::vector<double> scale_, nngp_, ntk_;  // scale: 1/|x|, 0 for a zero row
  HostBuffer<float> rows_f32_, features_f32_;
  HostBuffer<double> rows_f64_, features_f64_;
};

}  // namespace ntk::cpu
