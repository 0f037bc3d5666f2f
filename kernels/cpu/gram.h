// Blocks of kernel matrices on the CPU.
#pragma once

#include "kernels/backend.h"
#include "kernels/cpu/samples.h"

namespace ntk::cpu {

void gram(const Program& program, const Samples& rows, const Samples& columns,
          const GramBlock& block, const WorkCallback& progress, int threads);

// Bytes of scratch that gram() takes.
std::size_t gram_scratch_bytes(const Program& program, std::int64_t width, DType working,
                               int threads);

}  // namespace ntk::cpu
