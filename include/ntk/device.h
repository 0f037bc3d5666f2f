/// \file
/// Where the work is done.
#pragma once

#include <string>
#include <vector>

#include "ntk/api.h"

namespace ntk {

/// A kind of device. Where a call takes one, the default is automatic, and a device that cannot be
/// used is a DeviceError with the reason.
enum class Device {
  automatic,  ///< cuda if a usable device is there, else cpu
  cpu,        ///< OpenMP, BLAS and the widest vector instructions of this machine
  cuda,       ///< the current GPU; its module libntk_cuda.so is loaded when first asked for
  reference,  ///< the formulas in 128-bit arithmetic, serial: slow and obviously right
};

/// "auto", "cpu", "cuda", "reference".
NTK_API const char* name_of(Device device);
/// The device of one of these names. Throws UsageError for any other word.
NTK_API Device device_from_name(const std::string& name);

/// One device and its state.
struct DeviceInfo {
  Device device;            ///< which one; never automatic
  bool usable;              ///< whether calls may ask for it
  std::string description;  ///< instruction set, threads and BLAS; or GPU, its memory and driver
  std::string reason;       ///< why it is not usable; empty when it is
};

/// Every device libntk knows, usable or not, in the order in which `automatic` tries them.
NTK_API std::vector<DeviceInfo> devices();

}  // namespace ntk
