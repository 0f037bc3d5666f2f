// JSON texts, as a tree of values and as an architecture.
#include <string>

#include "src/architecture/json_text.h"
#include "src/architecture/parse.h"
#include "targets.h"

bool ntk::fuzz::json(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const bool is_json = refused_or_done<UsageError>([&] { parse_json(text); });
  if (kind_of_text(text) != TextKind::json) return is_json;
  refused_or_done<UsageError>([&] {
    const Architecture net = parse_architecture_text(text);
    require(parse_architecture_text(net.to_json()) == net, "JSON is read as it was written");
    require(parse_architecture_text(net.to_json(true)) == net, "and so is indented JSON");
  });
  return is_json;
}
