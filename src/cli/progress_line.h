// One line on the terminal that says how far the work is: stage, share done, rate, time left.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "ntk/progress.h"

namespace ntk::cli {

// "gram   43 %  412 M/s  12.0 s left"; without rate and time while they cannot be told.
std::string progress_text(const Progress& progress, double seconds);

class ProgressLine {
  using Clock = std::chrono::steady_clock;

 public:
  // Nothing is ever written where `shown` is false.
  explicit ProgressLine(bool shown) : shown_(shown), last_drawn_(Clock::now()) {}
  ~ProgressLine() { clear(); }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  // Redraws the line, at most a few times a second; short work never draws one.
  void update(const Progress& progress);
  void clear();

 private:
  void follow_stage(const Progress& progress);
  bool shown_;
  bool drawn_ = false;
  std::string stage_;
  std::int64_t done_ = 0;
  Clock::time_point stage_begin_{}, last_drawn_;
};

}  // namespace ntk::cli
