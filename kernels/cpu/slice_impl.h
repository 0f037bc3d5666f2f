// Included once per instruction set, by a file that defines NTK_ISA and NTK_SLICE_KERNELS.
#pragma once

#include "kernels/cpu/slice_line.h"

namespace ntk::cpu {
namespace {

template <class T, bool kNtk>
SliceSums run_slices(const SliceJob<T>& job) {
  const ImageStage& stage = *job.stage;
  const auto plan = planned<T>(stage, job.row.scales, job.column.scales);
  SliceLine<T, kNtk> line(job);
  SliceSums all;
  for (std::int64_t s = 0; s < job.count; ++s) {
    line.begin(job.displacements[s]);
    for (std::size_t i = 0; i < plan.size(); ++i) {
      if (plan[i].in)
        line.convolve(plan[i]);
      else
        line.apply(stage.instructions[i]);
      if (plan[i].joined != Joined::no) ++i;
    }
    line.finish(all);
  }
  return all;
}

template <class T>
SliceSums run_job(const SliceJob<T>& job) {
  return job.ntk ? run_slices<T, true>(job) : run_slices<T, false>(job);
}

}  // namespace

const SliceKernels NTK_SLICE_KERNELS = {run_job<float>, run_job<double>};

}  // namespace ntk::cpu
