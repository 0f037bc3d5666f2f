// Patterns, masks and kernels with pixel axes on the command line.
#include <gmock/gmock.h>

#include <cmath>

#include "program.h"

namespace ntk::cli_testing {
namespace {

using testing::HasSubstr;

class PixelCommands : public ProgramTest {
 protected:
  // Of four pixels with one channel; the last two of the first sample are padding.
  void write_sequences() { write("x.npy", {1, 2, 100, 100, 0.5, -1, 3, 2}, {2, 4, 1}); }
};

// K = x x'/1 per pixel; the mean over the pixels that are there.
TEST_F(PixelCommands, MeansAreOverThePixelsThatAreNotMasked) {
  write_sequences();
  const Outcome done = run({"gram", "--arch", "serial(Conv(8, (1,)), GlobalAvgPool())", "--x1",
                            "x.npy", "--mask-constant", "100", "--get", "nngp", "--out", "k.npy"});
  ASSERT_EQ(done.exit_code, 0) << done.err;
  const Array k = read("k.npy");
  const double first = (1.0 + 2.0) / 2, second = (0.5 - 1 + 3 + 2) / 4;
  EXPECT_NEAR(k.as<double>()[0], first * first, 1e-14);
  EXPECT_NEAR(k.as<double>()[1], first * second, 1e-14);
  EXPECT_NEAR(k.as<double>()[3], second * second, 1e-14);
}

TEST_F(PixelCommands, ModelsKeepTheMaskConstant) {
  write_sequences();
  write("y.npy", {1, -1}, {2, 1});
  const std::string net = "serial(Conv(8, (1,), b_std=0.3), Relu(), GlobalAvgPool(), Dense(1))";
  Outcome done = run({"fit", "--arch", net, "--x", "x.npy", "--y", "y.npy", "--mask-constant",
                      "100", "--out", "m.npz"});
  ASSERT_EQ(done.exit_code, 0) << done.err;
  // The same sequence with less padding stands for itself.
  write("t.npy", {1, 2, 100, 100, 1, 2, 100, 100}, {2, 4, 1});
  done = run({"predict", "--model", "m.npz", "--x", "t.npy", "--out", "p.npz"});
  ASSERT_EQ(done.exit_code, 0) << done.err;
  const Array mean = read("p.npz:mean");
  EXPECT_NEAR(mean.as<double>()[0], 1, 1e-10);
  EXPECT_NEAR(mean.as<double>()[1], 1, 1e-10);
  done = run({"fit", "--arch", net, "--x", "x.npy", "--y", "y.npy", "--mask-constant", "100",
              "--normalize", "unit", "--out", "n.npz"});
  EXPECT_EQ(done.exit_code, 2);
  EXPECT_THAT(done.err, HasSubstr("normalize"));
}

// Two nodes, of which the second's value goes to the first and back.
TEST_F(PixelCommands, PatternsAreReadBesideTheSamples) {
  write("x.npy", {1, 3}, {1, 2, 1});
  write("p.npy", {0, 1, 1, 0}, {1, 2, 2});
  const std::string net = "serial(Aggregate(), Flatten())";
  const Outcome done = run({"gram", "--arch", net, "--x1", "x.npy", "--pattern1", "p.npy", "--get",
                            "nngp", "--out", "k.npy"});
  ASSERT_EQ(done.exit_code, 0) << done.err;
  EXPECT_NEAR(read("k.npy").as<double>()[0], (9.0 + 1.0) / 2, 1e-14);
  const Outcome without = run({"gram", "--arch", net, "--x1", "x.npy", "--out", "k.npz"});
  EXPECT_EQ(without.exit_code, 2);
  EXPECT_THAT(without.err, HasSubstr("pattern1"));
  const Outcome fitted = run({"fit", "--arch", net, "--x", "x.npy", "--y", "x.npy", "--out", "m"});
  EXPECT_EQ(fitted.exit_code, 2);
}

TEST_F(PixelCommands, ANetworkThatEndsOnPixelsHasAKernelOfThem) {
  write("x.npy", {1, 2, 3, 4, 5, 6}, {1, 3, 2});
  const Outcome done = run({"gram", "--arch", "serial(Conv(8, (1,)))", "--x1", "x.npy", "--get",
                            "nngp", "--out", "k.npy"});
  ASSERT_EQ(done.exit_code, 0) << done.err;
  const Array k = read("k.npy");
  EXPECT_EQ(k.shape(), Shape({1, 1, 3, 3}));
  EXPECT_NEAR(k.as<double>()[1], (1 * 3 + 2 * 4) / 2.0, 1e-14);
  write("y.npy", {1}, {1, 1});
  const Outcome fitted = run(
      {"fit", "--arch", "serial(Conv(8, (1,)))", "--x", "x.npy", "--y", "y.npy", "--out", "m.npz"});
  EXPECT_EQ(fitted.exit_code, 2);
  EXPECT_THAT(fitted.err, HasSubstr("ends on images"));
}

TEST_F(PixelCommands, FlagsForPixelsAreRefusedWhereThereAreNone) {
  write("x.npy", {1, 2, 3, 4}, {2, 2});
  const auto refused = [&](std::vector<std::string> flags, const std::string& word) {
    std::vector<std::string> all = {"gram", "--x1", "x.npy", "--out", "k.npz"};
    all.insert(all.end(), flags.begin(), flags.end());
    const Outcome done = run(all);
    EXPECT_EQ(done.exit_code, 2) << done.err;
    EXPECT_THAT(done.err, HasSubstr(word));
  };
  refused({"--arch", "serial(Dense(1))", "--mask-constant", "0"}, "vectors");
  refused({"--arch", "serial(Dense(1))", "--pattern1", "x.npy"}, "no Aggregate");
  refused({"--arch", "serial(Dense(1))", "--pattern2", "x.npy"}, "--pattern2");
  refused({"--kernel", "rbf", "--mask-constant", "0"}, "--mask-constant");
}

}  // namespace
}  // namespace ntk::cli_testing
