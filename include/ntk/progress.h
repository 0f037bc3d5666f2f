/// \file
/// How a long call tells how far it is, and how it is asked to stop.
#pragma once

#include <cstdint>
#include <functional>

namespace ntk {

/// How far a call is.
struct Progress {
  const char* stage;   ///< "gram", "factorization"; a string with static storage
  std::int64_t done;   ///< in units of work of this stage
  std::int64_t total;  ///< in the same units; done == total ends the stage
};

/// Called now and then, by one call never from two threads at a time, but from whichever of its
/// threads is at work. Return false to cancel: the call then throws Cancelled and its outputs hold
/// nothing of use. What the callback throws stops the call and reaches its caller. It must not call
/// the object that calls it. An empty function (the default everywhere) is never called.
using ProgressCallback = std::function<bool(const Progress&)>;

}  // namespace ntk
