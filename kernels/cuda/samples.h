// Samples made ready for the GPU's tiles.
#pragma once

#include <cstdint>
#include <vector>

#include "kernels/backend.h"
#include "kernels/cuda/resources.h"
#include "kernels/math/run.h"

namespace ntk::cuda {

// A tile's side. GEMMs always run at this size, whatever is left of the matrix, so that cuBLAS
// chooses the same kernel and an entry's bits do not depend on the number of samples.
constexpr std::int64_t kTile = 2048;

class Samples final : public PreparedSamples {
 public:
  Samples(const Program& program, const ArrayView& x, DType working);

  std::int64_t count() const override { return n_; }
  const double* nngp_diagonal() const override { return nngp_.data(); }
  const double* ntk_diagonal() const override { return ntk_.data(); }

  std::int64_t width() const { return width_; }
  DType working() const { return working_; }
  const Instruction* instructions() const { return instructions_.data(); }
  int instruction_count() const { return instruction_count_; }

  // All pointers below are to device memory. Rows of unit length (zero rows stay zero), padded with
  // zero rows past the last tile.
  const float* rows(float) const { return rows_f32_.data(); }
  const double* rows(double) const { return rows_f64_.data(); }
  math::FeatureTable<float> features(float) const { return {features_f32_.data(), stride_}; }
  math::FeatureTable<double> features(double) const { return {features_f64_.data(), stride_}; }
  const double* device_nngp_diagonal() const { return diagonals_.data(); }
  const double* device_ntk_diagonal() const { return diagonals_.data() + n_; }
  const void* x() const { return x_; }
  DType x_dtype() const { return x_dtype_; }
  const double* scale() const { return scale_.data(); }  // 1/|x|, 0 for a zero row

  static std::size_t bytes(const Program& program, std::int64_t count, std::int64_t width,
                           DType working);

 private:
  std::int64_t n_, width_, stride_;
  DType working_, x_dtype_;
  int instruction_count_;
  const void* x_ = nullptr;
  DeviceMemory<char> own_x_;
  DeviceMemory<Instruction> instructions_;
  DeviceMemory<float> rows_f32_, features_f32_;
  DeviceMemory<double> rows_f64_, features_f64_, scale_, norms_, diagonals_;
  std::vector<double> nngp_, ntk_;
};

// Unit rows [first, first + count) of x in float64, on the stream.
void copy_unit_rows(const Samples& samples, std::int64_t first, std::int64_t count, double* to,
                    cudaStream_t stream);

}  // namespace ntk::cuda
