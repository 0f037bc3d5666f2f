#include "src/cli/progress_line.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "src/report/number.h"

namespace ntk::cli {
namespace {

constexpr std::chrono::milliseconds kBetweenRedraws{200};

std::size_t terminal_width() {
  winsize size = {};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

void write_all(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

std::string padded_left(const std::string& text, std::size_t width) {
  return std::string(width - std::min(width, text.size()), ' ') + text;
}

}  // namespace

std::string progress_text(const Progress& progress, double seconds) {
  std::string text = progress.stage;
  if (progress.total <= 0) return text;
  const double share = std::clamp(
      static_cast<double>(progress.done) / static_cast<double>(progress.total), 0.0, 1.0);
  text += padded_left(report::format_fixed(std::floor(100 * share), 0), 5) + " %";
  constexpr double kTooEarly = 0.1;  // seconds: a rate would be a guess
  if (progress.done <= 0 || seconds < kTooEarly) return text;
  const double rate = static_cast<double>(progress.done) / seconds;
  text += padded_left(report::format_rate(rate), 12);
  return text + "  " +
         report::format_seconds(static_cast<double>(progress.total - progress.done) / rate) +
         " left";
}

// A stage may come again, for other data: its count then starts anew.
void ProgressLine::follow_stage(const Progress& progress) {
  if (stage_ != progress.stage || progress.done < done_) {
    stage_ = progress.stage;
    stage_begin_ = Clock::now();
  }
  done_ = progress.done;
}

void ProgressLine::update(const Progress& progress) {
  if (!shown_) return;
  follow_stage(progress);
  const auto now = Clock::now();
  if (now - last_drawn_ < kBetweenRedraws) return;
  const double seconds = std::chrono::duration<double>(now - stage_begin_).count();
  std::string line = progress_text(progress, seconds);
  // A line that wraps could not be redrawn.
  if (line.size() >= terminal_width()) line.resize(terminal_width() - 1);
  write_all("\r\033[K" + line);
  drawn_ = true;
  last_drawn_ = now;
}

void ProgressLine::clear() {
  if (!drawn_) return;
  write_all("\r\033[K");
  drawn_ = false;
}

}  // namespace ntk::cli
