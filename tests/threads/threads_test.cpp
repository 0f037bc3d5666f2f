// What the headers say of threads: calls that may run concurrently give what they give one after
// the other. On one thread each (threads = 1), where a solve's bits are reproducible.
#include <atomic>
#include <stdexcept>
#include <string>
#include <vector>

#include "kernels/cpu/lapack.h"
#include "tests/solve/matrices.h"
#include "tests/support/backends.h"
#include "tests/support/near.h"
#include "tests/threads/together.h"

namespace ntk::testing {
namespace {

constexpr int kRounds = 4;

struct Setting {
  Architecture net;
  Array x, y, x_test;
  KernelKind kernel;
  Device device;
  int threads = 1;

  Model fitted() const {
    FitOptions options;
    options.kernel = kernel;
    options.diag_reg = 1e-3;
    options.device = device;
    options.threads = threads;
    return fit(net, x, y, options);
  }
  Prediction ask(const Model& model, std::optional<double> time,
                 std::atomic<int>* told = {}) const {
    PredictOptions options;
    options.time = time;
    options.cov = Cov::full;
    options.device = device;
    options.threads = threads;
    if (told) options.log = [told](const std::string&) { ++*told; };
    return model.predict(x_test, options);
  }
};

Array values(Shape shape, unsigned seed) { return random_matrix(shape[0], shape[1], seed); }

Setting relu_setting(Device device, std::int64_t n) {
  return {serial(Dense(8, {.W_std = 1.4, .b_std = 0.1}), Relu(), Dense(8), Relu(), Dense(1)),
          values({n, 6}, 1),
          values({n, 2}, 2),
          values({n / 3, 6}, 3),
          KernelKind::ntk,
          device};
}

Setting erf_setting(Device device, std::int64_t n) {
  return {serial(Dense(8, {.W_std = 1.1}), Erf(), Dense(1)),
          values({n, 4}, 4),
          values({n, 1}, 5),
          values({n / 2, 4}, 6),
          KernelKind::nngp,
          device};
}

void expect_same(const Prediction& a, const Prediction& b) {
  EXPECT_TRUE(same_bits(a.mean, b.mean));
  EXPECT_TRUE(same_bits(a.cov, b.cov));
}

class Threads : public ::testing::TestWithParam<std::string> {
 protected:
  static Device device() { return device_from_name(GetParam()); }
  // The reference takes milliseconds for what the cpu does in microseconds.
  static std::int64_t count() { return device() == Device::reference ? 12 : 300; }
};

TEST_P(Threads, TwoModelsAreFittedAndAskedAtTheSameTime) {
  const Setting relu = relu_setting(device(), count()), erf = erf_setting(device(), count());
  const Prediction relu_alone = relu.ask(relu.fitted(), 30), erf_alone = erf.ask(erf.fitted(), {});
  for (int round = 0; round < kRounds; ++round)
    at_the_same_time([&] { expect_same(relu.ask(relu.fitted(), 30), relu_alone); },
                     [&] { expect_same(erf.ask(erf.fitted(), {}), erf_alone); });
}

TEST_P(Threads, OneModelAnswersTwoThreadsAtTheSameTime) {
  const Setting setting = relu_setting(device(), count());
  const Model alone = setting.fitted();
  const Prediction finite = setting.ask(alone, 30), infinite = setting.ask(alone, {});
  for (int round = 0; round < kRounds; ++round) {
    // The eigenbasis and the NNGP kernel of the training set are missing: both threads need them.
    const Model model = setting.fitted();
    std::atomic<int> told = 0;
    at_the_same_time(
        [&] {
          expect_same(setting.ask(model, 30, &told), finite);
          expect_same(setting.ask(model, {}, &told), infinite);
        },
        [&] { expect_same(setting.ask(model, 30, &told), finite); });
    EXPECT_EQ(told, 2) << "each of them is made once";
  }
}

TEST_P(Threads, APredictorAnswersTwoThreadsAtTheSameTime) {
  const Setting s = relu_setting(device(), count());
  GramOptions how;
  how.device = s.device;
  how.threads = 1;
  const Kernels train = gram(s.net, s.x, how), cross = gram(s.net, s.x_test, s.x, how);
  PredictorOptions options;
  options.device = s.device;
  options.threads = 1;
  options.regularization.diag_reg = 1e-3;
  const auto made = [&] { return GradientFlow(train.ntk, s.y, 1, options); };
  // A new thread begins with all cores, and the bits of a solve depend on their number.
  const auto test_at = [&](const GradientFlow& flow, double t) {
    matmul(s.y, s.y, true, false, options);
    return flow.test(t, cross.ntk);
  };
  const Array early = made().test(2, cross.ntk), late = made().test(500, cross.ntk);
  for (int round = 0; round < kRounds; ++round) {
    const GradientFlow flow = made();
    at_the_same_time([&] { EXPECT_TRUE(same_bits(test_at(flow, 2), early)); },
                     [&] { EXPECT_TRUE(same_bits(test_at(flow, 500), late)); });
  }
}

TEST_P(Threads, CancellingOneGramLeavesTheOtherAlone) {
  const Setting relu = relu_setting(device(), 2 * count());
  GramOptions how;
  how.device = device();
  how.threads = 1;
  const Kernels alone = gram(relu.net, relu.x, how);
  GramOptions cancelled = how;
  cancelled.progress = [](const Progress&) { return false; };
  for (int round = 0; round < kRounds; ++round)
    at_the_same_time([&] { EXPECT_THROW(gram(relu.net, relu.x, cancelled), Cancelled); },
                     [&] { EXPECT_TRUE(same_bits(gram(relu.net, relu.x, how).ntk, alone.ntk)); });
}

TEST_P(Threads, WhatACallbackThrowsReachesTheCaller) {
  NTK_SKIP_WHERE_OPENMP_IS_NOT_UNDERSTOOD();
  const Setting relu = relu_setting(device(), 2 * count());
  GramOptions how;
  how.device = device();
  const Kernels alone = gram(relu.net, relu.x, how);
  GramOptions failing = how;
  failing.progress = [](const Progress&) -> bool { throw std::out_of_range("the caller's own"); };
  EXPECT_THROW(gram(relu.net, relu.x, failing), std::out_of_range);
  EXPECT_TRUE(same_bits(gram(relu.net, relu.x, how).ntk, alone.ntk));
}

TEST_P(Threads, ACallbackMayComputeAnotherGram) {
  NTK_SKIP_WHERE_OPENMP_IS_NOT_UNDERSTOOD();
  const Setting relu = relu_setting(device(), count()), erf = erf_setting(device(), count());
  GramOptions how;
  how.device = device();
  const Kernels inner_alone = gram(erf.net, erf.x, how), outer_alone = gram(relu.net, relu.x, how);
  int calls = 0;
  GramOptions outer = how;
  outer.progress = [&](const Progress&) {
    EXPECT_TRUE(same_bits(gram(erf.net, erf.x, how).nngp, inner_alone.nngp));
    return ++calls > 0;
  };
  EXPECT_TRUE(same_bits(gram(relu.net, relu.x, outer).ntk, outer_alone.ntk));
  EXPECT_GT(calls, 0);
}

INSTANTIATE_TEST_SUITE_P(On, Threads, ::testing::Values("reference", "cpu"),
                         [](const auto& backend) { return backend.param; });

// OpenBLAS has one number of threads for the whole process: a call that wants another one must
// wait.
TEST(ThreadsOfBlas, ACallOnOneThreadLeavesOtherCallsTheirThreads) {
  if (!openblas_get_num_threads) GTEST_SKIP() << "another BLAS than OpenBLAS";
  NTK_SKIP_WHERE_OPENMP_IS_NOT_UNDERSTOOD();
  const Array a = random_matrix(64, 64, 9);
  const auto multiply_on = [&a](int threads) {
    SolveOptions options;
    options.device = Device::cpu;
    options.threads = threads;
    matmul(a, a, false, false, options);
    return openblas_get_num_threads();
  };
  EXPECT_EQ(multiply_on(3), 3);
  std::thread([&] { EXPECT_EQ(multiply_on(1), 1); }).join();
  EXPECT_EQ(multiply_on(3), 3);
}

TEST(ThreadsOfBlas, CallsOnOneAndOnSeveralThreadsDoNotDisturbEachOther) {
  NTK_SKIP_WHERE_OPENMP_IS_NOT_UNDERSTOOD();
  const Setting relu = relu_setting(Device::cpu, 600);
  const Array a = random_matrix(700, 500, 7), b = random_matrix(500, 300, 8);
  GramOptions one;
  one.device = Device::cpu;
  one.threads = 1;
  SolveOptions several;
  several.device = Device::cpu;
  several.threads = 3;
  const Kernels gram_alone = gram(relu.net, relu.x, one);
  const Array product_alone = matmul(a, b, false, false, several);
  constexpr double kSumsOfOtherOrder = 1e-13;
  at_the_same_time(
      [&] {
        for (int i = 0; i < 40; ++i)
          ASSERT_TRUE(same_bits(gram(relu.net, relu.x, one).ntk, gram_alone.ntk)) << i;
      },
      [&] {
        for (int i = 0; i < 120; ++i)
          ASSERT_LT(relative_error(matmul(a, b, false, false, several), product_alone),
                    kSumsOfOtherOrder)
              << i;
      });
}

}  // namespace
}  // namespace ntk::testing
