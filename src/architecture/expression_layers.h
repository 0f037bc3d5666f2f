// From the calls of an expression, in the words of neural_tangents.stax or our own, to the document
// that JSON would have said it with.
#pragma once

#include <string>

#include "src/architecture/value.h"

namespace ntk {

// Throws UsageError naming the column of what is no network: an unknown name, arguments that do not
// fit, parallel() without FanOut() and FanInSum(), parameterizations that differ.
Value document_of(const Value& expression, const std::string& text);

}  // namespace ntk
