// Thrust on a stream; on the host its serial system.
#pragma once

#include <thrust/execution_policy.h>

#include "kernels/cuda/launch.h"

namespace ntk::cuda {

#ifdef __CUDACC__
inline auto thrust_on(cudaStream_t stream) { return thrust::cuda::par_nosync.on(stream); }
#else
inline auto thrust_on(cudaStream_t) { return thrust::cpp::par; }
#endif

}  // namespace ntk::cuda
