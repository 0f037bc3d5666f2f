// Compiled for this machine's own instruction set.
#define NTK_ISA native
#include "bench/image_floor.h"

#include <iterator>

#include "kernels/cpu/lanes.h"
#include "kernels/math/convolve_relu.h"

namespace ntk::bench {
namespace {

// Those of ReLU.
template <class T>
math::ConvolveRelu::Constants<math::Lanes<T>> constants() {
  using L = math::Lanes<T>;
  math::ConvolveRelu::Constants<T> one{};
  math::ConvolveRelu::set_polynomials(0.45, one);
  math::ConvolveRelu::Constants<L> k{};
  k.gain = k.theta_gain = L(1.0 / 9);
  for (std::size_t i = 0; i < std::size(one.angle); ++i) k.angle[i] = L(one.angle[i]);
  for (std::size_t i = 0; i < std::size(one.rest); ++i) k.rest[i] = L(one.rest[i]);
  return k;
}

// Sums of three and of three, and the step between them, on whole vectors at aligned places: no
// edges, no empty places, no passes over memory.
template <class T>
void compute(double entries) {
  using L = math::Lanes<T>;
  using Taps = math::ConvolveRelu::Taps<L>;
  constexpr int kCount = 16, kRim = 2;
  alignas(64) T distance[(kCount + 2 * kRim) * L::kCount], theta[(kCount + 2 * kRim) * L::kCount];
  alignas(64) T to_distance[kCount * L::kCount], to_theta[kCount * L::kCount];
  alignas(64) T deviation[kCount * L::kCount], inverse[kCount * L::kCount];
  for (T& x : distance) x = T(0.01);
  for (T& x : theta) x = T(1);
  for (T& x : deviation) x = T(1);
  for (T& x : inverse) x = T(0.7);
  const math::ConvolveRelu::Constants<L> k = constants<T>();
  const auto rounds = static_cast<std::int64_t>(entries / (kCount * L::kCount));
  const auto at = [](T* array, int j) { return array + j * L::kCount; };
  const auto sum = [&](T* array, int j) {
    const L column = L::load(at(array, j)) + L::load(at(array, j + 1)) + L::load(at(array, j + 2));
    return column + L::load(at(array, j + 3)) + L::load(at(array, j + 4));
  };
  for (std::int64_t round = 0; round < rounds; ++round) {
    for (int j = 0; j < kCount; ++j) {
      const L f[2] = {L::load(at(deviation, j)), L::load(at(inverse, j))};
      const Taps sums = {sum(distance, j), sum(theta, j)};
      const auto after = math::ConvolveRelu::step<true, true>(k, f, f, sums, L(1));
      math::ConvolveRelu::distance<true>(k, f[0], f[0], after.delta).store(at(to_distance, j));
      after.theta.store(at(to_theta, j));
    }
    // Every number may have been read and changed between two rounds.
    asm volatile("" ::"r"(distance), "r"(theta), "r"(deviation), "r"(inverse), "r"(to_distance),
                 "r"(to_theta)
                 : "memory");
  }
}

}  // namespace

void compute_entries(DType dtype, double entries) {
  dtype == DType::float32 ? compute<float>(entries) : compute<double>(entries);
}

}  // namespace ntk::bench
