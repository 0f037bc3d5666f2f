// Sums over the taps of a filter and over a slice. Included by files that define NTK_ISA.
#pragma once

#include <cstdint>

#include "kernels/cpu/lanes.h"

namespace ntk::cpu {
namespace {

using math::Lanes;
using math::one_after;
using math::one_before;

// Of `before` taps before p[0] to `after` behind it, `step` apart.
template <class T>
NTK_HD Lanes<T> sum_of_taps(const T* p, std::int64_t step, int before, int after) {
  Lanes<T> sum = Lanes<T>::load(p - before * step);
  for (int t = 1 - before; t <= after; ++t) sum += Lanes<T>::load(p + t * step);
  return sum;
}

// The sum of an array's three places p - step, p, p + step, and of three such sums side by side:
// place after place along the line, each column's sum computed once and kept in registers.
template <class T>
class SumsOfNine {
  using L = Lanes<T>;

 public:
  NTK_HD SumsOfNine(const T* array, std::int64_t step)
      : array_(array), step_(step), before_(column(-L::kCount)), here_(column(0)) {}
  // Of the vector at j; called for j = 0, kCount, 2 kCount, ...
  NTK_HD L next(std::int64_t j) {
    const L after = column(j + L::kCount);
    const L sum = one_before(before_, here_) + here_ + one_after(here_, after);
    before_ = here_;
    here_ = after;
    return sum;
  }

 private:
  NTK_HD L column(std::int64_t j) const {
    return L::load(array_ + j - step_) + L::load(array_ + j) + L::load(array_ + j + step_);
  }
  const T* array_;
  std::int64_t step_;
  L before_, here_;
};

// Sums of many numbers, in float64; a few at a time in their own precision.
template <class T>
struct Total {
  using D = Lanes<double>;
  static constexpr int kParts = Lanes<T>::kCount / D::kCount, kAtATime = 4;
  D parts[kParts];
  Lanes<T> few = Lanes<T>(0);
  int count = 0;

  Total() {
    for (D& part : parts) part = D(0);
  }
  NTK_HD void add(Lanes<T> value) {
    few += value;
    if (sizeof(T) == sizeof(double) || ++count == kAtATime) flush();
  }
  NTK_HD void flush() {
    T numbers[Lanes<T>::kCount];
    few.store(numbers);
    for (int i = 0; i < kParts; ++i) {
      if constexpr (sizeof(T) == sizeof(double))
        parts[i] += D::load(numbers + i * D::kCount);
      else
        parts[i] += D::load_single(numbers + i * D::kCount);
    }
    few = Lanes<T>(0);
    count = 0;
  }
  double sum() {
    flush();
    double all = 0;
    for (const D& part : parts)
      for (int i = 0; i < D::kCount; ++i) all += part.x[i];
    return all;
  }
};

}  // namespace
}  // namespace ntk::cpu
