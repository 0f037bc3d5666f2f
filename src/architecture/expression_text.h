// The text of a Python expression of layers to a tree of values: calls, lists and tuples, numbers,
// strings, None, True and False. Nothing is evaluated.
#pragma once

#include <string>

#include "src/architecture/value.h"

namespace ntk {

// The name of the object that Slice[...] becomes: its members are numbers, lists of start, stop and
// step, or the text "...".
constexpr const char* kSubscript = "Slice[]";

// `serial(Dense(512, W_std=1.5), Relu())`; the prefixes stax., nt.stax. and neural_tangents.stax.
// are dropped. Throws UsageError naming the column of what is no such expression.
Value parse_expression(const std::string& text);

// Whether the text begins with a (dotted) name and a bracket.
bool begins_with_call(const std::string& text);

}  // namespace ntk
