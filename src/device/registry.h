// From a device's name to its backend.
#pragma once

#include "kernels/backend.h"
#include "ntk/device.h"

namespace ntk {

// Device::automatic: cuda if it is usable, else cpu. Throws DeviceError with the reason when a
// device that was asked for by name is not usable.
Backend& backend_for(Device device);

// While it lives, `device` means `backend`: so the tests put the CUDA backend's host build, which
// is never loaded as a module, behind the public API. One at a time; not thread-safe.
class ScopedBackend {
 public:
  ScopedBackend(Device device, Backend& backend);
  ~ScopedBackend();
  ScopedBackend(const ScopedBackend&) = delete;
  ScopedBackend& operator=(const ScopedBackend&) = delete;
};

}  // namespace ntk
