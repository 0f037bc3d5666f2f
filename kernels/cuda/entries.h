// The kernels that take correlations to kernel values.
#pragma once

#include <cstdint>

#include "kernels/cuda/launch.h"
#include "kernels/math/run.h"

namespace ntk::cuda {

// Where a tile's values go: entry (i, j), counted from the tile's corner, to data[i * ld + j] and
// to mirror[j * mirror_ld + i], where these are not null. Both null: that kernel is not wanted.
struct TileOutput {
  void* data;
  void* mirror;
  __host__ __device__ bool is_wanted() const { return data || mirror; }
};
struct TileOutputs {
  TileOutput nngp, ntk;
  std::int64_t ld, mirror_ld;
  bool is_double;
};

// The part of a tile that is wanted, counted from the tile's corner: its entries go to `data`,
// their mirror images to `mirror`; on the diagonal those go to `mirror` whose image lies in the
// window.
struct Window {
  int row_begin, row_end, column_begin, column_end;
  __device__ bool has(std::int64_t i, std::int64_t j) const {
    return i >= row_begin && i < row_end && j >= column_begin && j < column_end;
  }
};

// A tile of the matrix: rows [row, row + rows), columns [column, column + columns). On the diagonal
// of a symmetric matrix only j <= i is computed. `same_samples`: rows and columns are of one set;
// where they meet, the samples' own values `diagonal_nngp/ntk` are taken.
template <class T>
struct TileJob {
  const Instruction* instructions;
  int instruction_count;
  int slots;
  math::FeatureTable<T> row_features, column_features;
  std::int64_t row, column;
  int rows, columns;
  Window wanted;
  bool diagonal, same_samples;
  const double *diagonal_nngp, *diagonal_ntk;
  TileOutputs out;
};

// Entries within `near` of an end are listed for another pass, as i * columns + j; *count counts
// them all, also those past the capacity.
struct NearList {
  unsigned* entries;
  unsigned capacity;
  unsigned* count;
  double near;
};

// `correlations`: entry (i, j) at [i * correlations_ld + j].
void run_entries(const TileJob<float>& job, const float* correlations, std::int64_t correlations_ld,
                 NearList near, cudaStream_t stream);
void run_entries(const TileJob<double>& job, const double* correlations,
                 std::int64_t correlations_ld, NearList near, cudaStream_t stream);

// The rows of one operand as they came, with 1/|x| each.
struct UnitRows {
  const void* x;
  bool is_double;
  const double* scale;
};

// Does the listed entries again, in float64, from the difference (or the sum) of the two unit rows.
// `v` has room for a double an entry.
void redo_near(const TileJob<double>& job, const unsigned* entries, unsigned count, UnitRows rows,
               UnitRows columns, std::int64_t width, double* v, cudaStream_t stream);

}  // namespace ntk::cuda
