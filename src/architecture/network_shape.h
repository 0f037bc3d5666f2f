// What a network says of itself before anybody looks at its layers one after the other.
#pragma once

#include <functional>
#include <optional>

#include "ntk/architecture.h"
#include "src/architecture/source.h"

namespace ntk {

// Throws UsageError if there are more than kMostLayers with every Repeat written out, or if layers
// stand deeper inside each other than kDeepestLayers.
void require_not_too_many(const Layers& layers, const Source& source);

// Whether one of these, or of the layers inside them, is such.
bool any_layer(const Layers& layers, const std::function<bool(const Layer&)>& such);

// Whether the network's samples have pixels: there is a layer that needs them.
bool takes_images(const Layers& layers);

// How many axes of pixels the samples have, by the first filter, window or shape that says it;
// nothing: no layer does.
std::optional<std::size_t> pixel_axes(const Layers& layers);

}  // namespace ntk
