#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "ntk/model.h"
#include "tests/predict/kernels.h"
#include "tests/support/goldens.h"

namespace ntk::testing {
namespace {

const Architecture& network() {
  static const Architecture net = serial(Dense(16, {.W_std = 1.4, .b_std = 0.2}), Relu(), Dense(1));
  return net;
}

// Fitting and predicting on one device, with what was said.
struct Said {
  std::string text;
  std::function<void(const std::string&)> log() {
    return [this](const std::string& sentence) { text += sentence + "\n"; };
  }
};

FitOptions fit_options(double diag_reg = 1e-2, KernelKind kernel = KernelKind::ntk) {
  FitOptions options;
  options.device = Device::cpu;
  options.diag_reg = diag_reg;
  options.kernel = kernel;
  return options;
}

PredictOptions predict_options(std::optional<double> time = std::nullopt, Cov cov = Cov::none) {
  PredictOptions options;
  options.device = Device::cpu;
  options.time = time;
  options.cov = cov;
  return options;
}

class ModelOfGolden : public ::testing::TestWithParam<Device> {};
INSTANTIATE_TEST_SUITE_P(Devices, ModelOfGolden, ::testing::Values(Device::cpu, Device::reference),
                         [](const auto& test) { return std::string(name_of(test.param)); });

TEST_P(ModelOfGolden, PredictsWhatNeuralTangentsPredicts) {
  const Golden golden = load_golden("predict_relu");
  const auto json = nlohmann::json::parse(golden.json);
  for (const KernelKind kernel : {KernelKind::nngp, KernelKind::ntk}) {
    FitOptions fitting = fit_options(json.at("diag_reg"), kernel);
    fitting.device = GetParam();
    const Model model = fit(golden.architecture, golden["x_train"], golden["y_train"], fitting);
    const std::string name = kernel == KernelKind::ntk ? "ntk" : "nngp";
    for (const char* t : {"inf", "0.0", "1.0", "50.0", "2000.0"}) {
      PredictOptions options = predict_options(std::nullopt, Cov::full);
      options.device = GetParam();
      if (std::isfinite(std::stod(t))) options.time = std::stod(t);
      const Prediction p = model.predict(golden["x_test"], options);
      EXPECT_LE(relative_error(p.mean, golden["mean_" + name + "_t" + t]), 1e-9) << t;
      EXPECT_LE(relative_error(p.cov, golden["cov_" + name + "_t" + t]), 1e-9) << t;
      options.cov = Cov::diag;
      const Prediction variances = model.predict(golden["x_test"], options);
      EXPECT_LE(relative_error(variances.cov, diagonal(p.cov)), 1e-12) << t;
      if (kernel == KernelKind::nngp) continue;
      options.f0_train = golden["fx_train_0"];
      options.f0_test = golden["fx_test_0"];
      const Prediction flow = model.predict(golden["x_test"], options);
      EXPECT_LE(relative_error(flow.mean, golden[std::string("function_test_t") + t]), 1e-9) << t;
    }
  }
}

TEST(Model, KnowsWhatItWasFittedTo) {
  const Array x = random_matrix(6, 4, 1), y = random_matrix(6, 2, 2);
  const Model model = fit(network(), x, y, fit_options());
  EXPECT_EQ(model.training_count(), 6);
  EXPECT_EQ(model.output_count(), 2);
  EXPECT_EQ(model.kernel(), KernelKind::ntk);
  EXPECT_FALSE(model.is_classifier());
  EXPECT_EQ(model.architecture().value(), network());
  EXPECT_GT(model.ridge(), 0);
  expect_says(model.summary(), {"ntk of", "6x4", "regression, 2 outputs", "Cholesky"});
}

TEST(Model, IntegersAreClassLabelsAndItSaysSo) {
  const Array x = random_matrix(9, 3, 1);
  const Array y = Array::of<std::int64_t>({7, -2, 7, 5, 5, -2, 7, 5, -2}, {9});
  FitOptions options = fit_options(1e-6);
  Said said;
  options.log = said.log();
  const Model model = fit(network(), x, y, options);
  expect_says(said.text, {"class labels"});
  EXPECT_EQ(model.classes(), (std::vector<std::int64_t>{-2, 5, 7}));
  const Prediction p = model.predict(x, predict_options());
  const std::vector<std::int64_t> classes = model.classify(p.mean);
  for (std::int64_t i = 0; i < 9; ++i) {
    EXPECT_EQ(classes[static_cast<std::size_t>(i)], y.as<std::int64_t>()[i]);
    double sum = 0;
    for (std::int64_t j = 0; j < 3; ++j) sum += entry(p.mean, i, j);
    EXPECT_NEAR(sum, 0, 1e-9) << "one-hot less 1/k: the outputs of a sample sum to zero";
  }
}

TEST(Model, TheTaskMayBeGiven) {
  const Array x = random_matrix(4, 3, 1);
  const Array numbers = Array::of<std::int64_t>({1, 0, 1, 0}, {4});
  FitOptions options = fit_options();
  options.task = Task::regression;
  EXPECT_FALSE(fit(network(), x, numbers, options).is_classifier());
  options.task = Task::classification;
  const Array floats = Array::of<double>({1, 0, 1, 0}, {4});
  EXPECT_EQ(fit(network(), x, floats, options).classes(), (std::vector<std::int64_t>{0, 1}));
  const Array halves = Array::of<double>({1, 0.5, 1, 0}, {4});
  expect_says(message_of<DataError>([&] { fit(network(), x, halves, options); }), {"row 1", "0.5"});
  const Array same = Array::of<std::int64_t>({3, 3, 3, 3}, {4});
  EXPECT_THROW(fit(network(), x, same, options), DataError);
  EXPECT_THROW(fit(network(), x, random_matrix(4, 2, 1), options), UsageError);
}

TEST(Model, AFiniteTimeMakesTheEigenbasisOnceAndSaysSo) {
  const Array x = random_matrix(6, 4, 1), y = random_matrix(6, 1, 2), z = random_matrix(3, 4, 3);
  const Model model = fit(network(), x, y, fit_options());
  Said first, second;
  PredictOptions options = predict_options(5.0);
  options.log = first.log();
  const Prediction a = model.predict(z, options);
  expect_says(first.text, {"finite time", "eigenbasis", "6 x 6"});
  options.log = second.log();
  const Prediction b = model.predict(z, options);
  EXPECT_EQ(second.text, "");
  EXPECT_EQ(relative_error(a.mean, b.mean), 0);
}

TEST(Model, TheCovarianceOfTheNtkMakesTheNngpKernelOnceAndSaysSo) {
  const Array x = random_matrix(6, 4, 1), y = random_matrix(6, 1, 2), z = random_matrix(3, 4, 3);
  const Model model = fit(network(), x, y, fit_options());
  Said first, second;
  PredictOptions options = predict_options(std::nullopt, Cov::diag);
  options.log = first.log();
  model.predict(z, options);
  expect_says(first.text, {"NNGP kernel of the training set"});
  options.log = second.log();
  model.predict(z, options);
  EXPECT_EQ(second.text, "");
}

TEST(Model, ASolverWithEigenbasisAnswersAllTimesAtOnce) {
  const Array x = random_matrix(6, 4, 1), y = random_matrix(6, 1, 2), z = random_matrix(3, 4, 3);
  FitOptions fitting = fit_options();
  const Model cholesky = fit(network(), x, y, fitting);
  fitting.solver = Solver::eigen;
  const Model eigen = fit(network(), x, y, fitting);
  Said said;
  for (const std::optional<double> t : {std::optional<double>(), std::optional<double>(3)}) {
    PredictOptions options = predict_options(t);
    const Prediction a = cholesky.predict(z, options);
    options.log = said.log();
    EXPECT_LE(relative_error(eigen.predict(z, options).mean, a.mean), 1e-12);
  }
  EXPECT_EQ(said.text, "");
}

TEST(Model, ManySamplesArePredictedAsFewAreNot) {
  const Array x = random_matrix(600, 4, 1), y = random_matrix(600, 2, 2);
  const Array z = random_matrix(1300, 4, 3);
  const Model model = fit(network(), x, y, fit_options());
  PredictOptions options = predict_options(std::nullopt, Cov::diag);
  options.threads = 1;
  options.memory_limit = std::size_t{1} << 26;  // makes three blocks of 512 rows
  const Prediction all = model.predict(z, options);
  ASSERT_EQ(all.mean.shape(), (Shape{1300, 2}));
  for (const std::int64_t row : {0, 511, 512, 1299}) {
    const Prediction one = model.predict(block(z, row, 1, 0, 4), options);
    EXPECT_NEAR(value_at(one.mean, 0), entry(all.mean, row, 0), 1e-12);
    EXPECT_NEAR(value_at(one.mean, 1), entry(all.mean, row, 1), 1e-12);
    EXPECT_NEAR(value_at(one.cov, 0), value_at(all.cov, row), 1e-12);
  }
}

TEST(Model, NoTestSamplesGiveAnEmptyPrediction) {
  const Model model = fit(network(), random_matrix(5, 4, 1), random_matrix(5, 2, 2), fit_options());
  const Prediction p =
      model.predict(Array(DType::float64, {0, 4}), predict_options(std::nullopt, Cov::full));
  EXPECT_EQ(p.mean.shape(), (Shape{0, 2}));
  EXPECT_EQ(p.cov.shape(), (Shape{0, 0}));
}

TEST(Model, OfAGramMatrixIsTheEnsembleOfThatKernel) {
  const SmallKernels k = small_kernels(9, 4, 1);
  const Array y = random_matrix(9, 2, 2);
  const Model model = fit_gram(k.train, y, fit_options(1e-2));
  PredictorOptions predictor;
  predictor.device = Device::cpu;
  predictor.regularization.diag_reg = 1e-2;
  const Ensemble ensemble(k.train, {}, y, 2, predictor);
  for (const std::optional<double> t : {std::optional<double>(), std::optional<double>(30)}) {
    PredictOptions options = predict_options(t, Cov::full);
    options.learning_rate = 2;
    const Prediction a = model.predict_from_gram(k.test_train, k.test_test, options);
    const Prediction b = ensemble.test(t, k.test_train, {}, Cov::full, k.test_test);
    EXPECT_LE(relative_error(a.mean, b.mean), 1e-12);
    EXPECT_LE(relative_error(a.cov, b.cov), 1e-11);
  }
  EXPECT_FALSE(model.architecture().has_value());
  EXPECT_THROW(model.predict(random_matrix(2, 3, 1), predict_options()), UsageError);
}

TEST(Model, RefusesAGramMatrixThatIsNotSymmetric) {
  Array k = identity(4);
  k.as<double>()[2 * 4 + 1] = 0.5;
  expect_says(message_of<DataError>([&] { fit_gram(k, random_matrix(4, 1, 1), fit_options()); }),
              {"not symmetric", "row 2, column 1"});
}

TEST(Model, RefusesShapesThatDoNotFitNamingBoth) {
  const Array x = random_matrix(6, 4, 1), y = random_matrix(6, 2, 2);
  expect_says(message_of<UsageError>([&] { fit(network(), x, random_matrix(5, 2, 1)); }),
              {"6", "5x2"});
  const Model model = fit(network(), x, y, fit_options());
  expect_says(message_of<UsageError>([&] { model.predict(random_matrix(3, 5, 1)); }),
              {"3x5", "6x4"});
  PredictOptions options = predict_options();
  options.f0_train = y;
  expect_says(message_of<UsageError>([&] { model.predict(x, options); }), {"f0_train", "f0_test"});
  const Array wrong = random_matrix(5, 2, 1);
  options.f0_test = wrong;
  expect_says(message_of<UsageError>([&] { model.predict(x, options); }),
              {"f0_test", "6x2", "5x2"});
  EXPECT_THROW(
      fit(network(), Array(DType::float64, {0, 4}), Array(DType::float64, {0}), fit_options()),
      UsageError);
}

TEST(Model, RefusesNaNNamingRowAndColumn) {
  const Array x = random_matrix(6, 4, 1);
  Array y = random_matrix(6, 2, 2), bad = x.clone();
  y.as<double>()[3 * 2 + 1] = std::nan("");
  expect_says(message_of<DataError>([&] { fit(network(), x, y, fit_options()); }),
              {"y", "row 3, column 1"});
  bad.as<double>()[2 * 4 + 3] = std::nan("");
  expect_says(
      message_of<DataError>([&] { fit(network(), bad, random_matrix(6, 1, 1), fit_options()); }),
      {"x", "row 2, column 3"});
}

TEST(Model, DuplicatesWithoutARidgeAreAnErrorThatSaysWhatToDo) {
  Array x = random_matrix(6, 4, 1);
  std::copy_n(x.as<double>(), 4, x.as<double>() + 4 * 4);  // row 4 is row 0
  const Array y = random_matrix(6, 1, 2);
  const std::string message =
      message_of<NotPositiveDefinite>([&] { fit(network(), x, y, fit_options(0)); });
  expect_says(message, {"diag_reg", "duplicate", "pseudo_inverse_cutoff"});
  FitOptions ridgeless = fit_options(0);
  ridgeless.pseudo_inverse_cutoff = 1e-12;
  const Prediction p = fit(network(), x, y, ridgeless).predict(x, predict_options());
  const double mean = (value_at(y, 0) + value_at(y, 4)) / 2;
  EXPECT_NEAR(value_at(p.mean, 0), mean, 1e-9)
      << "equal samples are given the mean of their targets";
  EXPECT_NEAR(value_at(p.mean, 1), value_at(y, 1), 1e-9);
}

TEST(Model, ReportsProgressAndCanBeCancelled) {
  const Array x = random_matrix(6, 4, 1), y = random_matrix(6, 1, 2);
  FitOptions options = fit_options();
  std::string stages;
  options.progress = [&](const Progress& progress) {
    stages += progress.stage;
    return true;
  };
  fit(network(), x, y, options);
  expect_says(stages, {"factorization"});
  options.progress = [](const Progress&) { return false; };
  EXPECT_THROW(fit(network(), x, y, options), Cancelled);
}

TEST(Model, RefusesAFitBeyondTheMemoryAllowed) {
  FitOptions options = fit_options();
  options.memory_limit = 10000;
  expect_says(message_of<MemoryError>([&] {
                fit(network(), random_matrix(100, 4, 1), random_matrix(100, 1, 1), options);
              }),
              {"100 samples", "would fit"});
}

}  // namespace
}  // namespace ntk::testing
