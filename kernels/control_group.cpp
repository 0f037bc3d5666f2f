#include "kernels/control_group.h"

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <limits>

namespace ntk {
namespace {

constexpr std::size_t kNoLimit = std::numeric_limits<std::size_t>::max();

struct FileNames {
  const char* limit;
  const char* used;
  const char* stat_prefix;
};
constexpr FileNames kVersion1 = {"/memory.limit_in_bytes", "/memory.usage_in_bytes", "total_"};
constexpr FileNames kVersion2 = {"/memory.max", "/memory.current", ""};

std::size_t read_number(const std::string& path) {  // "max" is no number
  std::ifstream file(path);
  std::uint64_t value = 0;
  return file >> value ? value : kNoLimit;
}

std::size_t droppable_cache(const std::string& stat_path, const std::string& prefix) {
  std::ifstream file(stat_path);
  std::string key;
  std::uint64_t value = 0, sum = 0;
  while (file >> key >> value)
    if (key == prefix + "inactive_file" || key == prefix + "active_file") sum += value;
  return sum;
}

std::size_t available_in(const std::string& group, const FileNames& names) {
  const std::size_t limit = read_number(group + names.limit);
  const std::size_t used = read_number(group + names.used);
  if (limit == kNoLimit || used == kNoLimit) return kNoLimit;
  const std::size_t held =
      used - std::min(used, droppable_cache(group + "/memory.stat", names.stat_prefix));
  return limit - std::min(limit, held);
}

std::size_t available_up_to(const std::string& root, std::string group, const FileNames& names) {
  std::size_t available = available_in(root, names);
  while (group.size() > 1) {
    available = std::min(available, available_in(root + group, names));
    group.resize(std::min(group.rfind('/'), group.size()));
  }
  return available;
}

}  // namespace

std::size_t control_group_available(const std::string& membership, const std::string& root) {
  std::ifstream file(membership);
  std::size_t available = kNoLimit;
  // hierarchy:controllers:group, with no controllers for version 2
  for (std::string line; std::getline(file, line);) {
    const std::size_t first = line.find(':');
    const std::size_t second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string controllers = line.substr(first, second - first);
    const std::string group = line.substr(second + 1);
    if (controllers == ":")
      available = std::min(available, available_up_to(root, group, kVersion2));
    else if (controllers.find("memory") != std::string::npos)
      available = std::min(available, available_up_to(root + "/memory", group, kVersion1));
  }
  return available;
}

}  // namespace ntk
