/// \file
/// A function of one variable, given by a user, as a nonlinearity.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace ntk {

/// A function of one variable, for Elementwise. It must be continuous.
struct ScalarFunction {
  std::string name;                          ///< for messages
  std::function<double(double)> value;       ///< phi(x)
  std::function<double(double)> derivative;  ///< phi'(x)
  std::vector<double> kinks;                 ///< where the derivative jumps, ascending
  std::vector<double> x;     ///< of the table that it was made from; empty for one given in C++
  std::vector<double> phi;   ///< the values in that table
  std::vector<double> dphi;  ///< the derivatives in that table
};

}  // namespace ntk
