// An architecture as text.
#pragma once

#include <string>

#include "ntk/architecture.h"

namespace ntk {

std::string write_json(const Layers& layers, Parameterization parameterization, bool pretty);
// How functions of Elementwise stand there: as the table that reads back, or for people.
enum class Functions { as_table, by_name };
std::string write_expression(const Layers& layers, Parameterization parameterization,
                             Functions functions = Functions::as_table);

}  // namespace ntk
