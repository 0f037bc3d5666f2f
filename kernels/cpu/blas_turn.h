// Who may call BLAS when, so that libntk may be called from several threads at once.
#pragma once

#include <mutex>
#include <shared_mutex>

namespace ntk::cpu {

// To be held during a call of BLAS or LAPACK.
//
// OpenBLAS has one number of threads for the whole process, and buffers for these threads. A call
// that finds another number in OpenMP's settings of its own thread changes both, and so may take
// away a buffer that another call is packing into: results are then wrong, without a word. So calls
// on several threads go one at a time, calls on one thread go together, and the number is changed
// while nobody else is at work. Within a parallel region OpenBLAS stays on the calling thread and
// looks at neither.
class BlasTurn {
 public:
  BlasTurn();

 private:
  void wait_alone();
  void wait_together();

  std::unique_lock<std::shared_mutex> alone_;
  std::shared_lock<std::shared_mutex> together_;
};

}  // namespace ntk::cpu
