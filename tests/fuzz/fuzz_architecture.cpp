// libFuzzer: whatever text comes, it is refused with a UsageError or it is a network that survives
// being written and read again.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "src/architecture/parse.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  try {
    const ntk::Architecture net = ntk::parse_architecture_text(text);
    if (!(ntk::parse_architecture_text(net.to_json()) == net)) std::abort();
    if (!(ntk::parse_architecture_text(net.to_json(true)) == net)) std::abort();
    if (!(ntk::parse_architecture_text(net.to_expression()) == net)) std::abort();
  } catch (const ntk::UsageError&) {
  }
  return 0;
}
