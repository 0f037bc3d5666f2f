// Coefficients of functions in normalized Hermite polynomials, by quadrature.
#pragma once

#include <functional>
#include <vector>

#include "ntk/function.h"

namespace ntk {

// phi(x) and phi'(x).
struct FunctionPoint {
  double phi, slope;
};
using PointwiseFunction = std::function<FunctionPoint(double)>;

// phi(s z) = sum_n a_n h_n(z), z ~ N(0, 1).
struct Expansion {
  std::vector<double> a;
  double variance = 0;        // E[phi(s z)^2]
  double slope_variance = 0;  // E[phi'(s z)^2]
};

// The first `terms` coefficients for each standard deviation, with composite Gauss-Legendre
// quadrature whose panels end at 0 and at the kinks and are halved until nothing changes.
std::vector<Expansion> expand(const PointwiseFunction& phi, const std::vector<double>& kinks,
                              const std::vector<double>& deviations, int terms);

}  // namespace ntk
