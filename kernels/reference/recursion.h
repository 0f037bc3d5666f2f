// The recursion of one pair of samples through a program, as the papers state it.
#pragma once

#include "kernels/program.h"
#include "kernels/reference/wide.h"

namespace ntk::reference {

// Covariances of a pair (u, v) of samples and their Theta.
struct Pair {
  Wide q11, q12, q22;
  Wide theta;
};

// From the input covariances, or those behind the images' stage, to the output's. `own`: of a
// sample with itself, which is what Dropout asks.
Pair run_pair(const Program& program, Pair pair, bool own);

}  // namespace ntk::reference
