// The instructions of single layers, whatever they act on.
#pragma once

#include <vector>

#include "kernels/backend.h"
#include "ntk/architecture.h"

namespace ntk {

Instruction instruction(Op op, std::initializer_list<double> parameters = {});

// A weight layer of this many inputs: K' = w2 K + b2 and Theta' = w2 Theta + (trainable: what its
// own parameters add).
//   ntk:      K'                      z = W_std/sqrt(n) W x + b_std b
//   standard: n/s0 K + [has bias]     z = 1/sqrt(s0) W x + b
Instruction dense_instruction(const DenseOptions& options, Parameterization parameterization,
                              std::int64_t fan_in);
// As Dense, with the filter's taps in the place of a pixel's own channels (Novak et al. 2019); the
// fan-in counts channels and taps.
Instruction convolve_instruction(const ConvOptions& options, Parameterization parameterization,
                                 std::int64_t fan_in);
// What a nonlinearity is made of; polynomials and functions go to the program's lists.
std::vector<Instruction> activation_instructions(const ActivationLayer& layer, Program& program);

// The width that these layers make of an input's; of Flatten, `width` counts all pixels' channels.
std::int64_t units_after(const DenseLayer& layer);
std::int64_t units_after(std::int64_t out_chan, const ConvOptions& options);

}  // namespace ntk
