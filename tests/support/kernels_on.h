// Kernels by a given backend, through the tile source.
#pragma once

#include "kernels/backend.h"
#include "ntk/gram.h"
#include "src/tiles/samples.h"
#include "src/tiles/tile_source.h"

namespace ntk::testing {

// x2 null: among x1.
inline Kernels kernels_on(Backend& backend, const KernelSpec& spec, const Array& x1,
                          const Array* x2, DType working, Get get = Get::both) {
  const SampleMatrix a(spec, x1, "x1");
  const SampleMatrix b(spec, x2 ? *x2 : x1, "x2");
  const auto source = infinite_source(backend, spec, a, x2 ? &b : nullptr, working);
  Kernels kernels;
  GramBlock block;
  block.row_end = a.count();
  block.column_end = block.ld = b.count();
  block.dtype = working;
  if (get != Get::ntk) kernels.nngp = Array(working, {a.count(), b.count()});
  if (get != Get::nngp) kernels.ntk = Array(working, {a.count(), b.count()});
  block.nngp = kernels.nngp.data();
  block.ntk = kernels.ntk.data();
  source->tile(block, {});
  return kernels;
}

}  // namespace ntk::testing
