// The memory limits that containers and batch systems set.
#pragma once

#include <cstddef>
#include <string>

namespace ntk {

// Bytes that the process may still take within its control group and all groups around it, versions
// 1 and 2; the largest size_t where there is no limit. `membership` is /proc/self/cgroup, `root`
// where the hierarchy is mounted. Page cache that the kernel can drop counts as free.
std::size_t control_group_available(const std::string& membership = "/proc/self/cgroup",
                                    const std::string& root = "/sys/fs/cgroup");

}  // namespace ntk
