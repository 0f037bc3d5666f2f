// Every nonlinearity: its value of Op, and the struct that holds its formulas. A new one is a file
// beside this one, a line here, and a row in src/architecture/activations.cpp.
#pragma once

#include "kernels/math/dual/ab_relu.h"
#include "kernels/math/dual/erf.h"
#include "kernels/math/dual/gelu.h"
#include "kernels/math/dual/sign.h"
#include "kernels/math/linear.h"
#include "kernels/math/program.h"

#define NTK_NONLINEARITIES(X) \
  X(ab_relu, AbRelu)          \
  X(sign, Sign)               \
  X(erf, Erf)                 \
  X(gelu, Gelu)

// The instructions that act on the accumulator alone.
#define NTK_STEPS(X)                 \
  X(scale, Scale)                    \
  X(affine, Affine)                  \
  X(affine_standard, AffineStandard) \
  NTK_NONLINEARITIES(X)

NTK_MATH_BEGIN

// Number of per-sample features that an instruction reads.
NTK_HD int feature_count(Op op) {
  switch (op) {
#define NTK_CASE(op_name, Struct) \
  case Op::op_name:               \
    return Struct::kFeatures;
    NTK_STEPS(NTK_CASE)
#undef NTK_CASE
    case Op::add:
      return Add::kFeatures;
    case Op::save:
    case Op::load:
      return 0;
  }
  return 0;
}

NTK_MATH_END
