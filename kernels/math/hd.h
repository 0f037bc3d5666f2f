// The only file that knows which compiler reads kernels/math. Everything there is plain C++ without
// allocation or standard containers; it is compiled for the host, once per instruction set, and by
// nvcc for the device.
#pragma once

#include <math.h>
#include <stdint.h>

#ifdef __CUDACC__
#define NTK_HD __host__ __device__ __forceinline__
#else
#define NTK_HD inline __attribute__((always_inline))
#endif

// Each translation unit that is compiled for an instruction set of its own names it here, so that
// the linker never takes one set's code for another's.
#ifndef NTK_ISA
#define NTK_ISA generic
#endif

#define NTK_MATH_BEGIN  \
  namespace ntk::math { \
  inline namespace NTK_ISA {
#define NTK_MATH_END \
  }                  \
  }
