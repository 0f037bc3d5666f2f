// The hot loops of the CPU backend, one table of them per instruction set. A strip is a run of
// entries that lies in the innermost cache; an instruction of the program goes over the whole
// strip, so that every loop is branch-free and vectorizes.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/program.h"

namespace ntk::cpu {

constexpr std::int64_t kLanes = 16;         // strips are padded to a multiple of this
constexpr std::int64_t kStripLength = 512;  // at most

// Feature f of sample i stands at data[f * stride + i]; padded so that kStripLength more may be
// read.
template <class T>
struct Features {
  const T* data = nullptr;
  std::int64_t stride = 0;
};

// Entry j of the strip is that of row rows[j] and column columns[j], or of one row and a run of
// columns where the index lists are null.
template <class T>
struct StripJob {
  const Program* program = nullptr;
  const Instruction* single = nullptr;  // this one alone, on v and theta as they are
  Features<T> row_features, column_features;
  std::int64_t row = 0, column = 0;
  const std::int32_t *rows = nullptr, *columns = nullptr;
  std::int64_t length = 0;
  T* v = nullptr;      // in: correlations as Entry::v has them; out: the kernel K
  T* theta = nullptr;  // out: the NTK; null if it is not wanted
  T* slots = nullptr;  // 2 * program->slots * slot_length
  std::int64_t slot_length = kStripLength;
};

// Squared lengths of the difference and of the sum of two normalized rows.
struct Ends {
  double difference, sum;
};

struct StripKernels {
  const char* name;
  // Correlations, as a product of normalized rows gives them, to Entry::v, in place. Returns how
  // many are within `near` of an end.
  std::int64_t (*begin_f32)(std::int64_t n, float* rho, float near);
  std::int64_t (*begin_f64)(std::int64_t n, double* rho, double near);
  void (*run_f32)(const StripJob<float>& job);
  void (*run_f64)(const StripJob<double>& job);
  // Of x * x_scale and y * y_scale.
  Ends (*ends_f32)(std::int64_t d, const float* x, double x_scale, const float* y, double y_scale);
  Ends (*ends_f64)(std::int64_t d, const double* x, double x_scale, const double* y,
                   double y_scale);

  // Copies past the caches: for outputs that are larger than they are.
  void (*stream)(void* to, const void* from, std::size_t bytes);
  // to[j * to_ld + i] = from[i * from_ld + j] for i < rows, j < columns, past the caches if
  // `streaming`.
  void (*transpose_f32)(std::int64_t rows, std::int64_t columns, const float* from,
                        std::int64_t from_ld, float* to, std::int64_t to_ld, bool streaming);
  void (*transpose_f64)(std::int64_t rows, std::int64_t columns, const double* from,
                        std::int64_t from_ld, double* to, std::int64_t to_ld, bool streaming);
  // sums[i * sums_ld + c] = sum over l < k of rows[i * ld + l] columns[c * column_ld + l] in
  // float64, for i < n, c < count.
  void (*wide_products)(std::int64_t n, std::int64_t k, const float* rows, std::int64_t ld,
                        std::int64_t count, const double* columns, std::int64_t column_ld,
                        double* sums, std::int64_t sums_ld);

  void transpose(std::int64_t rows, std::int64_t columns, const float* from, std::int64_t from_ld,
                 float* to, std::int64_t to_ld, bool streaming) const {
    transpose_f32(rows, columns, from, from_ld, to, to_ld, streaming);
  }
  void transpose(std::int64_t rows, std::int64_t columns, const double* from, std::int64_t from_ld,
                 double* to, std::int64_t to_ld, bool streaming) const {
    transpose_f64(rows, columns, from, from_ld, to, to_ld, streaming);
  }
  std::int64_t begin(std::int64_t n, float* rho, float near) const {
    return begin_f32(n, rho, near);
  }
  std::int64_t begin(std::int64_t n, double* rho, double near) const {
    return begin_f64(n, rho, near);
  }
  void run(const StripJob<float>& job) const { run_f32(job); }
  void run(const StripJob<double>& job) const { run_f64(job); }
  Ends ends(std::int64_t d, const float* x, double x_scale, const float* y, double y_scale) const {
    return ends_f32(d, x, x_scale, y, y_scale);
  }
  Ends ends(std::int64_t d, const double* x, double x_scale, const double* y,
            double y_scale) const {
    return ends_f64(d, x, x_scale, y, y_scale);
  }
};

extern const StripKernels kStripSse2, kStripAvx2, kStripAvx512;

// The best that this processor runs; NTK_ISA=sse2|avx2|avx512 in the environment asks for less.
const StripKernels& strip_kernels();

}  // namespace ntk::cpu
