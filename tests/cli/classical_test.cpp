// Classical kernels by the program, against what one may compute by hand.
#include <gmock/gmock.h>

#include <cmath>

#include "program.h"
#include "support/plain_kernels.h"

namespace ntk::cli_testing {
namespace {

using ntk::testing::plain_gram;
using ntk::testing::plain_ridge;
using ntk::testing::PlainRidge;
using ntk::testing::value_at;
using ::testing::HasSubstr;

class ClassicalKernels : public ProgramTest {
 protected:
  ClassicalKernels() {
    write("x.npy", {0, 1, 1, 0, 1, 1, -1, 0.5, 2, -1}, {5, 2});
    write("y.npy", {1, -1, 0, 0.5, 2}, {5});
    write("z.npy", {0.3, 0.2, -1, 4, 1, 1}, {3, 2});
  }
  void expect_near(const std::string& name, const std::vector<double>& expected) const {
    const Array array = read(name);
    ASSERT_EQ(array.size(), static_cast<std::int64_t>(expected.size())) << name;
    for (std::size_t i = 0; i < expected.size(); ++i)
      EXPECT_NEAR(value_at(array, static_cast<std::int64_t>(i)), expected[i], 1e-13) << name;
  }
  void expect_gram(const std::string& name, const ClassicalKernel& kernel, const Array& a,
                   const Array& b) const {
    const Array plain = plain_gram(kernel, a, b);
    expect_near(name, {plain.as<double>(), plain.as<double>() + plain.size()});
  }
};

TEST_F(ClassicalKernels, AGramIsOneArrayNamedKernel) {
  const Outcome done = run({"gram", "--kernel", "rbf:gamma=0.5", "--x1", "x.npy", "--x2", "z.npy",
                            "--out", "k.npz", "--json"});
  ASSERT_EQ(done.exit_code, 0) << done.err;
  EXPECT_EQ(done.json().at("kernel"), "rbf:gamma=0.5");
  EXPECT_EQ(done.json().at("arrays").size(), 1U);
  expect_gram("k.npz:kernel", rbf_kernel(0.5), read("x.npy"), read("z.npy"));
  ASSERT_EQ(run({"gram", "--kernel", "matern:nu=2.5,length=3", "--x1", "x.npy", "--out", "k.npy"})
                .exit_code,
            0);
  expect_gram("k.npy", matern_kernel(2.5, 3), read("x.npy"), read("x.npy"));
  ASSERT_EQ(run({"gram", "--kernel", "polynomial:degree=2,gamma=1,coef0=0", "--x1", "x.npy",
                 "--diagonal", "--out", "d.npy"})
                .exit_code,
            0);
  expect_near("d.npy", {1, 1, 4, 1.5625, 25});
}

TEST_F(ClassicalKernels, TheMedianLengthIsSaid) {
  const Outcome done = run({"gram", "--kernel", "laplace", "--x1", "x.npy", "--x2", "z.npy",
                            "--out", "k.npz", "--json"});
  ASSERT_EQ(done.exit_code, 0) << done.err;
  const ClassicalKernel kernel = complete_kernel(laplace_kernel(), read("z.npy"));
  EXPECT_EQ(done.json().at("kernel"), kernel.to_text());
  EXPECT_THAT(done.json().at("notes").at(0),
              HasSubstr("is the median distance between the 3 samples"));
  expect_gram("k.npz:kernel", kernel, read("x.npy"), read("z.npy"));
}

TEST_F(ClassicalKernels, FitAndPredictAreAKernelRidgeRegression) {
  for (const std::string text : {"rbf:gamma=0.5", "matern", "polynomial:degree=2"}) {
    const Outcome fitted = run({"fit", "--kernel", text, "--x", "x.npy", "--y", "y.npy",
                                "--diag-reg", "0.1", "--out", "m.npz", "--json"});
    ASSERT_EQ(fitted.exit_code, 0) << fitted.err;
    const ClassicalKernel kernel = complete_kernel(parse_kernel(text), read("x.npy"));
    EXPECT_EQ(fitted.json().at("kernel"), kernel.to_text());
    ASSERT_EQ(
        run({"predict", "--model", "m.npz", "--x", "z.npy", "--cov", "diag", "--out", "p.npz"})
            .exit_code,
        0);
    const PlainRidge plain = plain_ridge(kernel, read("x.npy"), read("y.npy"), read("z.npy"), 0.1);
    expect_near("p.npz:mean", plain.mean);
    expect_near("p.npz:cov", plain.variance);
    const Outcome about = run({"info", "--model", "m.npz", "--json"});
    EXPECT_EQ(about.json().at("model").at("kernel"), kernel.to_text());
  }
}

TEST_F(ClassicalKernels, MistakesAreNamedWithTheFlag) {
  const auto fails = [&](const std::vector<std::string>& words, const std::string& why) {
    const Outcome failed = run(words);
    EXPECT_EQ(failed.exit_code, 2) << why;
    EXPECT_THAT(failed.err, HasSubstr(why));
    EXPECT_FALSE(fs::exists(path("k.npz")));
  };
  const auto gram_fails = [&](const std::string& kernel, const std::vector<std::string>& more,
                              const std::string& why) {
    std::vector<std::string> words = {"gram",  "--kernel", kernel, "--x1",
                                      "x.npy", "--out",    "k.npz"};
    words.insert(words.end(), more.begin(), more.end());
    fails(words, why);
  };
  gram_fails("rfb:gamma=1", {}, "--kernel: unknown kernel \"rfb\"; nearest known name: rbf");
  gram_fails("rbf:gama=1", {}, "--kernel: kernel \"rbf:gama=1\": unknown key \"gama\"; nearest");
  gram_fails("matern:nu=2", {}, "--kernel: kernel matern: nu must be 0.5, 1.5 or 2.5");
  gram_fails("ntk", {}, "--kernel: ntk is a kernel of networks: give --arch and --get ntk");
  gram_fails("rbf", {"--get", "ntk"}, "--get does not go with --kernel");
  gram_fails("rbf", {"--arch", "serial(Dense(1))"}, "--arch does not go with --kernel");
  const std::vector<std::string> fit = {"fit", "--x", "x.npy", "--y", "y.npy", "--out", "k.npz"};
  const auto fit_fails = [&](const std::vector<std::string>& more, const std::string& why) {
    std::vector<std::string> words = fit;
    words.insert(words.end(), more.begin(), more.end());
    fails(words, why);
  };
  fit_fails({"--kernel", "nnpg"}, "--kernel: unknown kernel \"nnpg\"; nearest known name: nngp");
  fit_fails({"--kernel", "rbf", "--arch", "serial(Dense(1))"},
            "--arch does not go with a classical --kernel");
  fit_fails({"--kernel", "nngp"}, "--arch is needed");
}

TEST_F(ClassicalKernels, WhereALengthIsSoughtTheArrayAtFaultIsNamed) {
  write("nan.npy", {1, NAN, 1, 2}, {2, 2});
  const Outcome failed =
      run({"gram", "--kernel", "rbf", "--x1", "x.npy", "--x2", "nan.npy", "--out", "k.npz"});
  EXPECT_EQ(failed.exit_code, 1);
  EXPECT_THAT(failed.err, HasSubstr("x2: NaN at row 0, column 1"));
}

TEST_F(ClassicalKernels, SamplesWithoutDistancesAreADataError) {
  write("same.npy", {1, 2, 1, 2}, {2, 2});
  const Outcome failed = run({"gram", "--kernel", "rbf", "--x1", "same.npy", "--out", "k.npz"});
  EXPECT_EQ(failed.exit_code, 1);
  EXPECT_THAT(failed.err, HasSubstr("no two samples that differ"));
}

}  // namespace
}  // namespace ntk::cli_testing
