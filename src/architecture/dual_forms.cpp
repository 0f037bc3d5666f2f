#include "src/architecture/dual_forms.h"

#include <algorithm>
#include <cmath>

namespace ntk::dual_forms {
namespace {

constexpr double kPi = 3.14159265358979323846;

DualForm with(Op op, std::initializer_list<double> parameters) {
  DualForm form{op};
  std::copy(parameters.begin(), parameters.end(), form.p);
  return form;
}

}  // namespace

DualForm ab_relu(double a, double b) { return with(Op::ab_relu, {a, b}); }

DualForm erf(double a, double b, double c) {
  DualForm form = with(Op::erf, {a, b});
  form.shift = c;
  return form;
}

DualForm sine(double a, double b, double c) { return with(Op::trigonometric, {a, b, c}); }

// sqrt(2) sin(sqrt(2 gamma) x + pi/4), whose kernel is exp(-gamma |u - v|^2).
DualForm rbf(L layer) { return sine(std::sqrt(2.0), std::sqrt(2 * layer.parameters[0]), kPi / 4); }

DualForm gaussian(L layer) {
  return with(Op::gaussian, {layer.parameters[0], layer.parameters[1]});
}
DualForm exponential(L layer) {
  return with(Op::exponential, {layer.parameters[0], layer.parameters[1]});
}
// do_clip is for correlations outside [-1, 1], which there are none of here.
DualForm exp_normalized(L layer) {
  return with(Op::exp_normalized, {layer.parameters[0], layer.parameters[1]});
}

DualForm hermite(L layer) { return with(Op::hermite, {layer.parameters[0]}); }
DualForm rectified_monomial(L layer) { return with(Op::rectified_monomial, {layer.parameters[0]}); }

DualForm monomial(L layer) {
  DualForm form{Op::polynomial};
  form.polynomial.assign(static_cast<std::size_t>(layer.parameters[0]) + 1, 0);
  form.polynomial.back() = 1;
  return form;
}
DualForm polynomial(L layer) {
  DualForm form{Op::polynomial};
  form.polynomial = layer.coefficients;
  return form;
}

DualForm elu(double alpha, double scale) { return with(Op::elu, {alpha, scale}); }

DualForm named(NamedFunction function) {
  return with(Op::function, {static_cast<double>(function)});
}

DualForm elementwise(L layer) {
  DualForm form = named(NamedFunction::none);
  form.function = layer.function;
  return form;
}

}  // namespace ntk::dual_forms
