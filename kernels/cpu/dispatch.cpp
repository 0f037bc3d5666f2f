#include <cstdlib>
#include <string>

#include "kernels/cpu/slice.h"
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

enum class Isa { sse2, avx2, avx512 };

Isa choose() {
  const char* asked = std::getenv("NTK_ISA");
  const std::string isa = asked ? asked : "";
  if (isa == "sse2") return Isa::sse2;
  if (isa == "avx2" || (isa.empty() && !runs_avx512())) {
    if (runs_avx2()) return Isa::avx2;
    if (!isa.empty()) throw DeviceError("NTK_ISA=avx2: this processor has no AVX2 and FMA");
    return Isa::sse2;
  }
  if (!isa.empty() && isa != "avx512")
    throw UsageError("NTK_ISA=" + isa + " is not one of sse2, avx2, avx512");
  if (!runs_avx512()) throw DeviceError("NTK_ISA=avx512: this processor has no AVX-512");
  return Isa::avx512;
}

Isa isa() {
  static const Isa chosen = choose();
  return chosen;
}

}  // namespace

const StripKernels& strip_kernels() {
  static const StripKernels* const kernels[] = {&kStripSse2, &kStripAvx2, &kStripAvx512};
  return *kernels[static_cast<int>(isa())];
}

const SliceKernels& slice_kernels() {
  static const SliceKernels* const kernels[] = {&kSliceSse2, &kSliceAvx2, &kSliceAvx512};
  return *kernels[static_cast<int>(isa())];
}

}  // namespace ntk::cpu
