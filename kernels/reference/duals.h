// The nonlinearities' maps of covariances, as the papers state them.
#pragma once

#include "kernels/program.h"
#include "kernels/reference/wide.h"

namespace ntk::reference {

struct Dual {
  Wide k, derivative;  // E[phi(u) phi(v)] and E[phi'(u) phi'(v)]
};

// Of the nonlinearity `in` of the program, for covariances q11, q12, q22 of (u, v).
Dual dual_of(const Program& program, const Instruction& in, Wide q11, Wide q12, Wide q22);

}  // namespace ntk::reference
