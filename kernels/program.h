// A network compiled to instructions (kernels/math/program.h), with the numbers that they refer to.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "kernels/math/program.h"
#include "kernels/named_function.h"
#include "ntk/function.h"

namespace ntk {

struct Program {
  std::vector<Instruction> instructions;
  std::int32_t slots = 0;
  // Per-sample numbers that the instructions read, counted over all of them; the last one is the
  // output's standard deviation sqrt(q).
  std::int32_t features = 0;
  std::vector<double> tables;                    // of polynomials and functions
  std::vector<std::vector<double>> polynomials;  // their coefficients, from degree 0
  std::vector<std::shared_ptr<const ScalarFunction>> functions;
};

}  // namespace ntk
