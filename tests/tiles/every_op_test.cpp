// Random architectures of every op, nested four deep: backends agree.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/backends.h"
#include "tests/support/random_networks.h"

namespace ntk {
namespace {

using testing::Network;

// Variances of the samples' numbers are about 1.
constexpr double kLargestVariance = 5;

class EveryOp : public ::testing::TestWithParam<std::string> {
 protected:
  // `is_asked_for`: of a program; `factor`: of epsilons.
  template <class Predicate>
  void compare(Backend& backend, Backend& truth_of, int architectures, std::int64_t rows,
               double factor, const Predicate& is_asked_for) {
    constexpr std::int64_t kWidth = 5;
    RandomArchitectures random(7, Numbers::ordinary, Ops::all);
    double worst = 0;
    for (int i = 0; i < architectures; ++i) {
      const Array x = testing::normal_samples(rows, kWidth, static_cast<unsigned>(i));
      const Network network = testing::next_network(random, x, DType::float64, is_asked_for);
      const Kernels truth = testing::kernels_of(truth_of, network.program, x, DType::float64);
      const Kernels k = testing::kernels_of(backend, network.program, x, DType::float64);
      for (bool ntk : {false, true}) {
        const Array &t = ntk ? truth.ntk : truth.nngp, &a = ntk ? k.ntk : k.nngp;
        const auto d = testing::diagonal_of(t);
        const testing::Worst error = testing::kernel_error(a, t, d, d);
        worst = std::max(worst, error.error);
        EXPECT_LE(error.error, factor * testing::epsilon(DType::float64))
            << (ntk ? "ntk" : "nngp") << " at " << error.row << ", " << error.column << " of "
            << network.architecture.to_expression();
      }
    }
    std::printf("worst error %.1e\n", worst);
  }
};

TEST_P(EveryOp, AgreesWithTheReference) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  compare(*backend, reference_backend(), testing::kSanitized ? 10 : 60, 7, 100,
          [](const Program& program) {
            return program.instructions.size() <= 60 && !testing::is_integrated(program);
          });
}

// Three samples, of short networks: a quadrature for every entry and nonlinearity takes its time.
// It does not know the kinks of Elementwise. What the tables of functions leave out is 7e-12 of a
// derivative at most (docs/architecture.md), times the nonlinearities there are.
TEST_P(EveryOp, AgreesWithTheReferenceWhereThatIntegrates) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  compare(*backend, reference_backend(), testing::kSanitized ? 3 : 12, 3, 1e5,
          [](const Program& program) {
            return program.instructions.size() <= 12 && testing::is_integrated(program) &&
                   !testing::has_own_function(program) &&
                   testing::has_small_tables(program, kLargestVariance);
          });
}

// The negative side of ELU is bounded: of huge variances it holds a part of 1/sqrt(q).
TEST_P(EveryOp, EluOfHugeVariancesIsRelu) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  const Layer scaled = Dense(1, {.W_std = 1e14});
  const Array x = testing::normal_samples(7, 5, 1);
  for (const DType working : {DType::float64, DType::float32}) {
    const Kernels elu =
        testing::kernels_on(*backend, serial(scaled, Elu(), Dense(1)), x, nullptr, working);
    const Kernels relu =
        testing::kernels_on(*backend, serial(scaled, Relu(), Dense(1)), x, nullptr, working);
    for (bool ntk : {false, true}) {
      const Array &a = ntk ? elu.ntk : elu.nngp, &b = ntk ? relu.ntk : relu.nngp;
      const auto d = testing::diagonal_of(b);
      EXPECT_LE(testing::kernel_error(a, b, d, d).error, 1000 * testing::epsilon(working))
          << name_of(working) << (ntk ? " ntk" : " nngp");
    }
  }
}

// Where functions are mixtures (kernels/math/dual/tanh.h, smooth_relu.h): nearly equal, opposite,
// zero, small and large samples, and the angle that a ReLU sees after them.
TEST_P(EveryOp, MixturesOfGreatVariancesAgreeWithTheReference) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  Array x = testing::normal_samples(9, 5, 2);
  double* const rows = x.as<double>();
  const double factors[] = {1 + 1e-9, -1, 0, 1e-3, 30};
  for (int i = 0; i < 5; ++i)
    for (int k = 0; k < 5; ++k) rows[(i + 4) * 5 + k] = factors[i] * rows[(i < 2 ? 0 : i) * 5 + k];
  rows[4 * 5] *= 1 + 1e-7;
  const Layer first = Dense(1, {.W_std = 100}), second = Dense(1, {.W_std = 100, .b_std = 1});
  for (const auto& [one, other] : {std::pair{Tanh(), Sigmoid()}, std::pair{Softplus(), Swish()}}) {
    const Architecture network = serial(first, one, second, other, Dense(1), Relu(), Dense(1));
    const Kernels truth =
        testing::kernels_on(reference_backend(), network, x, nullptr, DType::float64);
    for (const DType working : {DType::float64, DType::float32}) {
      const Kernels k = testing::kernels_on(*backend, network, x, nullptr, working);
      for (bool ntk : {false, true}) {
        const Array &t = ntk ? truth.ntk : truth.nngp, &a = ntk ? k.ntk : k.nngp;
        const auto d = testing::diagonal_of(t);
        const testing::Worst error = testing::kernel_error(a, t, d, d);
        EXPECT_LE(error.error, 100 * testing::epsilon(working))
            << name_of(working) << (ntk ? " ntk" : " nngp") << " at " << error.row << ", "
            << error.column << " of " << network.to_expression();
      }
    }
  }
}

class EveryOpOnAGpu : public EveryOp {};

TEST_P(EveryOpOnAGpu, AgreesWithTheCpuWhereTheReferenceIntegrates) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  compare(*backend, cpu_backend(), testing::kSanitized ? 3 : 30, 7, 1000,
          [](const Program& program) {
            return program.instructions.size() <= 60 && testing::is_integrated(program) &&
                   !testing::has_own_function(program) &&
                   testing::has_small_tables(program, kLargestVariance);
          });
}

std::string name_of_case(const ::testing::TestParamInfo<std::string>& backend) {
  std::string name = backend.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}
INSTANTIATE_TEST_SUITE_P(All, EveryOp, ::testing::Values("cpu", "cuda-host", "cuda"), name_of_case);
INSTANTIATE_TEST_SUITE_P(All, EveryOpOnAGpu, ::testing::Values("cuda-host", "cuda"), name_of_case);

}  // namespace
}  // namespace ntk
