#include "fiber.h"

#include <sys/mman.h>

#include <cstdlib>
#include <new>

#include "sanitizers.h"

namespace cuda_on_host {

namespace ctx = boost::context::detail;
using namespace sanitizers;

namespace {

constexpr std::size_t kStackBytes = 256 << 10;  // sanitized frames are large
constexpr std::size_t kGuardBytes = 4096;

struct Host {
  ctx::fcontext_t context = nullptr;
  const void* stack = nullptr;  // as AddressSanitizer tells
  std::size_t stack_bytes = 0;
  void* asan_fake_stack = nullptr;
  void* tsan_fiber = nullptr;
};
Host host;

}  // namespace

void set_fiber_host() { host.tsan_fiber = tsan_current_fiber(); }

void Fiber::create(const char* name) {
  if (stack_ != nullptr) return;
  void* p = mmap(nullptr, kGuardBytes + kStackBytes, PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (p == MAP_FAILED) throw std::bad_alloc();
  if (mprotect(p, kGuardBytes, PROT_NONE) != 0) throw std::bad_alloc();
  stack_ = static_cast<char*>(p) + kGuardBytes;
  tsan_fiber_ = tsan_create_fiber(name);
}

void Fiber::start(void (*entry)()) {
  entry_ = entry;
  asan_fake_stack_ = nullptr;
  context_ = ctx::make_fcontext(stack_ + kStackBytes, kStackBytes, enter);
}

void Fiber::resume() {
  asan_leave(&host.asan_fake_stack, stack_, kStackBytes);
  tsan_switch(tsan_fiber_);
  context_ = ctx::jump_fcontext(context_, this).fctx;
  asan_arrive(host.asan_fake_stack, nullptr, nullptr);
}

void Fiber::suspend() {
  leave(&asan_fake_stack_);
  arrive();
}

void Fiber::enter(ctx::transfer_t from) {
  auto* self = static_cast<Fiber*>(from.data);
  host.context = from.fctx;
  self->arrive();
  self->entry_();
  self->leave(nullptr);
  std::abort();  // a finished fiber is never resumed
}

void Fiber::arrive() { asan_arrive(asan_fake_stack_, &host.stack, &host.stack_bytes); }

void Fiber::leave(void** fake_stack) {
  asan_leave(fake_stack, host.stack, host.stack_bytes);
  tsan_switch(host.tsan_fiber);
  host.context = ctx::jump_fcontext(host.context, nullptr).fctx;
}

void Fiber::discard(void* sync_point) {
  if (stack_ == nullptr) return;
  tsan_switch(tsan_fiber_);
  tsan_release(sync_point);
  tsan_switch(host.tsan_fiber);
  tsan_destroy_fiber(tsan_fiber_);
  asan_forget(stack_, kStackBytes);
  munmap(stack_ - kGuardBytes, kGuardBytes + kStackBytes);
  stack_ = nullptr;
}

}  // namespace cuda_on_host
