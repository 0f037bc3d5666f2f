#define NTK_ISA avx2
#define NTK_SLICE_KERNELS kSliceAvx2
#include "kernels/cpu/slice_impl.h"
