// What the nonlinearities are for the kernels: a function for each row of activations.cpp that
// needs more than the name of an Op.
#pragma once

#include "src/architecture/activations.h"

namespace ntk::dual_forms {

using L = const ActivationLayer&;

DualForm ab_relu(double a, double b);
DualForm erf(double a, double b, double c);
DualForm sine(double a, double b, double c);
DualForm rbf(L layer);
DualForm gaussian(L layer);
DualForm exponential(L layer);
DualForm exp_normalized(L layer);
DualForm hermite(L layer);
DualForm rectified_monomial(L layer);
DualForm monomial(L layer);
DualForm polynomial(L layer);
DualForm elu(double alpha, double scale);
DualForm named(NamedFunction function);
DualForm elementwise(L layer);

}  // namespace ntk::dual_forms
