// What the sanitizers must be told about fibers; empty for a sanitizer that is not in use.
// CUDA_ON_HOST_TSAN says that the program is under ThreadSanitizer: the files that include this are
// themselves compiled without it. The functions are static so that the linker never takes another
// file's instrumented copy.
#pragma once

#include <cstddef>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
#ifdef CUDA_ON_HOST_TSAN
#include <sanitizer/tsan_interface.h>
extern "C" void AnnotateIgnoreWritesBegin(const char* file, int line);
extern "C" void AnnotateIgnoreWritesEnd(const char* file, int line);
#endif

namespace cuda_on_host::sanitizers {

#ifdef __SANITIZE_ADDRESS__
static inline void asan_leave(void** fake_stack, const void* to_stack, std::size_t to_bytes) {
  __sanitizer_start_switch_fiber(fake_stack, to_stack, to_bytes);
}
static inline void asan_arrive(void* fake_stack, const void** from_stack, std::size_t* from_bytes) {
  __sanitizer_finish_switch_fiber(fake_stack, from_stack, from_bytes);
}
static inline void asan_forget(void* p, std::size_t bytes) {
  __asan_unpoison_memory_region(p, bytes);
}
#else
static inline void asan_leave(void**, const void*, std::size_t) {}
static inline void asan_arrive(void*, const void**, std::size_t*) {}
static inline void asan_forget(void*, std::size_t) {}
#endif

#ifdef CUDA_ON_HOST_TSAN
inline constexpr bool kTsan = true;
static inline void* tsan_current_fiber() { return __tsan_get_current_fiber(); }
static inline void* tsan_create_fiber(const char* name) {
  void* fiber = __tsan_create_fiber(0);
  __tsan_set_fiber_name(fiber, name);
  return fiber;
}
static inline void tsan_destroy_fiber(void* fiber) { __tsan_destroy_fiber(fiber); }
static inline void tsan_switch(void* fiber) {
  __tsan_switch_to_fiber(fiber, __tsan_switch_to_fiber_no_sync);
}
static inline void tsan_release(void* p) { __tsan_release(p); }
static inline void tsan_acquire(void* p) { __tsan_acquire(p); }
static inline void tsan_ignore_begin() { AnnotateIgnoreWritesBegin(__FILE__, __LINE__); }
static inline void tsan_ignore_end() { AnnotateIgnoreWritesEnd(__FILE__, __LINE__); }
#else
inline constexpr bool kTsan = false;
static inline void* tsan_current_fiber() { return nullptr; }
static inline void* tsan_create_fiber(const char*) { return nullptr; }
static inline void tsan_destroy_fiber(void*) {}
static inline void tsan_switch(void*) {}
static inline void tsan_release(void*) {}
static inline void tsan_acquire(void*) {}
static inline void tsan_ignore_begin() {}
static inline void tsan_ignore_end() {}
#endif

}  // namespace cuda_on_host::sanitizers
