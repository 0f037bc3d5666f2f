// JSON text to a tree of values.
#pragma once

#include <string>

#include "src/architecture/value.h"

namespace ntk {

// Throws UsageError naming place, line and column of what is no JSON, of a key that stands twice,
// of a number that float64 cannot hold, and of texts past the limits of value.h.
Value parse_json(const std::string& text);

}  // namespace ntk
