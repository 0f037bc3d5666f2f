// Times a fit and a prediction with covariance, for both kernels, as a user of the library does
// them: the kernels once, then the ensembles of infinitely wide networks at t = infinity. The case
// that peer_neural_tangents.py times with gradient_descent_mse_ensemble. Prints JSON.
//
//   fit_predict TRAIN TEST WIDTH OUTPUTS REPEATS [float32]
//
// The kernels are float32. Solves are in float64, libntk's default, or in float32, which is all
// that the peer does.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "ntk/ntk.h"

namespace {

struct Problem {
  ntk::Array x_train, y_train, x_test;
};

ntk::Array normal(std::int64_t rows, std::int64_t columns, std::mt19937_64& generator) {
  std::normal_distribution<float> distribution;
  ntk::Array a(ntk::DType::float32, {rows, columns});
  std::generate_n(a.as<float>(), a.size(), [&] { return distribution(generator); });
  return a;
}

ntk::Architecture network() {
  const ntk::DenseOptions options{.W_std = 1.4, .b_std = 0.1};
  return ntk::serial(ntk::Repeat(3, ntk::Layers{ntk::Dense(512, options), ntk::Relu()}),
                     ntk::Dense(1));
}

// The largest variance of both predictions, so that nothing of the work can be left out.
double fit_and_predict(const ntk::Architecture& net, const Problem& problem, ntk::DType solves) {
  const ntk::Kernels train = ntk::gram(net, problem.x_train);
  const ntk::Kernels test_train = ntk::gram(net, problem.x_test, problem.x_train);
  const ntk::Kernels test = ntk::gram(net, problem.x_test, {.get = ntk::Get::nngp});

  ntk::PredictorOptions options;
  options.regularization.diag_reg = 1e-3;
  options.dtype = solves;
  options.borrow_kernels = true;
  const ntk::Ensemble nngp(train.nngp, {}, problem.y_train, 1, options);
  const ntk::Ensemble ntk(train.nngp, train.ntk, problem.y_train, 1, options);
  const ntk::Prediction by_nngp =
      nngp.test(std::nullopt, test_train.nngp, {}, ntk::Cov::full, test.nngp);
  const ntk::Prediction by_ntk =
      ntk.test(std::nullopt, test_train.nngp, test_train.ntk, ntk::Cov::full, test.nngp);

  double largest = 0;
  for (std::int64_t i = 0; i < by_nngp.cov.size(); ++i)
    largest = std::max({largest, by_nngp.cov.as<double>()[i], by_ntk.cov.as<double>()[i]});
  return largest;
}

int run(const std::vector<std::int64_t>& sizes, ntk::DType solves) {
  const auto [n, m, width, outputs, repeats] =
      std::array{sizes[0], sizes[1], sizes[2], sizes[3], sizes[4]};
  std::mt19937_64 generator(1);
  const Problem problem{normal(n, width, generator), normal(n, outputs, generator),
                        normal(m, width, generator)};
  const ntk::Architecture net = network();
  double largest = fit_and_predict(net, problem, solves);  // warm-up
  std::vector<double> seconds;
  for (std::int64_t i = 0; i < repeats; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    largest = fit_and_predict(net, problem, solves);
    seconds.push_back(
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  }
  std::sort(seconds.begin(), seconds.end());
  std::printf(
      "{\"seconds\": %.6f, \"seconds_min\": %.6f, \"seconds_max\": %.6f, \"repeats\": %d, "
      "\"largest_variance\": %.6g}\n",
      seconds[seconds.size() / 2], seconds.front(), seconds.back(), static_cast<int>(repeats),
      largest);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::int64_t> sizes;
  const bool single = argc > 1 && std::string(argv[argc - 1]) == "float32";
  for (int i = 1; i < argc - (single ? 1 : 0); ++i)
    sizes.push_back(std::strtoll(argv[i], nullptr, 10));
  if (sizes.size() != 5 || *std::min_element(sizes.begin(), sizes.end()) < 1) {
    std::fprintf(stderr, "usage: fit_predict TRAIN TEST WIDTH OUTPUTS REPEATS [float32]\n");
    return 2;
  }
  try {
    return run(sizes, single ? ntk::DType::float32 : ntk::DType::float64);
  } catch (const ntk::Error& error) {
    std::fprintf(stderr, "fit_predict: %s\n", error.what());
    return static_cast<int>(error.kind());
  }
}
