// The kernels that take correlations to kernel values.
#pragma once

#include <cstdint>

#include "kernels/cuda/launch.h"
#include "kernels/math/run.h"

namespace ntk::cuda {

// Where a tile's values go: entry (i, j), counted from the tile's corner, to data[i * ld + j] and,
// if mirror is not null, also to mirror[j * mirror_ld + i]. A null data: that kernel is not wanted.
struct TileOutput {
  void* data;
  void* mirror;
};
struct TileOutputs {
  TileOutput nngp, ntk;
  std::int64_t ld, mirror_ld;
  bool is_double;
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
