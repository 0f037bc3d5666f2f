// Every nonlinearity with a closed form: its value of Op, and the struct that holds its formulas. A
// new one is a file beside this one, a line here, and a row in src/architecture/activations.cpp.
#pragma once

#include "kernels/math/dual/ab_relu.h"
#include "kernels/math/dual/elu.h"
#include "kernels/math/dual/erf.h"
#include "kernels/math/dual/exponential.h"
#include "kernels/math/dual/gabor.h"
#include "kernels/math/dual/gaussian.h"
#include "kernels/math/dual/gelu.h"
#include "kernels/math/dual/monomials.h"
#include "kernels/math/dual/radial.h"
#include "kernels/math/dual/series.h"
#include "kernels/math/dual/sign.h"
#include "kernels/math/dual/trigonometric.h"
#include "kernels/math/linear.h"
#include "kernels/math/program.h"

#define NTK_NONLINEARITIES(X)              \
  X(ab_relu, AbRelu)                       \
  X(sign, Sign)                            \
  X(erf, Erf)                              \
  X(gelu, Gelu)                            \
  X(elu, Elu)                              \
  X(trigonometric, Trigonometric)          \
  X(exponential, Exponential)              \
  X(exp_normalized, ExpNormalized)         \
  X(gaussian, Gaussian)                    \
  X(gabor, Gabor)                          \
  X(hermite, Hermite)                      \
  X(rectified_monomial, RectifiedMonomial) \
  X(radial, Radial)

// The instructions that act on the accumulator alone and read a fixed number of features.
#define NTK_STEPS(X)                 \
  X(scale, Scale)                    \
  X(affine, Affine)                  \
  X(affine_standard, AffineStandard) \
  X(normalize, Normalize)            \
  X(dropout, Dropout)                \
  X(mask, Mask)                      \
  NTK_NONLINEARITIES(X)

// Those that act on the accumulator and a slot.
#define NTK_JOINS(X) \
  X(add, Add)        \
  X(multiply, Multiply)

NTK_MATH_BEGIN

// Number of per-sample features that an instruction reads.
NTK_HD int feature_count(const Instruction& in) {
  switch (in.op) {
#define NTK_CASE(op_name, Struct) \
  case Op::op_name:               \
    return Struct::kFeatures;
    NTK_STEPS(NTK_CASE)
    NTK_JOINS(NTK_CASE)
#undef NTK_CASE
    case Op::polynomial:
    case Op::function:
      return in.terms.even + in.terms.odd + 1;
    case Op::convolve:
      // Of a pixel: the deviation before, the deviation after and its inverse; and the mean
      // variance before, where the NTK asks for it (kernels/math/convolve.h).
      return in.p[3] != 0 ? 4 : 3;
    case Op::mix:  // they have places of their own (kernels/pixels.h)
    case Op::aggregate:
    case Op::attend:
    case Op::save:
    case Op::load:
      return 0;
  }
  return 0;
}

NTK_MATH_END
