// What a kernel is computed from: a network, or a classical kernel.
#pragma once

#include <cstdint>
#include <variant>

#include "kernels/backend.h"
#include "ntk/architecture.h"
#include "ntk/classical.h"
#include "src/infinite/lower.h"

namespace ntk {

// A classical kernel has its scale (complete_kernel).
using KernelSpec = std::variant<Architecture, ClassicalKernel>;

// A classical kernel of samples with `width` numbers each is the program's K; there is no Theta.
Program lower(const ClassicalKernel& kernel, std::int64_t width);
// For samples of this shape, of which a classical kernel takes any.
Program lower(const KernelSpec& spec, const Shape& sample, const LowerOptions& options = {});

// Whether samples are images, of which all must have one size.
bool takes_images(const KernelSpec& spec);

// Whether each sample comes with a pattern.
bool needs_patterns(const KernelSpec& spec);

// Throws UsageError if it cannot take samples of this shape.
void require_sample_shape(const KernelSpec& spec, const Shape& sample);

}  // namespace ntk
