#include "src/cli/common_flags.h"

#include <cstdlib>

#include "src/cli/flags.h"

namespace ntk::cli {
namespace {

constexpr const char* kGroup = "Common flags";
constexpr const char* kDeviceVariable = "NTK_DEVICE";
constexpr std::int64_t kMostThreads = 4096;

std::vector<std::pair<std::string, Device>> device_choices() {
  std::vector<std::pair<std::string, Device>> choices;
  for (const Device device : {Device::automatic, Device::cpu, Device::cuda, Device::reference})
    choices.emplace_back(name_of(device), device);
  return choices;
}

Device parse_device(const std::string& flag, const std::string& text) {
  if (text == "gpu") throw UsageError(flag + ": a GPU's name is cuda, found \"gpu\"");
  const auto choices = device_choices();
  std::vector<std::string> words;
  for (const auto& choice : choices) words.push_back(choice.first);
  return choices[parse_choice(flag, text, words)].second;
}

void read_threads(CommonFlags& flags, const std::string& text) {
  flags.threads = parse_integer("--threads", text, 1);
  if (flags.threads > kMostThreads)
    throw UsageError("--threads: at most " + std::to_string(kMostThreads) + ", found " + text);
}

}  // namespace

void add_display_flags(CLI::App& command, CommonFlags& flags) {
  add_parsed(
      command, "--device",
      [&flags](const std::string& text) { flags.device = parse_device("--device", text); }, "D",
      "auto, cpu, cuda or reference (default: NTK_DEVICE, or else auto: cuda if it is usable, "
      "else cpu)")
      ->group(kGroup);
  add_switch(command, "--json", flags.json, "the result as one JSON object on standard output")
      ->group(kGroup);
  add_switch(command, "--quiet", flags.quiet, "no progress and no remarks")->group(kGroup);
  add_switch(command, "--verbose", flags.verbose, "all remarks, also where nobody is watching")
      ->group(kGroup);
}

void add_common_flags(CLI::App& command, CommonFlags& flags, const std::string& dtype_help) {
  add_display_flags(command, flags);
  add_choice(command, "--dtype", flags.dtype,
             std::vector<std::pair<std::string, std::optional<DType>>>{{"float64", DType::float64},
                                                                       {"float32", DType::float32}},
             "T", "float64 or float32: " + dtype_help)
      ->group(kGroup);
  add_parsed(
      command, "--threads", [&flags](const std::string& text) { read_threads(flags, text); }, "N",
      "number of threads (default: all cores)")
      ->group(kGroup);
  add_parsed(
      command, "--memory-limit",
      [&flags](const std::string& text) {
        flags.memory_limit = parse_bytes("--memory-limit", text);
      },
      "BYTES", "memory that may be used, such as 8G or 500MB (default: what is free)")
      ->group(kGroup);
}

Device device_asked_for(const CommonFlags& flags) {
  if (flags.device) return *flags.device;
  const char* variable = std::getenv(kDeviceVariable);
  if (variable == nullptr || *variable == '\0') return Device::automatic;
  return parse_device(kDeviceVariable, variable);
}

}  // namespace ntk::cli
