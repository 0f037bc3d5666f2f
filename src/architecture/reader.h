// From the tree of values of a text to layers: knows every key, its type and its default.
#pragma once

#include "ntk/architecture.h"
#include "src/architecture/source.h"
#include "src/architecture/value.h"

namespace ntk {

struct Document {
  Layers layers;
  Parameterization parameterization = Parameterization::ntk;
};

// Throws UsageError naming the place of what is unknown, missing or of another type. Whether
// numbers are in range and layers may follow each other is not its question, see check.h.
Document read_document(const Value& root, const Source& source);

}  // namespace ntk
