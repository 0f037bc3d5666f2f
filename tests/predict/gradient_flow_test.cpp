#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <thread>

#include "tests/predict/kernels.h"

namespace ntk::testing {
namespace {

class Flow : public PredictorTest {};
NTK_ON_EACH_BACKEND(Flow);

// Outputs on the training and test set by integrating f' = -rate K (f - y) / y.size with the
// classical Runge-Kutta scheme: shares nothing with the closed form.
struct Integrated {
  std::vector<double> train, test;
};
Integrated integrate(const SmallKernels& k, const Array& y, std::vector<double> train,
                     std::vector<double> test, double rate, double t, int steps) {
  const std::size_t n = train.size(), m = test.size();
  const double s = rate * t / static_cast<double>(y.size()) / steps;
  const auto slope = [&](const std::vector<double>& f, const Array& kernel, std::size_t rows) {
    std::vector<double> d(rows);
    for (std::size_t i = 0; i < rows; ++i)
      for (std::size_t j = 0; j < n; ++j)
        d[i] -= entry(kernel, static_cast<std::int64_t>(i), static_cast<std::int64_t>(j)) *
                (f[j] - value_at(y, static_cast<std::int64_t>(j)));
    return d;
  };
  for (int step = 0; step < steps; ++step) {
    std::vector<double> at = train, sum_train(n), sum_test(m);
    const double weight[] = {1, 2, 2, 1}, reach[] = {0.5, 0.5, 1, 0};
    for (int stage = 0; stage < 4; ++stage) {
      const auto d = slope(at, k.train, n), e = slope(at, k.test_train, m);
      for (std::size_t i = 0; i < n; ++i) {
        sum_train[i] += weight[stage] * d[i];
        at[i] = train[i] + reach[stage] * s * d[i];
      }
      for (std::size_t i = 0; i < m; ++i) sum_test[i] += weight[stage] * e[i];
    }
    for (std::size_t i = 0; i < n; ++i) train[i] += s * sum_train[i] / 6;
    for (std::size_t i = 0; i < m; ++i) test[i] += s * sum_test[i] / 6;
  }
  return {train, test};
}

std::vector<double> values(const Array& a) {
  std::vector<double> v;
  for (std::int64_t i = 0; i < a.size(); ++i) v.push_back(value_at(a, i));
  return v;
}

TEST_P(Flow, AgreesWithTheIntegratedDifferentialEquation) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  for (const std::int64_t rank : {0, 3}) {  // regular, and singular
    const SmallKernels k = small_kernels(8, 3, 1, rank);
    const Array y = random_matrix(8, 1, 2), f0 = random_matrix(8, 1, 3),
                g0 = random_matrix(3, 1, 4);
    const GradientFlow flow(k.train, y, 0.7, predictor_on(backend));
    const Integrated expected = integrate(k, y, values(f0), values(g0), 0.7, 30, 4000);
    const Array train = flow.train(30, f0), test = flow.test(30, k.test_train, f0, g0);
    EXPECT_LE(relative_error(train, Array::of(expected.train, {8, 1})), 1e-10);
    EXPECT_LE(relative_error(test, Array::of(expected.test, {3, 1})), 1e-10);
  }
}

TEST_P(Flow, BeginsAtTheGivenOutputsAndEndsAtTheTargets) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  const SmallKernels k = small_kernels(10, 4, 5);
  const Array y = random_matrix(10, 2, 6), f0 = random_matrix(10, 2, 7),
              g0 = random_matrix(4, 2, 8);
  const GradientFlow flow(k.train, y, 1, predictor_on(backend));
  EXPECT_EQ(relative_error(flow.train(0, f0), f0), 0);
  EXPECT_EQ(relative_error(flow.test(0, k.test_train, f0, g0), g0), 0);
  EXPECT_EQ(relative_error(flow.train(std::nullopt), y), 0);
  EXPECT_LE(relative_error(flow.train(std::nullopt, f0), y), 1e-15);
  const Array late = flow.test(1e9, k.test_train, f0, g0);
  EXPECT_LE(relative_error(late, flow.test(std::nullopt, k.test_train, f0, g0)), 1e-11);
  EXPECT_LE(relative_error(flow.train(1e9, f0), y), 1e-12);
}

TEST_P(Flow, InfinityMayBeGivenAsANumber) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  const SmallKernels k = small_kernels(6, 2, 9);
  const GradientFlow flow(k.train, random_matrix(6, 1, 1), 1, predictor_on(backend, 0.1));
  const double infinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(
      relative_error(flow.test(infinity, k.test_train), flow.test(std::nullopt, k.test_train)), 0);
}

TEST_P(Flow, TheFirstMomentKeepsItsDigits) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  const SmallKernels k = small_kernels(6, 2, 10);
  const Array y = random_matrix(6, 1, 11);
  const GradientFlow flow(k.train, y, 1, predictor_on(backend));
  constexpr double t = 1e-14;  // 1 - e^{-w t} by subtraction would have no digit right
  const Array train = flow.train(t), test = flow.test(t, k.test_train);
  Array train_rate = matmul(k.train, y), test_rate = matmul(k.test_train, y);
  for (std::int64_t i = 0; i < 6; ++i) train_rate.as<double>()[i] *= t / 6;
  for (std::int64_t i = 0; i < 2; ++i) test_rate.as<double>()[i] *= t / 6;
  EXPECT_LE(relative_error(train, train_rate), 1e-12);
  EXPECT_LE(relative_error(test, test_rate), 1e-12);
}

TEST_P(Flow, ASingularKernelHasFiniteTimesButNoInfiniteOne) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  const Array k = Array::of<double>({4, 4, 4, 4}, {2, 2}), y = Array::of<double>({3, 1}, {2});
  const GradientFlow flow(k, y, 1, predictor_on(backend));
  // Both samples share all features, so that both outputs approach the mean of their targets.
  const Array late = flow.train(1e6);
  EXPECT_NEAR(value_at(late, 0), 2, 1e-12);
  EXPECT_NEAR(value_at(late, 1), 2, 1e-12);
  EXPECT_THROW(flow.test(std::nullopt, k), NotPositiveDefinite);
  EXPECT_THROW(flow.train(std::nullopt), NotPositiveDefinite);
}

TEST_P(Flow, WithAPseudoInverseASingularKernelHasAnEnd) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  const Array k = Array::of<double>({4, 4, 4, 4}, {2, 2}), y = Array::of<double>({3, 1}, {2});
  PredictorOptions options = predictor_on(backend);
  options.pseudo_inverse_cutoff = 1e-12;
  const GradientFlow flow(k, y, 1, options);
  for (const Array& end :
       {flow.train(std::nullopt), flow.test(std::nullopt, k), flow.test(1e6, k)}) {
    EXPECT_NEAR(value_at(end, 0), 2, 1e-12);
    EXPECT_NEAR(value_at(end, 1), 2, 1e-12);
  }
}

TEST_P(Flow, TheCholeskySolverRefusesAFiniteTime) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  PredictorOptions options = predictor_on(backend);
  options.solver = Solver::cholesky;
  const GradientFlow flow(identity(3), random_matrix(3, 1, 1), 1, options);
  expect_says(message_of<UsageError>([&] { flow.train(1); }), {"finite time", "eigen"});
  EXPECT_NO_THROW(flow.train(std::nullopt));
}

TEST_P(Flow, RefusesTimesAndRatesOutOfRange) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  const Array y = random_matrix(3, 1, 1);
  const GradientFlow flow(identity(3), y, 1, predictor_on(backend));
  EXPECT_THROW(flow.train(-1), UsageError);
  EXPECT_THROW(flow.train(std::nan("")), UsageError);
  EXPECT_THROW(GradientFlow(identity(3), y, 0, predictor_on(backend)), UsageError);
  EXPECT_THROW(GradientFlow(identity(3), y, std::nan(""), predictor_on(backend)), UsageError);
  expect_says(message_of<UsageError>([&] { flow.train(1, random_matrix(2, 1, 1)); }),
              {"f0_train", "3x1", "2x1"});
}

TEST_P(Flow, AnswersSeveralThreadsAtOnce) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  const SmallKernels k = small_kernels(20, 5, 12);
  const Array y = random_matrix(20, 1, 13);
  const GradientFlow shared(k.train, y, 1, predictor_on(backend, 1e-3));
  const GradientFlow alone(k.train, y, 1, predictor_on(backend, 1e-3));
  const std::optional<double> times[] = {std::nullopt, 1.0, std::nullopt, 100.0};
  std::vector<Array> answers(4);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < 4; ++i)
    threads.emplace_back([&, i] { answers[i] = shared.test(times[i], k.test_train); });
  for (std::thread& thread : threads) thread.join();
  for (std::size_t i = 0; i < 4; ++i)
    EXPECT_LE(relative_error(answers[i], alone.test(times[i], k.test_train)), 1e-12);
}

TEST_P(Flow, TheLargestLearningRateComesFromTheLargestEigenvalue) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  const Array k = Array::of<double>({4, 0, 0, 1}, {2, 2});
  EXPECT_NEAR(max_learning_rate(k, 6, 0, on(backend)), 2 * 6 / 4.0, 1e-11);
  EXPECT_NEAR(max_learning_rate(k, 6, 0.5, on(backend)), 3 * 6 / 4.0, 1e-11);
  EXPECT_THROW(max_learning_rate(k, 0, 0, on(backend)), UsageError);
  EXPECT_THROW(max_learning_rate(k, 6, -1, on(backend)), UsageError);
}

}  // namespace
}  // namespace ntk::testing
