// What must hold for every architecture, over architectures drawn at random.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <numeric>
#include <random>

#include "kernels/reference/dense.h"
#include "src/infinite/lower.h"
#include "tests/support/backends.h"
#include "tests/support/kernels_on.h"
#include "tests/support/near.h"
#include "tests/support/random_architecture.h"

namespace ntk {
namespace {

using testing::kernels_on;

constexpr int kArchitectures = 60;
constexpr std::int64_t kWidth = 7;

// Rows of very different kinds: ordinary, near-duplicates and exact ones, opposite, short, long,
// zero.
Array awkward_samples(unsigned seed, DType dtype) {
  std::mt19937 random(seed);
  std::normal_distribution<double> normal;
  constexpr std::int64_t kRows = 12;
  Array x(DType::float64, {kRows, kWidth});
  double* v = x.as<double>();
  for (std::int64_t i = 0; i < x.size(); ++i) v[i] = normal(random);
  auto row = [&](std::int64_t i) { return v + i * kWidth; };
  for (std::int64_t k = 0; k < kWidth; ++k) {
    row(3)[k] = row(0)[k];
    row(4)[k] = row(0)[k] * (1 + 1e-5 * row(5)[k]);
    row(6)[k] = -row(0)[k];
    row(7)[k] = -row(0)[k] + 1e-4 * row(8)[k];
    row(9)[k] = 1e-3 * row(1)[k];
    row(10)[k] = 30 * row(2)[k];
    row(11)[k] = 0;
  }
  // The same numbers for both precisions.
  return x.converted_to(DType::float32).converted_to(dtype);
}

// The next one whose kernels of these samples float32 can hold: some of the deep ones overflow.
Architecture next_that_fits(RandomArchitectures& architectures) {
  for (;;) {
    const Architecture architecture = architectures.next();
    try {
      kernels_on(cpu_backend(), architecture, awkward_samples(0, DType::float32), nullptr,
                 DType::float32);
      const std::size_t steps = lower(architecture, kWidth).instructions.size();
      if (steps <= 100) return architecture;  // the reference takes its time
    } catch (const NumericalError&) {
      continue;
    }
  }
}

// A network adds up its layers' roundings.
double layers_of(const Architecture& architecture) {
  return static_cast<double>(10 + lower(architecture, kWidth).instructions.size());
}

class Properties : public ::testing::TestWithParam<std::string> {};

TEST_P(Properties, AgreeWithTheReference) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  RandomArchitectures architectures(1, Numbers::ordinary);
  double worst[2][2] = {};
  for (unsigned i = 0; i < kArchitectures; ++i) {
    const Architecture architecture = next_that_fits(architectures);
    for (DType working : {DType::float64, DType::float32}) {
      const Array x = awkward_samples(i, working);
      const Kernels truth = kernels_on(reference_backend(), architecture,
                                       awkward_samples(i, DType::float64), nullptr, DType::float64);
      const Kernels k = kernels_on(*backend, architecture, x, nullptr, working);
      for (bool ntk : {false, true}) {
        const Array& t = ntk ? truth.ntk : truth.nngp;
        const auto d = testing::diagonal_of(t);
        const testing::Worst error = testing::kernel_error(ntk ? k.ntk : k.nngp, t, d, d);
        double& so_far = worst[working == DType::float32][ntk];
        so_far =
            std::max(so_far, error.error / testing::epsilon(working) / layers_of(architecture));
        EXPECT_LE(error.error, (ntk ? 10 : 4) * layers_of(architecture) * testing::epsilon(working))
            << name_of(working) << (ntk ? " ntk" : " nngp") << " at " << error.row << ", "
            << error.column << " of " << architecture.to_expression();
      }
    }
  }
  std::printf(
      "worst error in epsilons a layer: float64 nngp %.2f, ntk %.2f; float32 nngp %.2f, ntk %.2f\n",
      worst[0][0], worst[0][1], worst[1][0], worst[1][1]);
}

TEST_P(Properties, GramsAreExactlySymmetricAndPositiveSemidefinite) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  RandomArchitectures architectures(2, Numbers::ordinary);
  for (unsigned i = 0; i < kArchitectures / 2; ++i) {
    const Architecture architecture = next_that_fits(architectures);
    const Kernels k = kernels_on(*backend, architecture, awkward_samples(i, DType::float64),
                                 nullptr, DType::float64);
    for (const Array* gram : {&k.nngp, &k.ntk}) {
      const std::int64_t n = gram->shape()[0];
      Array scaled = gram->clone();  // to unit diagonal, so that small samples count as much
      double* a = scaled.as<double>();
      const auto d = testing::diagonal_of(*gram);
      for (std::int64_t r = 0; r < n; ++r)
        for (std::int64_t c = 0; c < n; ++c) {
          EXPECT_EQ(gram->as<double>()[r * n + c], gram->as<double>()[c * n + r]);
          const double s =
              std::sqrt(d[static_cast<std::size_t>(r)] * d[static_cast<std::size_t>(c)]);
          a[r * n + c] = s > 0 ? a[r * n + c] / s : (r == c ? 1 : 0);
        }
      std::vector<double> w(static_cast<std::size_t>(n));
      reference::eigen(DType::float64, n, a, n, w.data());
      EXPECT_GE(w.front(), -10 * layers_of(architecture) * testing::epsilon(DType::float64))
          << architecture.to_expression();
    }
  }
}

TEST_P(Properties, DuplicatesHaveEqualRowsAndTheExactDiagonalBetweenThem) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  RandomArchitectures architectures(3, Numbers::ordinary);
  for (unsigned i = 0; i < kArchitectures / 2; ++i) {
    const Architecture architecture = next_that_fits(architectures);
    for (DType working : {DType::float64, DType::float32}) {
      const Kernels k =
          kernels_on(*backend, architecture, awkward_samples(i, working), nullptr, working);
      for (const Array* gram : {&k.nngp, &k.ntk}) {
        const std::int64_t n = gram->shape()[0];
        auto at = [&](std::int64_t r, std::int64_t c) {
          return testing::value_at(*gram, r * n + c);
        };
        const auto d = testing::diagonal_of(*gram);
        // Rows 0 and 3 are the same sample.
        EXPECT_NEAR(at(0, 3), at(0, 0), 8 * testing::epsilon(working) * at(0, 0));
        for (std::int64_t c = 0; c < n; ++c)
          EXPECT_NEAR(
              at(0, c), at(3, c),
              8 * testing::epsilon(working) * std::sqrt(d[0] * d[static_cast<std::size_t>(c)]))
              << architecture.to_expression() << " column " << c;
      }
    }
  }
}

TEST_P(Properties, PermutingSamplesPermutesTheGram) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  RandomArchitectures architectures(4, Numbers::ordinary);
  const std::vector<std::int64_t> order = {5, 0, 11, 3, 9, 1, 7, 10, 2, 8, 6, 4};
  for (unsigned i = 0; i < kArchitectures / 4; ++i) {
    const Architecture architecture = next_that_fits(architectures);
    const Array x = awkward_samples(i, DType::float64);
    Array permuted(DType::float64, x.shape());
    for (std::size_t r = 0; r < order.size(); ++r)
      std::memcpy(permuted.as<double>() + static_cast<std::int64_t>(r) * kWidth,
                  x.as<double>() + order[r] * kWidth, kWidth * sizeof(double));
    const Kernels a = kernels_on(*backend, architecture, x, nullptr, DType::float64);
    const Kernels b = kernels_on(*backend, architecture, permuted, nullptr, DType::float64);
    const auto n = static_cast<std::int64_t>(order.size());
    for (bool ntk : {false, true}) {
      const Array &u = ntk ? a.ntk : a.nngp, &v = ntk ? b.ntk : b.nngp;
      const auto d = testing::diagonal_of(u);
      for (std::int64_t r = 0; r < n; ++r)
        for (std::int64_t c = 0; c < n; ++c) {
          const std::int64_t pr = order[static_cast<std::size_t>(r)],
                             pc = order[static_cast<std::size_t>(c)];
          EXPECT_NEAR(
              v.as<double>()[r * n + c], u.as<double>()[pr * n + pc],
              10 * layers_of(architecture) * testing::epsilon(DType::float64) *
                  std::sqrt(d[static_cast<std::size_t>(pr)] * d[static_cast<std::size_t>(pc)]));
        }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, Properties, ::testing::ValuesIn(testing::backend_names()),
                         [](const auto& param_info) {
                           std::string name = param_info.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace ntk
