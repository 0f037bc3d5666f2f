#include "src/device/registry.h"

#include <array>
#include <string>

#include "ntk/error.h"

namespace ntk {
namespace {

struct Entry {
  Device device;
  const char* name;
  Backend& (*backend)();
};

// In the order in which Device::automatic tries them; the reference is only for those who ask.
constexpr std::array<Entry, 3> kDevices = {{{Device::cuda, "cuda", cuda_backend},
                                            {Device::cpu, "cpu", cpu_backend},
                                            {Device::reference, "reference", reference_backend}}};

Device replaced_device = Device::automatic;
Backend* replacement = nullptr;

}  // namespace

ScopedBackend::ScopedBackend(Device device, Backend& backend) {
  replaced_device = device;
  replacement = &backend;
}
ScopedBackend::~ScopedBackend() { replacement = nullptr; }

const char* name_of(Device device) {
  for (const Entry& entry : kDevices)
    if (entry.device == device) return entry.name;
  return "auto";
}

Device device_from_name(const std::string& name) {
  if (name == "auto") return Device::automatic;
  for (const Entry& entry : kDevices)
    if (name == entry.name) return entry.device;
  throw UsageError("unknown device '" + name + "'; the devices are auto, cpu, cuda, reference");
}

Backend& backend_for(Device device) {
  if (replacement && device == replaced_device) return *replacement;
  if (device == Device::automatic) {
    try {
      return cuda_backend();
    } catch (const DeviceError&) {
      return cpu_backend();
    }
  }
  for (const Entry& entry : kDevices)
    if (entry.device == device) return entry.backend();
  throw UsageError("unknown device");
}

std::vector<DeviceInfo> devices() {
  std::vector<DeviceInfo> infos;
  for (const Entry& entry : kDevices) {
    DeviceInfo info{entry.device, true, {}, {}};
    try {
      info.description = entry.backend().description();
    } catch (const Error& error) {
      info.usable = false;
      info.reason = error.what();
    }
    infos.push_back(info);
  }
  return infos;
}

}  // namespace ntk
