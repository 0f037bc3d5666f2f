// A function of one variable from a table of its values and derivatives.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "ntk/function.h"
#include "src/architecture/source.h"

namespace ntk {

// Cubic Hermite interpolation between the points, linear beyond them. The columns need not be right
// yet; the function may be called once check_table has passed it.
std::shared_ptr<const ScalarFunction> interpolate(std::vector<double> x, std::vector<double> phi,
                                                  std::vector<double> dphi);

// Throws UsageError naming the first number of the columns that is wrong, in the layer at `place`.
void check_table(const ScalarFunction& function, const std::string& place, const Source& source);

}  // namespace ntk
