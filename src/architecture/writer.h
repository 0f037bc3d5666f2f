// An architecture as text.
#pragma once

#include <string>

#include "ntk/architecture.h"

namespace ntk {

std::string write_json(const Layers& layers, Parameterization parameterization, bool pretty);
std::string write_expression(const Layers& layers, Parameterization parameterization);

}  // namespace ntk
