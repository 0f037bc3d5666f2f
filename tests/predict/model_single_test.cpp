// Models that were asked for a float32 factor: the mean is a float64 factor's all the same.
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "ntk/model.h"
#include "src/io/sealed.h"
#include "tests/predict/kernels.h"

namespace ntk::testing {
namespace {

constexpr std::int64_t kTrain = 40, kTest = 7, kWidth = 5;

Architecture network() { return serial(Dense(16, {.W_std = 1.4, .b_std = 0.2}), Relu(), Dense(1)); }

// L L^T for an L with 1 on its diagonal and about -below under it: every pivot is 1, and the
// condition number grows by about (1 + below)^2 a row.
Array ill_conditioned(std::int64_t n, double below) {
  const Array noise = random_matrix(n, n, 11);
  Array l(DType::float64, {n, n}), a(DType::float64, {n, n});
  for (std::int64_t i = 0; i < n; ++i)
    for (std::int64_t j = 0; j <= i; ++j)
      l.as<double>()[i * n + j] = i == j ? 1 : -below + 0.1 * std::sin(entry(noise, i, j));
  for (std::int64_t i = 0; i < n; ++i)
    for (std::int64_t j = 0; j < n; ++j) {
      double sum = 0;
      for (std::int64_t k = 0; k <= std::min(i, j); ++k) sum += entry(l, i, k) * entry(l, j, k);
      a.as<double>()[i * n + j] = sum;
    }
  return a;
}

class SingleModel : public ::testing::TestWithParam<std::string> {
 protected:
  // Skips the test where the device is missing.
  void SetUp() override {
    NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
    device_ = backend->device();
  }

  FitOptions fitting(double diag_reg, DType solve_dtype) {
    FitOptions options;
    options.device = device_;
    options.diag_reg = diag_reg;
    options.solve_dtype = solve_dtype;
    options.log = [this](const std::string& sentence) { said_ += sentence + "\n"; };
    return options;
  }
  PredictOptions asking(Cov cov = Cov::none, std::optional<double> time = std::nullopt) {
    PredictOptions options;
    options.device = device_;
    options.cov = cov;
    options.time = time;
    options.log = [this](const std::string& sentence) { said_ += sentence + "\n"; };
    return options;
  }

  Device device_ = Device::automatic;
  std::string said_;
  const Array x_ = random_matrix(kTrain, kWidth, 1), y_ = random_matrix(kTrain, 3, 2),
              z_ = random_matrix(kTest, kWidth, 3);
};

TEST_P(SingleModel, HasTheMeanOfAFloat64FactorAndItsCovarianceRounded) {
  for (const KernelKind kernel : {KernelKind::nngp, KernelKind::ntk}) {
    FitOptions wide = fitting(1e-2, DType::float64), single = fitting(1e-2, DType::float32);
    wide.kernel = single.kernel = kernel;
    const Model a = fit(network(), x_, y_, wide), b = fit(network(), x_, y_, single);
    EXPECT_EQ(said_, "");
    EXPECT_EQ(a.solve_dtype(), DType::float64);
    EXPECT_EQ(b.solve_dtype(), DType::float32);
    expect_says(b.summary(), {"Cholesky factor, float32"});
    for (const Cov cov : {Cov::diag, Cov::full}) {
      const Prediction p = a.predict(z_, asking(cov)), q = b.predict(z_, asking(cov));
      EXPECT_LE(relative_error(q.mean, p.mean), 1e-11);
      EXPECT_LE(relative_error(q.cov, p.cov), 10 * kTrain * epsilon(DType::float32));
      EXPECT_GT(relative_error(q.cov, p.cov), epsilon(DType::float64)) << "float32 was not used";
    }
    said_.clear();
  }
}

TEST_P(SingleModel, AnswersFiniteTimesInFloat64) {
  const Model a = fit(network(), x_, y_, fitting(1e-2, DType::float64)),
              b = fit(network(), x_, y_, fitting(1e-2, DType::float32));
  const Prediction p = a.predict(z_, asking(Cov::full, 20)),
                   q = b.predict(z_, asking(Cov::full, 20));
  EXPECT_LE(relative_error(q.mean, p.mean), 1e-11);
  EXPECT_LE(relative_error(q.cov, p.cov), 1e-11);
}

TEST_P(SingleModel, RefinesFromOtherOutputsAtTheStart) {
  const Model a = fit(network(), x_, y_, fitting(1e-2, DType::float64)),
              b = fit(network(), x_, y_, fitting(1e-2, DType::float32));
  const Array f0_train = random_matrix(kTrain, 3, 4), f0_test = random_matrix(kTest, 3, 5);
  PredictOptions options = asking();
  options.f0_train = f0_train;
  options.f0_test = f0_test;
  const Array p = a.predict(z_, options).mean;
  EXPECT_EQ(said_, "");
  const Array q = b.predict(z_, options).mean;
  expect_says(said_, {"t = 0", "computed anew"});
  EXPECT_LE(relative_error(q, p), 1e-11);
}

TEST_P(SingleModel, OfAGramMatrixAnswersOtherStartsInFloat32AndSaysSo) {
  const SmallKernels k = small_kernels(kTrain, kTest, 6);
  const Model a = fit_gram(k.train, y_, fitting(1e-2, DType::float64)),
              b = fit_gram(k.train, y_, fitting(1e-2, DType::float32));
  PredictOptions options = asking();
  EXPECT_LE(relative_error(b.predict_from_gram(k.test_train, {}, options).mean,
                           a.predict_from_gram(k.test_train, {}, options).mean),
            1e-11);
  EXPECT_EQ(said_, "");
  const Array f0_train = random_matrix(kTrain, 3, 4), f0_test = random_matrix(kTest, 3, 5);
  options.f0_train = f0_train;
  options.f0_test = f0_test;
  const Array p = a.predict_from_gram(k.test_train, {}, options).mean,
              q = b.predict_from_gram(k.test_train, {}, options).mean;
  expect_says(said_, {"float32 factor", "Gram matrix"});
  EXPECT_LE(relative_error(q, p), 100 * kTrain * epsilon(DType::float32));
}

TEST_P(SingleModel, WhoseKernelFloat32CannotFactorHasAFloat64FactorWithoutJitter) {
  Array x = random_matrix(kTrain, kWidth, 1);
  for (std::int64_t k = 0; k < kWidth; ++k)  // nearly the same sample
    x.as<double>()[kWidth + k] = x.as<double>()[k] * (1 + 1e-9 * static_cast<double>(k));
  FitOptions wide = fitting(1e-10, DType::float64), single = fitting(1e-10, DType::float32);
  single.max_jitter = 1e-4;
  const Model a = fit(network(), x, y_, wide), b = fit(network(), x, y_, single);
  expect_says(said_, {"not positive definite in float32", "float64"});
  EXPECT_EQ(said_.find("jitter"), std::string::npos) << said_;
  EXPECT_EQ(b.solve_dtype(), DType::float64);
  EXPECT_EQ(b.ridge(), a.ridge());
  EXPECT_EQ(
      relative_error(b.predict(z_, asking(Cov::diag)).mean, a.predict(z_, asking(Cov::diag)).mean),
      0);
}

// From kernels that float32 solves to those that it cannot factor; between them are some that it
// factors, but too coarsely for the refinement to converge.
TEST_P(SingleModel, WhoseFactorIsTooCoarseHasAFloat64OneAndSaysSo) {
  const std::int64_t n = 24;
  const Array cross = random_matrix(2, n, 12), y = random_matrix(n, 1, 13),
              prior = Array::of<double>({1, 1}, {2});
  int refined = 0, too_coarse = 0, not_factored = 0;
  for (double below = 0.1; below < 0.6; below += 0.01) {
    const Array k = ill_conditioned(n, below);
    const Model a = fit_gram(k, y, fitting(0, DType::float64));
    EXPECT_EQ(said_, "");
    const Model b = fit_gram(k, y, fitting(0, DType::float32));
    const Prediction p = a.predict_from_gram(cross, prior, asking(Cov::diag)),
                     q = b.predict_from_gram(cross, prior, asking(Cov::diag));
    if (b.solve_dtype() == DType::float32) {
      ++refined;
      EXPECT_EQ(said_, "");
      // It converged, so the condition number is not much more than 1/epsilon of float32.
      constexpr double kFactor = 8;
      const double condition = kFactor / epsilon(DType::float32);
      EXPECT_LE(relative_error(q.mean, p.mean), n * condition * epsilon(DType::float64));
    } else {
      expect_says(said_, {"float64"});
      ++(said_.find("too coarse") != std::string::npos ? too_coarse : not_factored);
      EXPECT_EQ(relative_error(q.mean, p.mean), 0);
      EXPECT_EQ(relative_error(q.cov, p.cov), 0);
    }
    said_.clear();
  }
  EXPECT_GT(refined, 0);
  EXPECT_GT(too_coarse, 0) << refined << " refined, " << not_factored << " not factored";
  EXPECT_GT(not_factored, 0);
}

TEST_P(SingleModel, AsksTheEigenbasisForFloat64AndSaysSo) {
  FitOptions options = fitting(1e-2, DType::float32);
  options.solver = Solver::eigen;
  const Model model = fit(network(), x_, y_, options);
  expect_says(said_, {"eigenbasis", "float64"});
  EXPECT_EQ(model.solve_dtype(), DType::float64);
}

// The backends of which a Model knows.
INSTANTIATE_TEST_SUITE_P(Devices, SingleModel, ::testing::Values("reference", "cpu", "cuda"));

// --- its file

class SingleModelFile : public ::testing::Test {
 protected:
  SingleModelFile() {
    const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
    path_ = (std::filesystem::temp_directory_path() / (std::string("ntk_single_") + test->name() +
                                                       "_" + std::to_string(::getpid()) + ".npz"))
                .string();
    model_ = fit(network(), random_matrix(kTrain, kWidth, 1), random_matrix(kTrain, 3, 2),
                 {.diag_reg = 1e-2, .solve_dtype = DType::float32, .device = Device::cpu});
    model_.save(path_);
  }
  ~SingleModelFile() override { std::filesystem::remove(path_); }

  Model model_;
  std::string path_;
};

TEST_F(SingleModelFile, KeepsEveryAnswer) {
  const Model loaded = Model::load(path_);
  EXPECT_EQ(loaded.solve_dtype(), DType::float32);
  EXPECT_EQ(loaded.summary(), model_.summary());
  const Array z = random_matrix(kTest, kWidth, 3);
  for (const std::optional<double> time : {std::optional<double>(), std::optional<double>(3)}) {
    PredictOptions options;
    options.device = Device::cpu;
    options.cov = Cov::full;
    options.time = time;
    const Prediction p = model_.predict(z, options), q = loaded.predict(z, options);
    EXPECT_EQ(relative_error(q.mean, p.mean), 0);
    EXPECT_EQ(relative_error(q.cov, p.cov), 0);
  }
}

TEST_F(SingleModelFile, AnswersOnAnotherDevice) {
  const Model loaded = Model::load(path_);
  const Array z = random_matrix(kTest, kWidth, 3);
  PredictOptions here, there;
  here.device = Device::cpu;
  there.device = Device::reference;
  here.cov = there.cov = Cov::diag;
  const Prediction p = model_.predict(z, here), q = loaded.predict(z, there);
  EXPECT_LE(relative_error(q.mean, p.mean), 1e-11);
  EXPECT_LE(relative_error(q.cov, p.cov), 10 * kTrain * epsilon(DType::float32));
}

TEST_F(SingleModelFile, ThatDoesNotMakeSenseIsRefused) {
  const auto refusal = [&](const char* removed, const std::optional<NamedArray>& added,
                           const std::optional<std::string>& solve_dtype) {
    model_.save(path_);
    SealedArchive archive = read_sealed_npz(path_);
    nlohmann::json text = nlohmann::json::parse(archive.metadata);
    if (solve_dtype)
      text["solve_dtype"] = *solve_dtype;
    else
      text.erase("solve_dtype");
    std::vector<std::pair<std::string, ArrayView>> arrays;
    for (const NamedArray& named : archive.arrays)
      if (named.name != removed) arrays.emplace_back(named.name, named.array);
    if (added) arrays.emplace_back(added->name, added->array);
    write_sealed_npz(path_, arrays, text.dump());
    return message_of<DataError>([&] { Model::load(path_); });
  };
  expect_says(refusal("coefficients", {}, "float32"), {"coefficients", "missing"});
  expect_says(
      refusal("coefficients", NamedArray{"coefficients", random_matrix(kTrain, 2, 1)}, "float32"),
      {"coefficients", "40x2", "40x3"});
  expect_says(refusal("cholesky", {}, "float32"), {"solve_dtype", "Cholesky"});
  expect_says(refusal("", {}, "float16"), {"solve_dtype", "float16"});
  expect_says(refusal("", {}, "float64"), {"cholesky", "must be float64"});
  expect_says(refusal("", {}, {}), {"cholesky", "must be float64"});
}

}  // namespace
}  // namespace ntk::testing
