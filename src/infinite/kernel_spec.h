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

// For samples with `width` numbers each. A classical kernel is the program's K; there is no Theta.
Program lower(const ClassicalKernel& kernel, std::int64_t width);
Program lower(const KernelSpec& spec, std::int64_t width);

// Throws UsageError if it cannot take samples of this shape.
void require_sample_shape(const KernelSpec& spec, const Shape& sample);

}  // namespace ntk
