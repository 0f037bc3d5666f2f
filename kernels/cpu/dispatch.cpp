#include <cstdlib>
#include <string>

#include "kernels/cpu/strip.h"
#include "ntk/error.h"

namespace ntk::cpu {
namespace {

bool runs_avx2() {
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#else
  return false;
#endif
}

bool runs_avx512() {
#if defined(__x86_64__)
  return runs_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw");
#else
  return false;
#endif
}

const StripKernels& choose() {
  const char* asked = std::getenv("NTK_ISA");
  const std::string isa = asked ? asked : "";
  if (isa == "sse2") return kStripSse2;
  if (isa == "avx2" || (isa.empty() && !runs_avx512())) {
    if (runs_avx2()) return kStripAvx2;
    if (!isa.empty()) throw DeviceError("NTK_ISA=avx2: this processor has no AVX2 and FMA");
    return kStripSse2;
  }
  if (!isa.empty() && isa != "avx512")
    throw UsageError("NTK_ISA=" + isa + " is not one of sse2, avx2, avx512");
  if (!runs_avx512()) throw DeviceError("NTK_ISA=avx512: this processor has no AVX-512");
  return kStripAvx512;
}

}  // namespace

const StripKernels& strip_kernels() {
  static const StripKernels& kernels = choose();
  return kernels;
}

}  // namespace ntk::cpu
