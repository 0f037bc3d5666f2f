#include "src/base/large_memory.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iterator>

#include "kernels/backend.h"
#include "ntk/error.h"

namespace ntk {
namespace {

constexpr std::size_t kHugePage = std::size_t{2} << 20;
constexpr std::size_t kWorthAsking = std::size_t{64} << 20;

// Giving pages back to the system makes them zero without writing them; those that nobody touched
// yet cost nothing, and the threads that first write them place them.
void zero(void* p, std::size_t bytes) {
#ifdef __linux__
  if (bytes >= kHugePage) {
    const std::size_t whole = bytes / kHugePage * kHugePage;
    madvise(p, whole, MADV_HUGEPAGE);  // a wish; small pages do as well
    if (madvise(p, whole, MADV_DONTNEED) == 0) {
      std::memset(static_cast<char*>(p) + whole, 0, bytes - whole);
      return;
    }
  }
#endif
  std::memset(p, 0, bytes);
}

[[noreturn]] void throw_no_memory(std::size_t bytes) {
  throw MemoryError("no memory for " + format_bytes(bytes) + " (" +
                    format_bytes(available_memory()) +
                    " are free); use fewer samples or a machine with more memory");
}

}  // namespace

void* allocate_zeroed(std::size_t bytes) {
  // The system promises memory that it does not have and kills who uses it: ask before.
  if (bytes >= kWorthAsking && bytes > available_memory()) throw_no_memory(bytes);
  void* p = nullptr;
  const std::size_t alignment = bytes >= kHugePage ? kHugePage : 64;
  if (posix_memalign(&p, alignment, std::max<std::size_t>(bytes, 1)) != 0) throw_no_memory(bytes);
  zero(p, bytes);
  return p;
}

std::size_t available_memory() { return host_free_memory(); }

std::string format_bytes(std::size_t bytes) {
  static const char* const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  double value = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (value >= 1024 && unit + 1 < std::size(units)) value /= 1024, ++unit;
  char text[48];
  std::snprintf(text, sizeof text, unit == 0 ? "%.0f %s" : "%.1f %s", value, units[unit]);
  return text;
}

void require_memory(std::size_t needed, std::size_t limit, const std::string& what,
                    const std::string& advice) {
  const std::size_t bound = limit > 0 ? limit : available_memory();
  if (needed <= bound) return;
  throw MemoryError(what + " needs " + format_bytes(needed) + ", but " + format_bytes(bound) +
                    (limit > 0 ? " are allowed" : " are free") + "; " + advice);
}

}  // namespace ntk
