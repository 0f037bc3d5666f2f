#include "src/cli/interrupt.h"

#include <unistd.h>

#include <atomic>
#include <csignal>

#include "ntk/error.h"
#include "src/io/atomic_file.h"

namespace ntk::cli {
namespace {

std::atomic<int> signals{0};
static_assert(std::atomic<int>::is_always_lock_free);

// Calls only what may be called in a signal handler.
void on_signal(int) {
  if (signals.fetch_add(1) == 0) return;
  remove_partial_files();
  _exit(static_cast<int>(ErrorKind::cancelled));
}

}  // namespace

void install_interrupt_handler() {
  struct sigaction action = {};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  for (const int signal : {SIGINT, SIGTERM}) {
    struct sigaction before = {};
    sigaction(signal, nullptr, &before);
    // A shell starts background jobs with SIGINT ignored: it stays so.
    if (before.sa_handler != SIG_IGN) sigaction(signal, &action, nullptr);
  }
}

bool interrupted() noexcept { return signals.load(std::memory_order_relaxed) > 0; }

void throw_if_interrupted() {
  if (interrupted()) throw Cancelled("interrupted");
}

}  // namespace ntk::cli
