// Every backend against values that were made without libntk, in both precisions.
#include <gtest/gtest.h>

#include "tests/support/backends.h"
#include "tests/support/goldens.h"
#include "tests/support/kernels_on.h"
#include "tests/support/near.h"

namespace ntk {
namespace {

using testing::Golden;
using testing::kernel_error;
using testing::kernels_on;

struct Case {
  const char* name;
  double nngp32, ntk32;  // float32: error over sqrt(K_ii K_jj)
  double nngp64 = 1e-11, ntk64 = 1e-11;
  // Where phi has a kink, neural_tangents' own diagonal is off by up to 2e-8, and by much more
  // after a second sign(x): the exact_* cases say who is right.
  double own_diagonal = 1e-7;
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

std::string name_of_case(const ::testing::TestParamInfo<std::tuple<Case, std::string>>& info) {
  std::string name = std::string(std::get<0>(info.param).name) + "_on_" + std::get<1>(info.param);
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

class Goldens : public ::testing::TestWithParam<std::tuple<Case, std::string>> {
 protected:
  // The files' diagonals, against which errors are measured.
  static std::vector<double> diagonal(Backend& backend, const Golden& golden, const Array& x,
                                      bool ntk, const testing::Extras& extras = {}) {
    const Kernels k =
        kernels_on(backend, golden.architecture, x, nullptr, DType::float64, Get::both, extras);
    return testing::diagonal_of(ntk ? k.ntk : k.nngp);
  }

  // Patterns and masks, where the case has them. The views are of the golden's arrays.
  struct Notes {
    explicit Notes(const Golden& golden) {
      const auto find = [&](const char* name) {
        const auto found = golden.arrays.find(name);
        return found == golden.arrays.end() ? nullptr : &found->second;
      };
      for (const char* name : {"pattern1", "pattern2"})
        if (const Array* pattern = find(name)) views.push_back(pattern->view());
      if (views.size() == 2) {
        extras.of_x1.pattern = &views[0];
        extras.of_x2.pattern = &views[1];
      }
      if (const Array* constant = find("mask_constant"))
        extras.of_x1.mask_constant = extras.of_x2.mask_constant = *constant->as<double>();
    }
    Notes(const Notes&) = delete;
    testing::Extras of_x2_alone() const { return {extras.of_x2, {}}; }
    std::vector<ArrayView> views;
    testing::Extras extras;
  };
};

Array off_diagonal(const Array& a) {
  Array b = a.converted_to(DType::float64);
  for (std::int64_t i = 0; i < b.shape()[0]; ++i) b.as<double>()[i * (b.shape()[1] + 1)] = 0;
  return b;
}

class GramGoldens : public Goldens {};

TEST_P(GramGoldens, AgreeInBothPrecisions) {
  const auto& [c, name] = GetParam();
  NTK_SKIP_WITHOUT_BACKEND(backend, name);
  const Golden golden = testing::load_golden(c.name);
  const Array &x1 = golden["x1"], &x2 = golden["x2"];
  const Notes notes(golden);
  for (DType working : {DType::float64, DType::float32}) {
    const bool single = working == DType::float32;
    const Array a = x1.converted_to(working), b = x2.converted_to(working);
    const Kernels cross =
        kernels_on(*backend, golden.architecture, a, &b, working, Get::both, notes.extras);
    const Kernels among =
        kernels_on(*backend, golden.architecture, a, nullptr, working, Get::both, notes.extras);
    for (bool ntk : {false, true}) {
      const auto d1 = testing::diagonal_of(golden[ntk ? "ntk_sym" : "nngp_sym"]);
      const auto d2 = diagonal(*backend, golden, x2, ntk, notes.of_x2_alone());
      const double tolerance = single ? (ntk ? c.ntk32 : c.nngp32) : (ntk ? c.ntk64 : c.nngp64);
      EXPECT_LE(
          kernel_error(ntk ? cross.ntk : cross.nngp, golden[ntk ? "ntk" : "nngp"], d1, d2).error,
          tolerance)
          << name_of(working) << (ntk ? " ntk" : " nngp");
      EXPECT_LE(kernel_error(off_diagonal(ntk ? among.ntk : among.nngp),
                             off_diagonal(golden[ntk ? "ntk_sym" : "nngp_sym"]), d1, d1)
                    .error,
                tolerance)
          << name_of(working) << (ntk ? " ntk" : " nngp") << " symmetric, off the diagonal";
      const double own = std::max(tolerance, c.own_diagonal);
      EXPECT_LE(
          kernel_error(ntk ? among.ntk : among.nngp, golden[ntk ? "ntk_sym" : "nngp_sym"], d1, d1)
              .error,
          own)
          << name_of(working) << (ntk ? " ntk" : " nngp") << " symmetric";
    }
  }
}

const Case kGram[] = {
    {"fc_relu", 5e-6, 5e-5},
    {"fc_leaky_relu", 5e-6, 5e-5},
    {"fc_abrelu", 5e-6, 5e-5},
    {"fc_abs", 5e-6, 5e-5},
    {"fc_sign", 5e-6, 5e-5, 1e-11, 1e-11, 1e-2},
    {"fc_erf", 5e-6, 5e-5},
    {"fc_erf_scaled", 5e-6, 5e-5},
    {"fc_gelu", 5e-6, 5e-5},
    {"fc_linear", 5e-6, 5e-5},
    {"fc_relu_deep", 5e-5, 5e-4},
    {"fc_nobias", 5e-6, 5e-5},
    {"fc_standard", 5e-6, 5e-5},
    {"fc_standard_s", 5e-6, 5e-5},
    {"fc_residual", 5e-6, 5e-5},
    {"fc_residual_nested", 5e-6, 5e-5},
    {"fc_parallel_sum", 5e-6, 5e-5},
    {"fc_repeat", 5e-6, 5e-5},
    {"fc_output_act", 5e-6, 5e-5},
    {"fc_cos", 5e-6, 5e-5},
    {"fc_dropout", 5e-6, 5e-5},
    {"fc_exp", 5e-5, 5e-4},
    {"fc_exp_normalized", 5e-6, 5e-5},
    {"fc_gabor", 5e-6, 5e-5},
    {"fc_gaussian", 5e-6, 5e-5},
    {"fc_gelu_approx", 5e-6, 5e-5},
    {"fc_hermite", 5e-6, 5e-5},
    {"fc_layernorm", 5e-6, 5e-5},
    {"fc_monomial", 5e-5, 5e-4},
    {"fc_parallel_concat", 5e-6, 5e-5},
    {"fc_parallel_prod", 5e-6, 5e-5},
    {"fc_polynomial", 5e-5, 5e-4},
    {"fc_rbf", 5e-6, 5e-5},
    {"fc_sigmoid", 5e-6, 5e-5, 1e-10, 1e-10},
    {"fc_sigmoid_like", 5e-6, 5e-5},
    {"fc_sin", 5e-6, 5e-5},
    {"fc_softplus", 5e-6, 5e-5, 1e-10, 1e-10},
    {"fc_swish", 5e-6, 5e-5, 1e-10, 1e-10},
    {"fc_tanh", 5e-6, 5e-5, 1e-10, 1e-10},
    {"conv_flatten", 5e-6, 5e-5},
    {"conv_gap", 5e-6, 5e-5},
    {"conv_dense_pixelwise", 5e-6, 5e-5},
    {"conv_gelu_flatten_deep", 5e-6, 5e-5},
    {"conv_standard", 5e-6, 5e-5},
    {"conv_even_filter", 5e-6, 5e-5},
    {"conv_fanin_concat", 5e-6, 5e-5},
    {"conv_fanin_prod", 5e-6, 5e-5},
    {"conv_dropout", 5e-6, 5e-5},
    {"conv1d", 5e-6, 5e-5},
    {"conv3d", 5e-6, 5e-5},
    {"conv_avgpool_same", 5e-6, 5e-5},
    {"conv_avgpool_same_noedges", 5e-6, 5e-5},
    {"conv_circular_gap", 5e-6, 5e-5},
    {"conv_layernorm", 5e-6, 5e-5},
    {"conv_local", 5e-6, 5e-5},
    {"conv_myrtle5", 5e-6, 5e-5},
    {"conv_resize", 5e-6, 5e-5},
    {"conv_resnet", 5e-6, 5e-5},
    {"conv_slice", 5e-6, 5e-5},
    {"conv_stride_gap", 5e-6, 5e-5},
    {"conv_sumpool", 5e-6, 5e-5},
    {"conv_transpose", 5e-6, 5e-5},
    {"conv_valid_gap", 5e-6, 5e-5},
    {"attention_linear", 5e-6, 5e-5},
    {"attention_softmax", 5e-6, 5e-5},
    {"attention_sqrt", 5e-6, 5e-5},
    {"aggregate", 5e-6, 5e-5},
    {"masked", 5e-6, 5e-5},
};
INSTANTIATE_TEST_SUITE_P(NeuralTangents, GramGoldens,
                         ::testing::Combine(::testing::ValuesIn(kGram),
                                            ::testing::ValuesIn(testing::backend_names())),
                         name_of_case);

class ExactGoldens : public Goldens {};

TEST_P(ExactGoldens, AgreeInBothPrecisions) {
  const auto& [c, name] = GetParam();
  NTK_SKIP_WITHOUT_BACKEND(backend, name);
  const Golden golden = testing::load_golden(c.name);
  for (DType working : {DType::float64, DType::float32}) {
    const bool single = working == DType::float32;
    const Array x = golden["x1"].converted_to(working);
    const Kernels k = kernels_on(*backend, golden.architecture, x, nullptr, working);
    const Kernels cross = kernels_on(*backend, golden.architecture, x, &x, working);
    for (bool ntk : {false, true}) {
      const Array& truth = golden[ntk ? "ntk_sym" : "nngp_sym"];
      const auto d = testing::diagonal_of(truth);
      const double tolerance = single ? (ntk ? c.ntk32 : c.nngp32) : (ntk ? c.ntk64 : c.nngp64);
      double largest = 0;
      for (const Kernels* kernels : {&k, &cross}) {
        const testing::Worst worst = kernel_error(ntk ? kernels->ntk : kernels->nngp, truth, d, d);
        EXPECT_LE(worst.error, tolerance)
            << name_of(working) << (ntk ? " ntk" : " nngp") << (kernels == &k ? " symmetric" : "")
            << " at " << worst.row << ", " << worst.column;
        largest = std::max(largest, worst.error);
      }
      std::printf("%s %s on %s: error %.1e\n", name_of(working), ntk ? "ntk" : "nngp", name.c_str(),
                  largest);
    }
  }
}

const Case kExact[] = {
    {"exact_relu1", 1e-6, 1e-5, 3e-13, 2e-12},
    {"exact_relu3", 1e-6, 1e-5, 3e-13, 2e-12},
    {"exact_relu10", 5e-6, 5e-5, 3e-13, 2e-12},
    {"exact_relu50", 5e-6, 5e-5, 3e-12, 2e-11},
    {"exact_leaky5", 1e-6, 1e-5, 3e-13, 2e-12},
    {"exact_abs2", 1e-6, 1e-5, 3e-13, 2e-12},
    {"exact_erf3", 1e-6, 1e-5, 3e-13, 2e-12},
    {"exact_erf8", 5e-6, 5e-5, 3e-12, 2e-11},
    {"exact_sin2", 1e-6, 1e-5, 3e-13, 2e-12},
    {"exact_rectified_monomial2", 1e-6, 1e-5, 3e-13, 2e-12},
    {"exact_rectified_monomial3", 1e-6, 1e-5, 3e-13, 2e-12},
};
INSTANTIATE_TEST_SUITE_P(SixtyDigits, ExactGoldens,
                         ::testing::Combine(::testing::ValuesIn(kExact),
                                            ::testing::ValuesIn(testing::backend_names())),
                         name_of_case);

}  // namespace
}  // namespace ntk
