// Included once per instruction set, by a file that defines NTK_ISA and NTK_SLICE_KERNELS.
#pragma once

#include <algorithm>

#include "kernels/cpu/slice_line.h"

namespace ntk::cpu {
namespace {

// These slices go through the layers in turn: they read the same features, and one has work while
// another waits for its last results.
constexpr int kTogether = kSlicesTogether;

template <class T, bool kNtk>
SliceSums run_slices(const SliceJob<T>& job) {
  const ImageStage& stage = *job.program->images;
  const auto plan = planned<T>(stage, job.row.scales, job.column.scales);
  std::vector<SliceLine<T, kNtk>> lines;
  for (int s = 0; s < kTogether; ++s) lines.emplace_back(job, s);
  SliceSums all;
  for (std::int64_t d = job.first; d < job.end; d += kTogether) {
    const int count = static_cast<int>(std::min<std::int64_t>(kTogether, job.end - d));
    for (int s = 0; s < count; ++s) lines[static_cast<std::size_t>(s)].begin(d + s);
    for (std::size_t i = 0; i < plan.size(); ++i) {
      const Convolution<T>& c = plan[i];
      for (int s = 0; s < count; ++s) {
        if (c.in)
          lines[static_cast<std::size_t>(s)].convolve(c);
        else
          lines[static_cast<std::size_t>(s)].apply(stage.instructions[i]);
      }
      if (c.joined != Joined::no) ++i;
    }
    for (int s = 0; s < count; ++s) all += lines[static_cast<std::size_t>(s)].sums();
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
