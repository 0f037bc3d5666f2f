#define NTK_ISA avx2
#define NTK_STRIP_KERNELS kStripAvx2
#define NTK_STRIP_NAME "AVX2+FMA"
#include "kernels/cpu/strip_impl.h"
