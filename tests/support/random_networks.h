// Networks of every op, drawn at random, with kernels that a precision can hold.
#pragma once

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <random>
#include <utility>
#include <vector>

#include "ntk/error.h"
#include "tests/support/kernels_on.h"
#include "tests/support/near.h"
#include "tests/support/random_architecture.h"

namespace ntk::testing {

// Sanitized builds are many times slower: they look at fewer networks.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

// A network and what it is compiled to for some samples.
struct Network {
  Architecture architecture;
  Program program;
};

inline bool has(const Program& program, std::initializer_list<Op> ops) {
  return std::any_of(
      program.instructions.begin(), program.instructions.end(),
      [&](const Instruction& in) { return std::find(ops.begin(), ops.end(), in.op) != ops.end(); });
}

// Whose reference is a quadrature for each entry, which takes its time.
inline bool is_integrated(const Program& program) {
  return has(program, {Op::function, Op::elu, Op::rectified_monomial});
}

// Whether functions without a closed form are few and their variances small, so that their tables
// are made quickly (src/infinite/tabulate.h); `largest`: an input variance. Where a table is still
// missing the identity stands in.
inline bool has_small_tables(Program program, double largest) {
  constexpr std::size_t kMost = 2;
  constexpr double kLargestVariance = 20;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < program.instructions.size(); ++i) {
    Instruction& in = program.instructions[i];
    if (in.op != Op::function) continue;
    places.push_back(i);
    in.op = Op::ab_relu;
    in.p[0] = in.p[1] = 1;
  }
  return places.size() <= kMost &&
         std::all_of(places.begin(), places.end(), [&](std::size_t place) {
           return variance_after(program, place, largest) < kLargestVariance;
         });
}

// A function by a table (Elementwise) has kinks, and takes as many terms as there are.
inline bool has_own_function(const Program& program) { return !program.functions.empty(); }

// Whether the kernels of the samples are numbers of ordinary size, as deep networks' need not be.
inline bool fits(const Program& program, const Array& x, DType working) {
  constexpr double kLargest = 1e30;
  const auto is_ordinary = [](double value) {
    return value == 0 || (value < kLargest && value > 1 / kLargest);
  };
  try {
    const auto samples = cpu_backend().prepare(program, x, working);
    for (std::int64_t i = 0; i < samples->count(); ++i)
      if (!is_ordinary(samples->nngp_diagonal()[i]) || !is_ordinary(samples->ntk_diagonal()[i]))
        return false;
    return true;
  } catch (const NumericalError&) {
    return false;
  }
}

// The next one that fits and of whose instructions (before tables are made) `is_asked_for` is true.
template <class Predicate>
Network next_network(RandomArchitectures& architectures, const Array& x, DType working,
                     const Predicate& is_asked_for) {
  for (;;) {
    Architecture architecture = architectures.next();
    if (!is_asked_for(lower(architecture, x.shape()[1]))) continue;
    const SampleMatrix samples(architecture, x, "x");
    Program program = compile(cpu_backend(), architecture, samples, nullptr).program;
    if (fits(program, x, working)) return {std::move(architecture), std::move(program)};
  }
}

// Rows of normal numbers; the fourth equals the first, the sixth is zero.
inline Array normal_samples(std::int64_t rows, std::int64_t width, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<double> normal;
  Array x(DType::float64, {rows, width});
  for (std::int64_t i = 0; i < rows; ++i)
    for (std::int64_t k = 0; k < width; ++k) {
      double* const v = x.as<double>();
      const double number = normal(random);
      v[i * width + k] = i == 3 ? v[k] : i == 5 ? 0 : number;
    }
  return x;
}

}  // namespace ntk::testing
