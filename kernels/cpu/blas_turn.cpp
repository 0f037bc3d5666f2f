#include "kernels/cpu/blas_turn.h"

#include <omp.h>

#include "kernels/cpu/lapack.h"

namespace ntk::cpu {
namespace {

// Whoever waits to be alone holds the gate, so that those who go together cannot keep it out.
std::mutex gate;
std::shared_mutex turn;

}  // namespace

BlasTurn::BlasTurn() {
  if (!openblas_set_num_threads || !openblas_get_num_threads || omp_in_parallel()) return;
  const int threads = omp_get_max_threads();
  if (threads == 1) {
    wait_together();
    return;
  }
  wait_alone();
  if (openblas_get_num_threads() != threads) openblas_set_num_threads(threads);
}

void BlasTurn::wait_alone() {
  const std::lock_guard at_the_gate(gate);
  alone_ = std::unique_lock(turn);
}

void BlasTurn::wait_together() {
  for (;;) {
    {
      const std::lock_guard at_the_gate(gate);
      together_ = std::shared_lock(turn);
    }
    if (openblas_get_num_threads() == 1) return;
    together_.unlock();
    wait_alone();
    openblas_set_num_threads(1);
    alone_.unlock();
  }
}

}  // namespace ntk::cpu
