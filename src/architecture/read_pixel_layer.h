// Layers on images, as a text has them.
#pragma once

#include <optional>
#include <string>

#include "src/architecture/value_reader.h"

namespace ntk {

// Nothing: the op is not one of them.
std::optional<Layer> read_pixel_layer(const std::string& op, const Object& object,
                                      const std::string& place, const ValueReader& reader);

}  // namespace ntk
