// A stack of its own to run a function on, as far as it wants to run at a time. Internal to the
// shim.
#pragma once

#include <boost/context/detail/fcontext.hpp>

namespace cuda_on_host {

// The calling OS thread is the one that resumes fibers from now on.
void set_fiber_host();

class Fiber {
 public:
  Fiber() = default;
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  // Makes the stack, once; it is kept for later starts. Reports call the fiber by this name.
  void create(const char* name);
  void start(void (*entry)());  // resume() will run this from its beginning
  void resume();                // from the host: until the fiber suspends or finishes
  void suspend();               // from the fiber
  // From the host: gives up a started fiber, whose frames are never unwound. What it did becomes
  // known to whoever acquires the sync point.
  void discard(void* sync_point);

 private:
  static void enter(boost::context::detail::transfer_t from);
  void arrive();
  void leave(void** fake_stack);

  char* stack_ = nullptr;  // its lowest byte, with a guard page below
  boost::context::detail::fcontext_t context_ = nullptr;
  void (*entry_)() = nullptr;
  void* asan_fake_stack_ = nullptr;
  void* tsan_fiber_ = nullptr;
};

}  // namespace cuda_on_host
