// Tables of the functions of a program: expansions in Hermite polynomials at the variances that
// occur.
#pragma once

#include "kernels/backend.h"
#include "ntk/gram.h"

namespace ntk {

// Whether the program has functions, whose tables depend on the data.
bool needs_tables(const Program& program);

// The variances |x|^2/d of the samples, zero samples apart.
struct VarianceRange {
  double lowest = 0, highest = 0;  // both 0: there is no sample but zero ones
};

// Gives every function its terms and its table, for samples whose variances are in the range, and
// features their places. Returns the worst truncation of all functions.
SeriesError tabulate(Program& program, const VarianceRange& inputs);

// The same for a network of images, for the variances that the pixels of x1 and x2 (null: none) may
// have: matrices in host memory, a row the pixels of an image with their channels.
SeriesError tabulate_images(Program& program, const ArrayView& x1, const ArrayView* x2);

}  // namespace ntk
