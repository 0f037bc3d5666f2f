// Whether a nonlinearity is one, by itself.
#pragma once

#include <string>

#include "ntk/architecture.h"
#include "src/architecture/source.h"

namespace ntk {

// Throws UsageError naming the place of the first number that is wrong.
void check_activation(const ActivationLayer& layer, const std::string& place, const Source& source);

}  // namespace ntk
