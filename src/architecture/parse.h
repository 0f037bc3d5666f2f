// Text, without the file system.
#pragma once

#include <string>

#include "ntk/architecture.h"

namespace ntk {

enum class TextKind { json, expression, neither };

// By the first characters: `{` or `[` is JSON, a name and a bracket are an expression.
TextKind kind_of_text(const std::string& text);

// Of JSON or an expression; throws UsageError for any other text.
Architecture parse_architecture_text(const std::string& text);

}  // namespace ntk
