// The one door: whatever a kernel comes from, its consumers see blocks of it.
#pragma once

#include <cstdint>
#include <memory>

#include "kernels/backend.h"
#include "ntk/array.h"
#include "ntk/gram.h"
#include "src/infinite/kernel_spec.h"
#include "src/infinite/tabulate.h"
#include "src/tiles/samples.h"

namespace ntk {

// Kernels between the samples of two sets, or among one.
class TileSource {
 public:
  virtual ~TileSource() = default;
  virtual std::int64_t rows() const = 0;
  virtual std::int64_t columns() const = 0;
  virtual bool symmetric() const = 0;  // rows and columns are the same samples
  // What stands behind rows and columns in a kernel's shape: of a network that ends on images each
  // pixel axis twice, else nothing.
  virtual Shape pixel_axes() const = 0;
  // Diagonals of the rows' samples, rows() (x pixel axes) long, float64; only where symmetric().
  virtual const double* nngp_diagonal() const = 0;
  virtual const double* ntk_diagonal() const = 0;
  // The two kernels' values of a block; see GramBlock for the places and for what is symmetric.
  virtual void tile(const GramBlock& block, const WorkCallback& progress) = 0;
};

// What the network or the kernel is compiled to for the kernel matrix of these samples; x2 null:
// among x1. The tables of functions without a closed form are made for the variances that occur.
struct CompiledNetwork {
  Program program;
  SeriesError series_error;
};
CompiledNetwork compile(Backend& backend, const KernelSpec& spec, const SampleMatrix& x1,
                        const SampleMatrix* x2, const LowerOptions& options = {});

// TileSource::pixel_axes of the program's kernels.
Shape pixel_axes(const Program& program);

// An infinitely wide network's kernels, or a classical kernel in the place of the NNGP's. x1 and x2
// are row-major host (or the backend's own) memory, checked and flattened to matrices; they must
// outlive the source. x2 null: among x1. The program is one compiled for them.
std::unique_ptr<TileSource> infinite_source(Backend& backend, Program program, const ArrayView& x1,
                                            const ArrayView* x2, DType working);
std::unique_ptr<TileSource> infinite_source(Backend& backend, const KernelSpec& spec,
                                            const SampleMatrix& x1, const SampleMatrix* x2,
                                            DType working,
                                            const LowerOptions& options = {});  // compiles, too
// Bytes that the source needs beside inputs and outputs.
std::size_t infinite_source_bytes(Backend& backend, const Program& program, std::int64_t rows,
                                  std::int64_t columns, std::int64_t width, DType working);

}  // namespace ntk
