// Sums over the taps of a filter and over a slice. Included by files that define NTK_ISA.
#pragma once

#include <cstdint>

#include "kernels/cpu/lanes.h"

namespace ntk::cpu {
namespace {

using math::Lanes;

// p[0] of `before` taps back to `after` taps on, `step` apart; -1: a number known at run time.
template <int kBefore, int kAfter, class T>
NTK_HD Lanes<T> sum_of_taps(const T* p, std::int64_t step, int before, int after) {
  const int from = kBefore < 0 ? -before : -kBefore, to = kAfter < 0 ? after : kAfter;
  Lanes<T> sum = Lanes<T>::load(p + from * step);
  for (int t = from + 1; t <= to; ++t) sum += Lanes<T>::load(p + t * step);
  return sum;
}

// Sums of many numbers, in float64.
template <class T>
struct Total {
  double lanes[Lanes<T>::kCount] = {};
  NTK_HD void add(Lanes<T> value) {
    T numbers[Lanes<T>::kCount];
    value.store(numbers);
    for (int i = 0; i < Lanes<T>::kCount; ++i) lanes[i] += numbers[i];
  }
  double sum() const {
    double all = 0;
    for (const double lane : lanes) all += lane;
    return all;
  }
};

}  // namespace
}  // namespace ntk::cpu
