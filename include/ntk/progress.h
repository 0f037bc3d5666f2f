// How a long call tells how far it is, and how it is asked to stop.
#pragma once

#include <cstdint>
#include <functional>

namespace ntk {

struct Progress {
  const char* stage;  // "gram", "cholesky", ...; a string with static storage
  std::int64_t done;  // in units of work of this stage
  std::int64_t total;
};

// Called now and then, never from two threads at a time, from whichever thread is at work.
// Return false to cancel: the call then throws ntk::Cancelled and its outputs hold nothing of use.
// An empty function is never called.
using ProgressCallback = std::function<bool(const Progress&)>;

}  // namespace ntk
