// Blocks of kernel matrices of images on the CPU.
#pragma once

#include "kernels/backend.h"
#include "kernels/cpu/images.h"

namespace ntk::cpu {

void image_gram(const Program& program, const Images& rows, const Images& columns,
                const GramBlock& block, const WorkCallback& progress, int threads);

// Bytes of scratch that image_gram() takes.
std::size_t image_gram_scratch_bytes(const Program& program, DType working, int threads);

}  // namespace ntk::cpu
