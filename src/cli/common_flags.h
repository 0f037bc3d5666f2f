// The flags that every command has.
#pragma once

#include <CLI/CLI.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "ntk/array.h"
#include "ntk/device.h"

namespace ntk::cli {

struct CommonFlags {
  bool json = false;
  bool quiet = false;
  bool verbose = false;
  std::optional<Device> device;  // not given: NTK_DEVICE, or automatic
  std::optional<DType> dtype;
  std::int64_t threads = 0;
  std::size_t memory_limit = 0;
};

// `dtype_help`: what --dtype is about for this command.
void add_common_flags(CLI::App& command, CommonFlags& flags, const std::string& dtype_help);
// Only those that make sense where nothing is computed.
void add_display_flags(CLI::App& command, CommonFlags& flags);

// The flag, or else the environment variable NTK_DEVICE, or else automatic.
Device device_asked_for(const CommonFlags& flags);

}  // namespace ntk::cli
