// Stands in for the CUDA backend where libntk was built without it.
#include "kernels/backend.h"
#include "ntk/error.h"

namespace ntk {

Backend& cuda_backend() {
  throw DeviceError(
      "cuda: this libntk was built without CUDA (no toolkit was found, or NTK_CUDA=OFF)");
}

}  // namespace ntk
