// Models of classical kernels against ridge regressions written by hand.
#include <gmock/gmock.h>

#include <filesystem>

#include "ntk/model.h"
#include "src/io/sealed.h"
#include "support/plain_kernels.h"
#include "tests/predict/kernels.h"

namespace ntk::testing {
namespace {

using ::testing::HasSubstr;

constexpr double kRidge = 1e-2;

FitOptions fitting() {
  FitOptions options;
  options.device = Device::cpu;
  options.diag_reg = kRidge;
  return options;
}

PredictOptions asked(Cov cov) {
  PredictOptions options;
  options.device = Device::cpu;
  options.cov = cov;
  return options;
}

void expect_near(const Array& a, const std::vector<double>& b) {
  constexpr double kTolerance = 1e-11;
  ASSERT_EQ(a.size(), static_cast<std::int64_t>(b.size()));
  for (std::size_t i = 0; i < b.size(); ++i)
    EXPECT_NEAR(value_at(a, static_cast<std::int64_t>(i)), b[i], kTolerance);
}

TEST(ClassicalModels, AreKernelRidgeRegressions) {
  const Array x = random_matrix(12, 3, 1), z = random_matrix(5, 3, 2);
  const Array y = random_matrix(12, 1, 3).reshaped({12});
  for (const char* text : {"rbf:gamma=0.5", "laplace:length=2", "matern:nu=2.5,length=1",
                           "polynomial:degree=2,gamma=0.5,coef0=1"}) {
    const ClassicalKernel kernel = parse_kernel(text);
    const Model model = fit(kernel, x, y, fitting());
    const PlainRidge plain = plain_ridge(kernel, x, y, z, kRidge);
    const Prediction p = model.predict(z, asked(Cov::diag));
    expect_near(p.mean, plain.mean);
    expect_near(p.cov, plain.variance);
    const Prediction full = model.predict(z, asked(Cov::full));
    expect_near(Array::of(diagonal_of(full.cov), {5}), plain.variance);
    EXPECT_EQ(model.classical_kernel(), kernel);
    EXPECT_FALSE(model.architecture().has_value());
    EXPECT_THAT(model.summary(), HasSubstr(kernel.to_text()));
  }
}

TEST(ClassicalModels, TakeTheMedianLengthOfNormalizedSamples) {
  const Array x = Array::of<double>({3, 0, 0, 5, -7, 0}, {3, 2});  // unit: distances sqrt 2, 2
  const Array y = Array::of<double>({1, 2, 3}, {3});
  FitOptions options = fitting();
  options.normalize = Normalize::unit;
  std::string said;
  options.log = [&](const std::string& text) { said += text; };
  const Model model = fit(laplace_kernel(), x, y, options);
  EXPECT_NEAR(model.classical_kernel()->scale().value(), std::sqrt(2), 1e-15);
  EXPECT_THAT(said, HasSubstr("length 1.41421 is the median distance between the 3 samples"));
}

TEST(ClassicalModels, ClassifyTextAndIntegers) {
  const Array x = Array::of<double>({0, 0.1, 5, 5.2}, {4, 1});
  const std::vector<std::string> labels = {"low", "low", "high", "high"};
  const Model named = fit(rbf_kernel(1), x, labels, fitting());
  EXPECT_EQ(named.classify(named.predict(x, asked(Cov::none)).mean),
            (std::vector<std::int64_t>{1, 1, 0, 0}));
  EXPECT_EQ(named.class_names(), (std::vector<std::string>{"high", "low"}));
}

class ClassicalFile : public ::testing::Test {
 protected:
  ClassicalFile()
      : path_((std::filesystem::temp_directory_path() /
               ("ntk_classical_" + std::to_string(::getpid()) + ".npz"))
                  .string()) {}
  ~ClassicalFile() override { std::filesystem::remove(path_); }
  std::string path_;
};

TEST_F(ClassicalFile, KeepsTheKernelAndEveryAnswer) {
  const Array x = random_matrix(9, 3, 4), z = random_matrix(5, 3, 5), y = random_matrix(9, 2, 6);
  const Model model = fit(matern_kernel(1.5), x, y, fitting());
  model.save(path_);
  const Model loaded = Model::load(path_);
  ASSERT_TRUE(loaded.classical_kernel()->scale().has_value());
  EXPECT_EQ(loaded.classical_kernel(), model.classical_kernel());
  EXPECT_EQ(loaded.summary(), model.summary());
  PredictOptions at_a_time = asked(Cov::full);
  at_a_time.time = 3.0;
  for (const PredictOptions& options : {asked(Cov::full), at_a_time}) {
    const Prediction p = model.predict(z, options), q = loaded.predict(z, options);
    EXPECT_EQ(relative_error(p.mean, q.mean), 0);
    EXPECT_EQ(relative_error(p.cov, q.cov), 0);
  }
}

// The texts that a sound model could not hold.
TEST_F(ClassicalFile, WithAKernelThatNobodySavedIsRefused) {
  const Array x = random_matrix(3, 2, 7), y = random_matrix(3, 1, 8);
  fit(laplace_kernel(2), x, y, fitting()).save(path_);
  const SealedArchive sound = read_sealed_npz(path_);
  const auto refused = [&](const std::string& from, const std::string& to) {
    std::string text = sound.metadata;
    const std::size_t at = text.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    text.replace(at, from.size(), to);
    std::vector<std::pair<std::string, ArrayView>> arrays;
    for (const NamedArray& named : sound.arrays) arrays.emplace_back(named.name, named.array);
    write_sealed_npz(path_, arrays, text);
    EXPECT_THROW(Model::load(path_), DataError) << to;
  };
  refused("laplace:length=2", "laplace");
  refused("laplace:length=2", "laplace:length=-2");
  refused("\"classical_kernel\"", "\"architecture\": {}, \"classical_kernel\"");
  refused("\"nngp\"", "\"ntk\"");
  write_sealed_npz(path_, {}, sound.metadata);
  EXPECT_THROW(Model::load(path_), DataError);
}

}  // namespace
}  // namespace ntk::testing
