// Two calls at the same time.
#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <exception>
#include <latch>
#include <thread>

#include "ntk/ntk.h"

#if defined(__SANITIZE_THREAD__)
#define NTK_UNDER_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define NTK_UNDER_TSAN 1
#endif
#endif

// ThreadSanitizer knows nothing of the barriers of OpenMP's library, and reports what they order.
#ifdef NTK_UNDER_TSAN
#define NTK_SKIP_WHERE_OPENMP_IS_NOT_UNDERSTOOD() \
  GTEST_SKIP() << "several OpenMP threads, whose synchronization ThreadSanitizer does not see"
#else
#define NTK_SKIP_WHERE_OPENMP_IS_NOT_UNDERSTOOD() static_cast<void>(0)
#endif

namespace ntk::testing {

// Runs both at once, each in a thread of its own; both begin when both are there.
template <class A, class B>
void at_the_same_time(const A& a, const B& b) {
  std::latch start(2);
  const auto run = [&start](const auto& work) {
    start.arrive_and_wait();
    try {
      work();
    } catch (const std::exception& error) {
      ADD_FAILURE() << error.what();
    }
  };
  std::thread first([&] { run(a); }), second([&] { run(b); });
  first.join();
  second.join();
}

inline bool same_bits(const Array& a, const Array& b) {
  return a.dtype() == b.dtype() && a.shape() == b.shape() &&
         (a.bytes() == 0 || std::memcmp(a.data(), b.data(), a.bytes()) == 0);
}

}  // namespace ntk::testing
