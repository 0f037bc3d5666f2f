// Networks that are named in an expression.
#pragma once

#include "src/architecture/expression_arguments.h"
#include "src/architecture/named_networks.h"
#include "src/architecture/value.h"

namespace ntk {

// Its parameters, and `parameterization`.
Signature signature_of(const NamedNetwork& network);

// The layers as JSON has them, all at the column of the call. Throws UsageError naming the column
// of an argument that is wrong.
List layers_of(const NamedNetwork& network, const Value& call, const Bound& bound,
               const ArgumentBinder& binder);

}  // namespace ntk
