// Everything that neural_tangents' predictors gave for three networks
// (tests/data/goldens/predict_*).
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <tuple>

#include "tests/predict/kernels.h"
#include "tests/support/goldens.h"
#include "tests/support/kernels_on.h"

namespace ntk::testing {
namespace {

using Case = std::tuple<std::string, const char*>;  // backend, golden

class PredictGolden : public ::testing::TestWithParam<Case> {};

INSTANTIATE_TEST_SUITE_P(Backends, PredictGolden,
                         ::testing::Combine(::testing::ValuesIn(backend_names()),
                                            ::testing::Values("predict_relu", "predict_erf_noreg",
                                                              "predict_absolute_reg")),
                         [](const ::testing::TestParamInfo<Case>& test) {
                           std::string name =
                               std::get<0>(test.param) + "_" + std::get<1>(test.param);
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

std::optional<double> time_of(const std::string& text) {
  const double t = std::stod(text);
  return std::isinf(t) ? std::nullopt : std::optional<double>(t);
}

// The text after `prefix`, or nothing.
std::optional<std::string> after(const std::string& name, const std::string& prefix) {
  if (name.rfind(prefix, 0) != 0) return std::nullopt;
  return name.substr(prefix.size());
}

class Predictions {
 public:
  Predictions(Backend& backend, const Golden& golden, DType dtype)
      : golden_(golden),
        train_(kernels_on(backend, golden.architecture, golden["x_train"], nullptr, dtype)),
        cross_(
            kernels_on(backend, golden.architecture, golden["x_test"], &golden["x_train"], dtype)),
        test_(kernels_on(backend, golden.architecture, golden["x_test"], nullptr, dtype)) {
    const auto json = nlohmann::json::parse(golden.json);
    options_.backend = &backend;
    options_.regularization = {json.at("diag_reg"), json.at("diag_reg_absolute_scale")};
    learning_rate_ = json.at("learning_rate");
  }

  double diag_reg() const { return options_.regularization.diag_reg; }

  // What the golden's array of this name should be; nothing for inputs.
  Array of(const std::string& name) const {
    if (const auto t = after(name, "function_train_t"))
      return flow().train(time_of(*t), golden_["fx_train_0"]);
    if (const auto t = after(name, "function_test_t"))
      return flow().test(time_of(*t), cross_.ntk, golden_["fx_train_0"], golden_["fx_test_0"]);
    if (const auto momentum = after(name, "max_learning_rate_momentum"))
      return number(std::stod(*momentum));
    if (name == "max_learning_rate") return number(0);
    for (const bool ntk : {false, true}) {
      const std::string kernel = ntk ? "ntk" : "nngp";
      if (name == "gp_mean_" + kernel) return regression(ntk).mean;
      if (name == "gp_cov_" + kernel)
        return ntk ? ensemble(true, std::nullopt).cov : regression(false).cov;
      if (const auto t = after(name, "mean_" + kernel + "_t"))
        return ensemble(ntk, time_of(*t)).mean;
      if (const auto t = after(name, "cov_" + kernel + "_t")) return ensemble(ntk, time_of(*t)).cov;
      if (const auto t = after(name, "train_mean_" + kernel + "_t"))
        return maker(ntk).train(time_of(*t)).mean;
    }
    return {};
  }

 private:
  GradientFlow flow() const {
    return GradientFlow(train_.ntk, golden_["y_train"], learning_rate_, options_);
  }
  Ensemble maker(bool ntk) const {
    return Ensemble(train_.nngp, ntk ? train_.ntk.view() : ArrayView{}, golden_["y_train"],
                    learning_rate_, options_);
  }
  Prediction ensemble(bool ntk, std::optional<double> t) const {
    return maker(ntk).test(t, cross_.nngp, cross_.ntk, Cov::full, test_.nngp);
  }
  Prediction regression(bool ntk) const {
    const KernelRegression posterior(ntk ? train_.ntk : train_.nngp, golden_["y_train"], options_);
    return posterior.predict(ntk ? cross_.ntk : cross_.nngp, Cov::full, test_.nngp);
  }
  Array number(double momentum) const {
    const double rate =
        max_learning_rate(train_.ntk, golden_["y_train"].size(), momentum, options_);
    return Array::of<double>({rate}, {});
  }

  const Golden& golden_;
  Kernels train_, cross_, test_;
  PredictorOptions options_;
  double learning_rate_ = 1;
};

bool is_input(const std::string& name) {
  return name == "x_train" || name == "y_train" || name == "y_onehot" || name == "x_test" ||
         name == "fx_train_0" || name == "fx_test_0";
}

void expect_golden(Backend& backend, const Golden& golden, DType dtype, double tolerance) {
  const Predictions predictions(backend, golden, dtype);
  int checked = 0;
  for (const auto& [name, expected] : golden.arrays) {
    if (is_input(name) || name.rfind("ode_", 0) == 0) continue;
    const Array got = predictions.of(name);
    ASSERT_EQ(got.shape(), expected.shape()) << name;
    EXPECT_LE(relative_error(got, expected), tolerance) << name;
    ++checked;
  }
  EXPECT_GE(checked, 20) << "the golden holds less than expected";
}

TEST_P(PredictGolden, AgreesWithNeuralTangents) {
  NTK_SKIP_WITHOUT_BACKEND(backend, std::get<0>(GetParam()));
  expect_golden(*backend, load_golden(std::get<1>(GetParam())), DType::float64, 1e-9);
}

TEST_P(PredictGolden, AFloat32KernelIsGoodEnoughWhereTheRidgeIsLarge) {
  NTK_SKIP_WITHOUT_BACKEND(backend, std::get<0>(GetParam()));
  const Golden golden = load_golden(std::get<1>(GetParam()));
  if (nlohmann::json::parse(golden.json).at("diag_reg") < 1e-3)
    return;  // without a ridge float32's rounding is amplified without bound
  expect_golden(*backend, golden, DType::float32, 1e-3);
}

}  // namespace
}  // namespace ntk::testing
