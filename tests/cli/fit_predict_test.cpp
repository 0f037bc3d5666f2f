#include <gmock/gmock.h>

#include <cmath>

#include "program.h"

namespace ntk::cli_testing {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::string kNetwork = "serial(Dense(8, W_std=1.5, b_std=0.1), Relu(), Dense(1))";

class FitPredict : public ProgramTest {
 protected:
  FitPredict() {
    write("x.npy", {0, 1, 1, 0, 1, 1, -1, 0.5, 2, -1}, {5, 2});
    write("y.npy", {1, -1, 0, 0.5, 2}, {5});
    write_labels("labels.npy", {7, 3, 7, 3, 3});
  }

  Outcome fit(const std::vector<std::string>& more) const {
    std::vector<std::string> words = {"fit", "--out", "model.npz"};
    words.insert(words.end(), more.begin(), more.end());
    const Outcome done = run(words);
    EXPECT_EQ(done.exit_code, 0) << done.err;
    return done;
  }
  Outcome fit_regression(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> words = {"--arch", kNetwork, "--x", "x.npy", "--y", "y.npy"};
    words.insert(words.end(), more.begin(), more.end());
    return fit(words);
  }
  Outcome predict(const std::vector<std::string>& more) const {
    std::vector<std::string> words = {"predict", "--model", "model.npz"};
    words.insert(words.end(), more.begin(), more.end());
    return run(words);
  }
  std::vector<double> numbers(const std::string& array) const {
    const Array a = read(array);
    return {a.as<double>(), a.as<double>() + a.size()};
  }
  void expect_near(const std::vector<double>& a, const std::vector<double>& b) const {
    ASSERT_EQ(a.size(), b.size());
    constexpr double kFactor = 1e5, kScale = 2;  // conditioning of the small kernel
    for (std::size_t i = 0; i < a.size(); ++i)
      EXPECT_NEAR(a[i], b[i], kFactor * std::numeric_limits<double>::epsilon() * kScale);
  }
};

TEST_F(FitPredict, WithoutARidgeTrainingTargetsComeBack) {
  fit_regression();
  ASSERT_EQ(predict({"--x", "x.npy", "--out", "p.npz"}).exit_code, 0);
  expect_near(numbers("p.npz:mean"), {1, -1, 0, 0.5, 2});
  EXPECT_THAT(files_but({"x.npy", "y.npy", "labels.npy", "model.npz", "p.npz"}), ElementsAre());
}

TEST_F(FitPredict, AnswersAreThoseOfTheLibrary) {
  fit_regression({"--kernel", "nngp", "--diag-reg", "0.01", "--device", "cpu"});
  ASSERT_EQ(predict({"--x", "x.npy", "--time", "3", "--learning-rate", "2", "--cov", "full",
                     "--device", "cpu", "--out", "p.npz"})
                .exit_code,
            0);
  const Array x = read("x.npy"), y = read("y.npy");
  const Model model =
      ntk::fit(parse_architecture(kNetwork), x, y,
               {.kernel = KernelKind::nngp, .diag_reg = 0.01, .device = Device::cpu});
  PredictOptions options;
  options.time = 3.0;
  options.learning_rate = 2;
  options.cov = Cov::full;
  options.device = Device::cpu;
  const Prediction expected = model.predict(x, options);
  expect_near(numbers("p.npz:mean"), {expected.mean.as<double>(), expected.mean.as<double>() + 5});
  expect_near(numbers("p.npz:cov"), {expected.cov.as<double>(), expected.cov.as<double>() + 25});
}

TEST_F(FitPredict, AFloat32FactorGivesTheSameMean) {
  fit_regression({"--diag-reg", "0.01"});
  ASSERT_EQ(predict({"--x", "x.npy", "--out", "p.npz"}).exit_code, 0);
  const Outcome fitted =
      fit_regression({"--diag-reg", "0.01", "--solve-dtype", "float32", "--json"});
  EXPECT_EQ(fitted.json().at("solve_dtype"), "float32");
  ASSERT_EQ(predict({"--x", "x.npy", "--out", "q.npz"}).exit_code, 0);
  expect_near(numbers("q.npz:mean"), numbers("p.npz:mean"));
}

TEST_F(FitPredict, AFloat32FactorThatDoesNotSufficeIsSaid) {
  write("twins.npy", {0, 1, 1, 0, 1, 1, 1, 1.000001, 2, -1}, {5, 2});
  const Outcome fitted = fit({"--arch", kNetwork, "--x", "twins.npy", "--y", "y.npy",
                              "--solve-dtype", "float32", "--json"});
  EXPECT_EQ(fitted.json().at("solve_dtype"), "float64");
  EXPECT_THAT(fitted.json().at("notes").dump(), HasSubstr("float32"));
}

TEST_F(FitPredict, AtTimeZeroNothingIsLearned) {
  fit_regression({"--diag-reg", "1e-3"});
  ASSERT_EQ(predict({"--x", "x.npy", "--time", "0", "--out", "p.npz"}).exit_code, 0);
  expect_near(numbers("p.npz:mean"), {0, 0, 0, 0, 0});
}

TEST_F(FitPredict, TheFlowBeginsWhereItIsTold) {
  fit_regression({"--diag-reg", "1e-3"});
  write("f.npy", {1, 2, 3, 4, 5}, {5});
  ASSERT_EQ(predict({"--x", "x.npy", "--time", "0", "--f0-train", "f.npy", "--f0-test", "f.npy",
                     "--out", "p.npz"})
                .exit_code,
            0);
  expect_near(numbers("p.npz:mean"), {1, 2, 3, 4, 5});
  EXPECT_FAILS(predict({"--x", "x.npy", "--f0-train", "f.npy", "--out", "p.npz"}), 2,
               "--f0-test is needed");
}

TEST_F(FitPredict, VariancesAreTheDiagonalOfTheCovariance) {
  fit_regression({"--diag-reg", "1e-2"});
  write("new.npy", {0.5, 0.5, 3, -2}, {2, 2});
  ASSERT_EQ(predict({"--x", "new.npy", "--cov", "full", "--out", "full.npz"}).exit_code, 0);
  ASSERT_EQ(predict({"--x", "new.npy", "--cov", "diag", "--out", "diag.npz"}).exit_code, 0);
  const std::vector<double> full = numbers("full.npz:cov");
  expect_near(numbers("diag.npz:cov"), {full[0], full[3]});
}

TEST_F(FitPredict, DtypeIsThatOfTheArraysWritten) {
  fit_regression({"--diag-reg", "1e-2"});
  ASSERT_EQ(
      predict({"--x", "x.npy", "--cov", "diag", "--dtype", "float32", "--out", "p.npz"}).exit_code,
      0);
  EXPECT_EQ(read("p.npz:mean").dtype(), DType::float32);
  EXPECT_EQ(read("p.npz:cov").dtype(), DType::float32);
}

TEST_F(FitPredict, IntegerTargetsAreClasses) {
  const Outcome done = fit({"--arch", kNetwork, "--x", "x.npy", "--y", "labels.npy", "--json"});
  EXPECT_EQ(done.json().at("task"), "classification");
  EXPECT_EQ(done.json().at("classes"), Json({3, 7}));
  const Outcome answer = predict({"--x", "x.npy", "--y", "labels.npy", "--out", "p.npz", "--json"});
  ASSERT_EQ(answer.exit_code, 0) << answer.err;
  EXPECT_EQ(answer.json().at("accuracy"), 1.0);
  EXPECT_EQ(answer.json().at("correct"), 5);
  const Array labels = read("p.npz:labels");
  EXPECT_THAT(std::vector<std::int64_t>(labels.as<std::int64_t>(), labels.as<std::int64_t>() + 5),
              ElementsAre(7, 3, 7, 3, 3));
  EXPECT_EQ(read("p.npz:mean").shape(), (Shape{5, 2}));
}

TEST_F(FitPredict, IntegerTargetsMayBeARegression) {
  fit({"--arch", kNetwork, "--x", "x.npy", "--y", "labels.npy", "--task", "regression"});
  ASSERT_EQ(predict({"--x", "x.npy", "--out", "p.npz"}).exit_code, 0);
  expect_near(numbers("p.npz:mean"), {7, 3, 7, 3, 3});
}

TEST_F(FitPredict, ARegressionIsScoredByItsErrors) {
  fit_regression();
  write("off.npy", {2, 0, 1, 1.5, 3}, {5});
  const Outcome answer = predict({"--x", "x.npy", "--y", "off.npy", "--json"});
  ASSERT_EQ(answer.exit_code, 0) << answer.err;
  constexpr double kRounding = 1e-9;
  EXPECT_NEAR(answer.json().at("rmse").get<double>(), 1, kRounding);
  // Sum of squares about the mean 1.5: 0.25 + 2.25 + 0.25 + 0 + 2.25 = 5.
  EXPECT_NEAR(answer.json().at("r2").get<double>(), 1 - 5 / 5.0, kRounding);
}

TEST_F(FitPredict, AScoreNeedsTargetsThatFit) {
  fit_regression();
  write("few.npy", {1, 2}, {2});
  EXPECT_FAILS(predict({"--x", "x.npy", "--y", "few.npy"}), 2,
               "--y: few.npy has 2 rows.*--x x.npy has 5 ");
  fit({"--arch", kNetwork, "--x", "x.npy", "--y", "labels.npy"});
  EXPECT_FAILS(predict({"--x", "x.npy", "--y", "y.npy"}), 2, "--y: .*integers.*float64");
}

TEST_F(FitPredict, AModelOfAKernelMatrixIsTheSameRegression) {
  ASSERT_EQ(run({"gram", "--arch", kNetwork, "--x1", "x.npy", "--get", "ntk", "--out", "k.npy"})
                .exit_code,
            0);
  fit({"--gram", "k.npy", "--y", "y.npy"});
  ASSERT_EQ(predict({"--gram", "k.npy", "--out", "p.npz"}).exit_code, 0);
  expect_near(numbers("p.npz:mean"), {1, -1, 0, 0.5, 2});
  EXPECT_FAILS(predict({"--x", "x.npy", "--out", "p.npz"}), 2, "--x: .*kernel matrix.*--gram");
  fit_regression();
  EXPECT_FAILS(predict({"--gram", "k.npy", "--out", "p.npz"}), 2, "--gram: .*--x");
}

TEST_F(FitPredict, TheRidgelessLimitIsAskedForByName) {
  write("x2.npy", {1, 2, 1, 2, 0, 1}, {3, 2});
  write("y2.npy", {1, 2, 3}, {3});
  const Outcome done = fit({"--arch", kNetwork, "--x", "x2.npy", "--y", "y2.npy",
                            "--pseudo-inverse", "1e-10", "--json"});
  EXPECT_EQ(done.json().at("ridge"), 0.0);
  ASSERT_EQ(predict({"--x", "x2.npy", "--out", "p.npz"}).exit_code, 0);
  expect_near(numbers("p.npz:mean"), {1.5, 1.5, 3});
}

TEST_F(FitPredict, AChangedByteInAModelIsNoticed) {
  fit_regression();
  const std::string whole = read_text(path("model.npz"));
  for (const std::size_t place : {whole.size() / 3, whole.size() / 2, whole.size() - 3}) {
    std::string changed = whole;
    changed[place] = static_cast<char>(changed[place] ^ 0x10);
    write_bytes("model.npz", changed);
    EXPECT_FAILS(predict({"--x", "x.npy", "--out", "p.npz"}), 1, "model.npz");
  }
}

TEST_F(FitPredict, TargetsMustFitTheSamples) {
  write("few.npy", {1, 2}, {2});
  EXPECT_FAILS(run({"fit", "--arch", kNetwork, "--x", "x.npy", "--y", "few.npy", "--out", "m.npz"}),
               2, "--y: few.npy has 2 rows.*shape is 2.*--x x.npy has 5 ");
}

TEST_F(FitPredict, RemarksGoToStandardErrorAndIntoTheJson) {
  fit_regression({"--diag-reg", "1e-3"});
  const Outcome answer = predict({"--x", "x.npy", "--cov", "diag", "--out", "p.npz", "--json"});
  const Outcome quiet = predict({"--x", "x.npy", "--cov", "diag", "--out", "p.npz", "--quiet"});
  EXPECT_EQ(quiet.err, "");
  const Json result = answer.json();
  if (result.contains("notes")) {
    for (const Json& note : result.at("notes"))
      EXPECT_THAT(answer.err, HasSubstr("ntk: " + note.get<std::string>() + "\n"));
  } else {
    EXPECT_EQ(answer.err, "");
  }
}

}  // namespace
}  // namespace ntk::cli_testing
