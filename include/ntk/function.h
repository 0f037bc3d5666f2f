// A function of one variable, given by a user, as a nonlinearity.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace ntk {

/// A function of one variable, for Elementwise. It must be continuous.
struct ScalarFunction {
  std::string name;
  std::function<double(double)> value, derivative;
  std::vector<double> kinks;  ///< where its derivative jumps
  /// The table that it was made from; empty for a function given in C++.
  std::vector<double> x, phi, dphi;
};

}  // namespace ntk
