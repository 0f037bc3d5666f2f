// Names of the classical kernels.
#pragma once

#include <string>
#include <vector>

#include "ntk/classical.h"

namespace ntk {

// In the order of ClassicalKind.
const std::vector<std::string>& classical_names();
const std::string& name_of(ClassicalKind kind);

}  // namespace ntk
