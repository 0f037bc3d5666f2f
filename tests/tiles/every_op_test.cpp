// Random architectures of every op, nested four deep: backends agree.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "src/infinite/lower.h"
#include "tests/support/backends.h"
#include "tests/support/kernels_on.h"
#include "tests/support/near.h"
#include "tests/support/random_architecture.h"

namespace ntk {
namespace {

using testing::kernels_on;

constexpr std::int64_t kWidth = 5, kRows = 7;

// Unit rows, so that powers stay numbers; one of them zero, one a duplicate.
Array samples(unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<double> normal;
  Array x(DType::float64, {kRows, kWidth});
  for (std::int64_t i = 0; i < kRows; ++i) {
    double* const row = x.as<double>() + i * kWidth;
    for (std::int64_t k = 0; k < kWidth; ++k) row[k] = i == 5 ? 0 : normal(random);
    if (i == 6) std::copy_n(x.as<double>(), kWidth, row);
  }
  return x;
}

bool has(const Program& program, std::initializer_list<Op> ops) {
  return std::any_of(
      program.instructions.begin(), program.instructions.end(),
      [&](const Instruction& in) { return std::find(ops.begin(), ops.end(), in.op) != ops.end(); });
}

// Whose reference is a quadrature for each entry, which takes its time.
bool is_integrated(const Program& program) {
  return has(program, {Op::function, Op::elu, Op::rectified_monomial});
}

// The next one that float64 can hold, short enough for the reference.
Architecture next_that_fits(RandomArchitectures& architectures, bool integrated) {
  for (;;) {
    const Architecture architecture = architectures.next();
    try {
      const Program program = lower(architecture, kWidth);
      if (program.instructions.size() > 60 || is_integrated(program) != integrated) continue;
      const Kernels k =
          kernels_on(cpu_backend(), architecture, samples(0), nullptr, DType::float64);
      double largest = 0;
      for (std::int64_t i = 0; i < k.ntk.size(); ++i)
        largest = std::max({largest, std::abs(k.ntk.as<double>()[i]), k.nngp.as<double>()[i]});
      if (largest < 1e30) return architecture;
    } catch (const NumericalError&) {
      continue;
    }
  }
}

struct Case {
  bool integrated;
  int architectures;
};

class EveryOp : public ::testing::TestWithParam<std::string> {
 protected:
  void compare(Backend& backend, Backend& truth_of, bool integrated, int count, double factor) {
    RandomArchitectures architectures(7, Numbers::ordinary, Ops::all);
    double worst = 0;
    for (int i = 0; i < count; ++i) {
      const Architecture architecture = next_that_fits(architectures, integrated);
      const Array x = samples(static_cast<unsigned>(i));
      const Kernels truth = kernels_on(truth_of, architecture, x, nullptr, DType::float64);
      const Kernels k = kernels_on(backend, architecture, x, nullptr, DType::float64);
      for (bool ntk : {false, true}) {
        const Array &t = ntk ? truth.ntk : truth.nngp, &a = ntk ? k.ntk : k.nngp;
        const auto d = testing::diagonal_of(t);
        const testing::Worst error = testing::kernel_error(a, t, d, d);
        worst = std::max(worst, error.error);
        EXPECT_LE(error.error, factor * testing::epsilon(DType::float64))
            << (ntk ? "ntk" : "nngp") << " at " << error.row << ", " << error.column << " of "
            << architecture.to_expression();
      }
    }
    std::printf("worst error %.1e\n", worst);
  }
};

TEST_P(EveryOp, AgreesWithTheReference) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  compare(*backend, reference_backend(), false, 60, 1e4);
}

TEST_P(EveryOp, AgreesWithTheCpuWhereTheReferenceIntegrates) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  if (GetParam() == "reference") GTEST_SKIP() << "it takes minutes";
  compare(*backend, cpu_backend(), true, 20, 1e4);
}

INSTANTIATE_TEST_SUITE_P(All, EveryOp, ::testing::ValuesIn(testing::backend_names()),
                         [](const auto& param_info) {
                           std::string name = param_info.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace ntk
