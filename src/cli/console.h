// What a command says: its result on standard output, progress and remarks on standard error.
#pragma once

#include <chrono>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>

#include "ntk/device.h"
#include "ntk/progress.h"
#include "src/cli/common_flags.h"
#include "src/cli/progress_line.h"

namespace ntk::cli {

using Json = nlohmann::ordered_json;

// The device to work on, never `automatic`; `passed_over` gets the reasons why those before it were
// not taken. Throws DeviceError for a device that was asked for and is not usable.
Device choose_device(const CommonFlags& flags, std::string& passed_over);

class Console {
 public:
  explicit Console(const CommonFlags& flags);

  const CommonFlags& flags() const { return flags_; }

  // choose_device(), which on a terminal (or with --verbose) says whether cuda was passed over, and
  // why.
  Device device();

  // Draws the progress, and asks the work to stop after Ctrl-C.
  ProgressCallback progress();
  // A remark from the library, which every reader of the result should see.
  std::function<void(const std::string&)> log();
  void note(const std::string& sentence);

  // The result, in the form that was asked for. The remarks join the JSON as "notes".
  void show(Json result, const std::string& text);

 private:
  void say(const std::string& sentence);

  CommonFlags flags_;
  bool terminal_;
  ProgressLine line_;
  Json notes_ = Json::array();
};

// Adds "device" and "threads".
void describe_work(Json& result, const Console& console, Device device);
int thread_count(const CommonFlags& flags);

// Why it is not usable, without its name.
std::string reason_of(const DeviceInfo& info);

class Stopwatch {
 public:
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
  }

 private:
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

// On one line, without control characters.
std::string one_line(std::string text);
// Throws DataError when the text cannot be written (a full disk, a closed pipe).
void write_to_stdout(const std::string& text);

}  // namespace ntk::cli
