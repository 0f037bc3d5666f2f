// Fit and predict in float32 on tables whose samples are nearly parallel.
#include <gtest/gtest.h>

#include "ntk/io.h"
#include "ntk/model.h"
#include "tests/cli/uci_files.h"
#include "tests/support/near.h"

namespace ntk::testing {
namespace {

class CrowdedTable : public ::testing::TestWithParam<const char*> {};

// Kernels in float32 move a prediction by their error over the ridge.
TEST_P(CrowdedTable, IsPredictedInFloat32AsInFloat64) {
  const std::string file = std::string(NTK_TEST_DATA) + "/uci/" + GetParam() + ".npz";
  const Array x = read_array(file + ":X"), y = read_array(file + ":y");
  const Array x_train = uci::rows_of(x, 0, 2), y_train = uci::rows_of(y, 0, 2),
              x_test = uci::rows_of(x, 1, 2);
  const Architecture net =
      serial(Dense(64, {.W_std = 1.5, .b_std = 0.3}), Relu(), Dense(64), Erf(), Dense(1));
  for (const KernelKind kernel : {KernelKind::nngp, KernelKind::ntk}) {
    const auto predicted = [&](DType dtype, DType solve_dtype) {
      const Model model = fit(net, x_train, y_train,
                              {.kernel = kernel,
                               .diag_reg = 1e-3,
                               .dtype = dtype,
                               .solve_dtype = solve_dtype,
                               .device = Device::cpu});
      return model.predict(x_test, {.device = Device::cpu}).mean;
    };
    const Array truth = predicted(DType::float64, DType::float64);
    constexpr double kTolerance = 1e-3;  // of the golden predictions with this ridge
    EXPECT_LE(relative_error(predicted(DType::float32, DType::float64), truth), kTolerance);
    EXPECT_LE(relative_error(predicted(DType::float32, DType::float32), truth), kTolerance);
  }
}

INSTANTIATE_TEST_SUITE_P(Sets, CrowdedTable, ::testing::Values("glass", "wine"),
                         [](const auto& set) { return std::string(set.param); });

}  // namespace
}  // namespace ntk::testing
