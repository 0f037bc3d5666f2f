// Where the work is done.
#pragma once

#include <string>
#include <vector>

namespace ntk {

// automatic: cuda if a usable device is there, else cpu.
enum class Device { automatic, cpu, cuda, reference };

// "auto", "cpu", "cuda", "reference". device_from_name throws UsageError for any other word.
const char* name_of(Device device);
Device device_from_name(const std::string& name);

struct DeviceInfo {
  Device device;
  bool usable;
  std::string description;  // what it is: instruction set, threads and BLAS; or GPU and driver
  std::string reason;       // why it is not usable; empty when it is
};

// Every device libntk knows, usable or not, in the order in which `automatic` tries them.
std::vector<DeviceInfo> devices();

}  // namespace ntk
