#define NTK_ISA avx512
#define NTK_SLICE_KERNELS kSliceAvx512
#include "kernels/cpu/slice_impl.h"
