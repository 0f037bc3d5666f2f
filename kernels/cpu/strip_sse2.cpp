#define NTK_ISA sse2
#define NTK_STRIP_KERNELS kStripSse2
#define NTK_STRIP_NAME "SSE2"
#include "kernels/cpu/strip_impl.h"
