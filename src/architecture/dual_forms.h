// What the nonlinearities are for the kernels: one function each.
#pragma once

#include <cmath>

#include "src/architecture/activations.h"

namespace ntk::dual_forms {

inline DualForm of(Op op, std::initializer_list<double> parameters = {}, double shift = 0) {
  DualForm form{op, {}, shift};
  std::copy(parameters.begin(), parameters.end(), form.p);
  return form;
}

inline DualForm of_function(NamedFunction function) {
  return of(Op::function, {static_cast<double>(function)});
}

// x^degree.
inline DualForm monomial(std::size_t degree) {
  DualForm form{Op::polynomial};
  form.polynomial.assign(degree + 1, 0);
  form.polynomial.back() = 1;
  return form;
}

}  // namespace ntk::dual_forms
