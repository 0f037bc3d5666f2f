// libFuzzer's entry: NTK_FUZZ_TARGET is the function of targets.h that this fuzzer runs.
#include "targets.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ntk::fuzz::NTK_FUZZ_TARGET(data, size);
  return 0;
}
