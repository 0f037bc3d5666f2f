#define NTK_ISA sse2
#define NTK_SLICE_KERNELS kSliceSse2
#include "kernels/cpu/slice_impl.h"
