// Expectations of functions of two Gaussian numbers, by quadrature.
#pragma once

#include <functional>

namespace ntk::reference {

struct Expectation {
  long double k, derivative;  // E[phi(u) phi(v)] and E[phi'(u) phi'(v)]
};
struct Value {
  long double phi, slope;
};

// For standard deviations s1, s2 and the angle in [0, pi] whose cosine is the correlation. Throw
// NumericalError if the quadrature does not converge.
Expectation smooth_expectation(const std::function<Value(long double)>& phi, long double s1,
                               long double s2, long double angle);
// phi may have a kink at 0.
Expectation expectation(const std::function<Value(long double)>& phi, long double s1,
                        long double s2, long double angle);

}  // namespace ntk::reference
