#include <gmock/gmock.h>

#include <cmath>

#include <limits>

#include "program.h"

namespace ntk::cli_testing {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::string kLinear = "serial(Dense(1))";
const std::string kDeep = "serial(Dense(512, W_std=1.5, b_std=0.1), Relu(), Dense(1))";

class GramCommand : public ProgramTest {};

// A few roundings away from what is written.
auto near_to(const std::vector<double>& expected) {
  constexpr double kFactor = 8, kScale = 12.5;
  std::vector<testing::Matcher<double>> matchers;
  for (const double value : expected)
    matchers.push_back(
        testing::DoubleNear(value, kFactor * std::numeric_limits<double>::epsilon() * kScale));
  return testing::ElementsAreArray(matchers);
}

template <class T>
std::vector<T> values(const Array& array) {
  return {array.as<T>(), array.as<T>() + array.size()};
}

// K = x.x'/d and, for one linear layer, Theta = K.
TEST_F(GramCommand, WritesWhatOneMayComputeByHand) {
  write("x.npy", {1, 2, 3, 4}, {2, 2});
  const Outcome done = run({"gram", "--arch", kLinear, "--x1", "x.npy", "--out", "k.npz"});
  ASSERT_EQ(done.exit_code, 0) << done.err;
  EXPECT_EQ(done.err, "");
  EXPECT_THAT(values<double>(read("k.npz:nngp")), near_to({2.5, 5.5, 5.5, 12.5}));
  EXPECT_THAT(values<double>(read("k.npz:ntk")), near_to({2.5, 5.5, 5.5, 12.5}));
  EXPECT_THAT(files_but({"x.npy", "k.npz"}), ElementsAre());
}

TEST_F(GramCommand, WritesWhatTheLibraryComputes) {
  const Array x1 = Array::of<float>({1, 2, 3, -4, 0.5F, 0}, {3, 2});
  const Array x2 = Array::of<float>({0.1F, 7, 1, 1}, {2, 2});
  write("a.npy", x1);
  write("b.npy", x2);
  ASSERT_EQ(run({"gram", "--arch", kDeep, "--x1", "a.npy", "--x2", "b.npy", "--device", "cpu",
                 "--out", "k.npz"})
                .exit_code,
            0);
  const Kernels expected = gram(parse_architecture(kDeep), x1, x2, {.device = Device::cpu});
  EXPECT_EQ(values<float>(read("k.npz:nngp")), values<float>(expected.nngp));
  EXPECT_EQ(values<float>(read("k.npz:ntk")), values<float>(expected.ntk));
}

TEST_F(GramCommand, DtypeIsThatOfTheDataUnlessGiven) {
  write("x.npy", Array::of<float>({1, 2}, {1, 2}));
  ASSERT_EQ(run({"gram", "--arch", kLinear, "--x1", "x.npy", "--out", "k.npz"}).exit_code, 0);
  EXPECT_EQ(read("k.npz:ntk").dtype(), DType::float32);
  ASSERT_EQ(
      run({"gram", "--arch", kLinear, "--x1", "x.npy", "--dtype", "float64", "--out", "k.npz"})
          .exit_code,
      0);
  EXPECT_EQ(read("k.npz:ntk").dtype(), DType::float64);
}

TEST_F(GramCommand, OneKernelMayGoIntoAnNpyFile) {
  write("x.npy", {1, 2, 3, 4}, {2, 2});
  ASSERT_EQ(
      run({"gram", "--arch", kLinear, "--x1", "x.npy", "--get", "ntk", "--out", "k.npy"}).exit_code,
      0);
  EXPECT_THAT(values<double>(read("k.npy")), near_to({2.5, 5.5, 5.5, 12.5}));
}

TEST_F(GramCommand, DiagonalsAreLikeThoseOfTheMatrix) {
  write("x.npy", {1, 2, 3, 4}, {2, 2});
  ASSERT_EQ(
      run({"gram", "--arch", kLinear, "--x1", "x.npy", "--diagonal", "--out", "k.npz"}).exit_code,
      0);
  EXPECT_THAT(values<double>(read("k.npz:nngp")), near_to({2.5, 12.5}));
  EXPECT_THAT(values<double>(read("k.npz:ntk")), near_to({2.5, 12.5}));
}

TEST_F(GramCommand, JsonTellsWhatWasWritten) {
  write("x.npy", {1, 2, 3, 4}, {2, 2});
  const Outcome done = run(
      {"gram", "--arch", kLinear, "--x1", "x.npy", "--device", "cpu", "--out", "k.npz", "--json"});
  ASSERT_EQ(done.exit_code, 0) << done.err;
  const Json result = done.json();
  EXPECT_EQ(result.at("out"), "k.npz");
  EXPECT_EQ(result.at("arrays").at("ntk").at("shape"), Json({2, 2}));
  EXPECT_EQ(result.at("arrays").at("nngp").at("dtype"), "float64");
  EXPECT_EQ(result.at("device"), "cpu");
  EXPECT_GT(result.at("seconds").get<double>(), 0);
}

TEST_F(GramCommand, ArchitecturesAreFilesJsonOrExpressions) {
  write("x.npy", {1, 2, 3, 4}, {2, 2});
  const std::string json = parse_architecture(kDeep).to_json();
  write_bytes("net.json", json);
  std::vector<std::vector<double>> results;
  for (const std::string& arch : {kDeep, json, std::string("net.json")}) {
    const Outcome done = run({"gram", "--arch", arch, "--x1", "x.npy", "--out", "k.npz"});
    ASSERT_EQ(done.exit_code, 0) << done.err;
    results.push_back(values<double>(read("k.npz:ntk")));
  }
  EXPECT_EQ(results[0], results[1]);
  EXPECT_EQ(results[0], results[2]);
}

TEST_F(GramCommand, ZeroRowsDuplicatesAndSingleSamplesAreFine) {
  write("zero.npy", {0, 0, 1, 2, 1, 2}, {3, 2});
  ASSERT_EQ(run({"gram", "--arch", "serial(Dense(4), Relu(), Dense(1))", "--x1", "zero.npy",
                 "--out", "k.npz"})
                .exit_code,
            0);
  const std::vector<double> k = values<double>(read("k.npz:nngp"));
  for (const std::size_t entry : {0u, 1u, 2u, 3u, 6u}) EXPECT_EQ(k[entry], 0.0);
  EXPECT_DOUBLE_EQ(k[4], 1.25);  // (1 + 4)/2 halved by the ReLU
  EXPECT_EQ(k[5], k[4]);
  EXPECT_EQ(k[7], k[4]);
  EXPECT_EQ(k[8], k[4]);
  write("one.npy", std::vector<double>{3}, {1, 1});
  ASSERT_EQ(run({"gram", "--arch", kLinear, "--x1", "one.npy", "--out", "k.npz"}).exit_code, 0);
  EXPECT_THAT(values<double>(read("k.npz:ntk")), near_to({9}));
}

TEST_F(GramCommand, SaysWhatTheSeriesOfAFunctionLeavesOut) {
  const auto error_at = [&](const std::string& function, double variance, bool is_said) {
    write("x.npy", std::vector<double>(4, std::sqrt(variance)), {1, 4});
    const Outcome done = run({"gram", "--arch", "serial(Dense(1), " + function + "(), Dense(1))",
                              "--x1", "x.npy", "--out", "k.npz", "--json"});
    EXPECT_EQ(done.exit_code, 0) << done.err;
    EXPECT_EQ(done.json().contains("notes"), is_said) << done.out;
    return done.json().at("series_error").at("nngp").get<double>();
  };
  EXPECT_LE(error_at("Tanh", 1, false), 1e-13);
  EXPECT_LE(error_at("Tanh", 800, false), 1e-13);  // a mixture, no series
  EXPECT_LE(error_at("Mish", 1, false), 1e-13);
  EXPECT_GT(error_at("Mish", 1e5, true), 1e-7);
}

TEST_F(GramCommand, NoSamplesGiveNoEntries) {
  write("x.npy", Array(DType::float64, {0, 3}));
  ASSERT_EQ(run({"gram", "--arch", kLinear, "--x1", "x.npy", "--out", "k.npz"}).exit_code, 0);
  EXPECT_EQ(read("k.npz:ntk").shape(), (Shape{0, 0}));
}

}  // namespace
}  // namespace ntk::cli_testing
