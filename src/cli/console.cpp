#include "src/cli/console.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <thread>

#include "src/cli/interrupt.h"

namespace ntk::cli {
namespace {

DeviceInfo info_of(Device device) {
  for (const DeviceInfo& info : devices())
    if (info.device == device) return info;
  throw DeviceError(std::string(name_of(device)) + " is not a device of this program");
}

std::string why_not(const DeviceInfo& info) {
  return std::string(name_of(info.device)) + " is not usable: " + reason_of(info);
}

}  // namespace

Console::Console(const CommonFlags& flags)
    : flags_(flags), terminal_(isatty(STDERR_FILENO) == 1), line_(terminal_ && !flags.quiet) {}

Device choose_device(const CommonFlags& flags, std::string& passed_over) {
  const Device asked = device_asked_for(flags);
  if (asked != Device::automatic) {
    const DeviceInfo info = info_of(asked);
    if (!info.usable) throw DeviceError(why_not(info));
    return asked;
  }
  for (const DeviceInfo& info : devices()) {
    if (info.usable) return info.device;
    passed_over += (passed_over.empty() ? "" : "; ") + why_not(info);
  }
  throw DeviceError("no device is usable: " + passed_over);
}

Device Console::device() {
  std::string passed_over;
  const Device chosen = choose_device(flags_, passed_over);
  const bool watched = terminal_ || flags_.verbose;
  if (!passed_over.empty() && watched) say(passed_over + "; using " + name_of(chosen));
  return chosen;
}

ProgressCallback Console::progress() {
  return [this](const Progress& progress) {
    if (interrupted()) return false;
    line_.update(progress);
    return true;
  };
}

std::function<void(const std::string&)> Console::log() {
  return [this](const std::string& sentence) { note(sentence); };
}

void Console::note(const std::string& sentence) {
  notes_.push_back(sentence);
  say(sentence);
}

void Console::say(const std::string& sentence) {
  if (flags_.quiet) return;
  line_.clear();
  std::fprintf(stderr, "ntk: %s\n", one_line(sentence).c_str());
}

void Console::show(Json result, const std::string& text) {
  line_.clear();
  if (!flags_.json) return write_to_stdout(text);
  if (!notes_.empty()) result["notes"] = notes_;
  write_to_stdout(result.dump(2, ' ', false, Json::error_handler_t::replace) + '\n');
}

int thread_count(const CommonFlags& flags) {
  if (flags.threads > 0) return static_cast<int>(flags.threads);
  return static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
}

void describe_work(Json& result, const Console& console, Device device) {
  result["device"] = name_of(device);
  result["threads"] = thread_count(console.flags());
}

std::string reason_of(const DeviceInfo& info) {
  const std::string prefix = std::string(name_of(info.device)) + ": ";
  return info.reason.rfind(prefix, 0) == 0 ? info.reason.substr(prefix.size()) : info.reason;
}

std::string one_line(std::string text) {
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  return text;
}

void write_to_stdout(const std::string& text) {
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
  if (!written || std::fflush(stdout) != 0)
    throw DataError(std::string("standard output cannot be written: ") + std::strerror(errno));
}

}  // namespace ntk::cli
