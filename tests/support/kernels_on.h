// Kernels by a given backend, through the tile source.
#pragma once

#include "kernels/backend.h"
#include "ntk/gram.h"
#include "src/tiles/samples.h"
#include "src/tiles/tile_source.h"

namespace ntk::testing {

// A block of a source in memory of its own.
inline Kernels block_of(TileSource& source, GramBlock block, DType working, Get get = Get::both) {
  Shape shape{block.row_end - block.row_begin, block.column_end - block.column_begin};
  const Shape pixels = source.pixel_axes();
  shape.insert(shape.end(), pixels.begin(), pixels.end());
  Kernels kernels;
  block.ld = shape[1];
  block.dtype = working;
  if (get != Get::ntk) kernels.nngp = Array(working, shape);
  if (get != Get::nngp) kernels.ntk = Array(working, shape);
  block.nngp = kernels.nngp.data();
  block.ntk = kernels.ntk.data();
  source.tile(block, {});
  return kernels;
}

inline Kernels whole_of(TileSource& source, DType working, Get get = Get::both) {
  GramBlock block;
  block.row_end = source.rows();
  block.column_end = source.columns();
  return block_of(source, block, working, get);
}

// What comes with x1 and x2.
struct Extras {
  SampleExtras of_x1 = {}, of_x2 = {};
};

// x2 null: among x1.
inline Kernels kernels_on(Backend& backend, const KernelSpec& spec, const Array& x1,
                          const Array* x2, DType working, Get get = Get::both,
                          const Extras& extras = {}) {
  const SampleMatrix a(spec, x1, "x1", extras.of_x1);
  const SampleMatrix b(spec, x2 ? *x2 : x1, "x2", x2 ? extras.of_x2 : extras.of_x1);
  const auto source =
      infinite_source(backend, spec, a, x2 ? &b : nullptr, working, {extras.of_x1.mask_constant});
  return whole_of(*source, working, get);
}

// The same with a program that is compiled already; x is a matrix.
inline Kernels kernels_of(Backend& backend, const Program& program, const Array& x, DType working) {
  return whole_of(*infinite_source(backend, program, x, nullptr, working), working);
}

}  // namespace ntk::testing
