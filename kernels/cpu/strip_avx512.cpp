#define NTK_ISA avx512
#define NTK_STRIP_KERNELS kStripAvx512
#define NTK_STRIP_NAME "AVX-512"
#include "kernels/cpu/strip_impl.h"
