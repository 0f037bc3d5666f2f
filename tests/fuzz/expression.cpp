// Expressions, as a tree of values and as an architecture.
#include <string>

#include "src/architecture/expression_text.h"
#include "src/architecture/parse.h"
#include "targets.h"

bool ntk::fuzz::expression(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  refused_or_done<UsageError>([&] { parse_expression(text); });
  if (kind_of_text(text) != TextKind::expression) return false;
  return refused_or_done<UsageError>([&] {
    const Architecture net = parse_architecture_text(text);
    require(parse_architecture_text(net.to_expression()) == net,
            "an expression is read as it was written");
    require(parse_architecture_text(net.to_json()) == net, "and is the same as JSON");
  });
}
