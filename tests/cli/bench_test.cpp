#include <gmock/gmock.h>

#include "program.h"

namespace ntk::cli_testing {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class Bench : public ProgramTest {};

TEST_F(Bench, GramTellsTimeFloorAndRates) {
  const Outcome done =
      run({"bench", "gram", "--shape", "64,16", "--repeats", "3", "--device", "cpu", "--json"});
  ASSERT_EQ(done.exit_code, 0) << done.err;
  const Json result = done.json();
  const double seconds = result.at("seconds");
  EXPECT_GT(seconds, 0);
  EXPECT_EQ(result.at("seconds_samples").size(), 3u);
  EXPECT_LE(result.at("seconds_min").get<double>(), seconds);
  EXPECT_GE(result.at("seconds_max").get<double>(), seconds);
  EXPECT_DOUBLE_EQ(result.at("entries_per_second").get<double>(), 64 * 64 / seconds);
  EXPECT_GT(result.at("gemm_seconds").get<double>(), 0);
  EXPECT_EQ(result.at("bytes_written"), 2 * 64 * 64 * 4);
  EXPECT_EQ(result.at("dtype"), "float32");
  EXPECT_GT(result.at("peak_memory_bytes").get<std::int64_t>(), 1 << 20);
  EXPECT_THAT(files_but({}), ElementsAre());
}

TEST_F(Bench, GramMeasuresWhatItIsAskedFor) {
  const Json result = run({"bench", "gram", "--shape", "20,4", "--repeats", "1", "--get", "nngp",
                           "--dtype", "float64", "--arch", "serial(Dense(1))", "--json"})
                          .json();
  EXPECT_EQ(result.at("bytes_written"), 20 * 20 * 8);
  EXPECT_EQ(result.at("architecture"), "serial(Dense(1))");
  EXPECT_EQ(result.at("get"), "nngp");
}

// Sanitizers keep memory of their own.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
TEST_F(Bench, GramTakesATenthMoreThanItsInputsAndOutputsAtMost) {
  const Json result = run({"bench", "gram", "--shape", "20000,16", "--repeats", "1", "--device",
                           "cpu", "--dtype", "float32", "--json"})
                          .json();
  constexpr double kSamples = 20000, kWidth = 16;
  const double needed = (2 * kSamples * kSamples + kSamples * kWidth) * sizeof(float);
  EXPECT_LE(result.at("peak_memory_bytes").get<double>(), 1.1 * needed);
}
#endif

TEST_F(Bench, GramOfTooMuchIsRefused) {
  EXPECT_FAILS(run({"bench", "gram", "--shape", "10000000,2"}), 5, "benchmark of this shape needs");
}

TEST_F(Bench, SolvesAreRight) {
  const std::vector<std::pair<std::string, double>> precisions = {
      {"float64", std::numeric_limits<double>::epsilon()},
      {"float32", std::numeric_limits<float>::epsilon()}};
  for (const auto& [dtype, epsilon] : precisions) {
    const Json result =
        run({"bench", "solve", "--n", "60", "--repeats", "1", "--dtype", dtype, "--json"}).json();
    constexpr double kFactor = 60, kCondition = 5;
    const double bound = kFactor * epsilon * kCondition;
    EXPECT_LT(result.at("solve_residual").get<double>(), bound);
    EXPECT_LT(result.at("eigen_residual").get<double>(), bound);
    EXPECT_GT(result.at("solve_residual").get<double>(), epsilon / kFactor);  // that precision
    EXPECT_GT(result.at("cholesky_gflops").get<double>(), 0);
  }
}

TEST_F(Bench, RefinedSolutionsAreAsGoodAsThoseOfAFloat64Factor) {
  const std::vector<std::string> words = {"bench", "solve",    "--n",        "60",    "--repeats",
                                          "1",     "--refine", "--no-eigen", "--json"};
  const Json result = run(words).json();
  constexpr double kFactor = 60, kCondition = 5;
  EXPECT_LT(result.at("refined_solve_residual").get<double>(),
            kFactor * kCondition * std::numeric_limits<double>::epsilon());
  EXPECT_GT(result.at("single_cholesky_seconds").get<double>(), 0);
  std::vector<std::string> single = words;
  single.insert(single.end(), {"--dtype", "float32"});
  const Outcome refused = run(single);
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.err, HasSubstr("--refine"));
}

TEST_F(Bench, FitTellsBothTimes) {
  const Json result =
      run({"bench", "fit", "--shape", "30,10,5,2", "--repeats", "1", "--json"}).json();
  EXPECT_GT(result.at("fit_seconds").get<double>(), 0);
  EXPECT_GT(result.at("predict_seconds").get<double>(), 0);
}

TEST_F(Bench, TextIsATable) {
  const Outcome done = run({"bench", "gram", "--shape", "20,4", "--repeats", "1"});
  EXPECT_THAT(done.out, HasSubstr("\ntime  "));
  EXPECT_THAT(done.out, HasSubstr("\npeak memory  "));
}

}  // namespace
}  // namespace ntk::cli_testing
