// Training as it goes: an ensemble of infinitely wide networks under gradient flow, at several
// times.
#include <cmath>
#include <cstdio>
#include <optional>
#include <vector>

#include "ntk/ntk.h"

int main() {
  const ntk::Array x = ntk::Array::of<double>({-1.5, -1, -0.3, 0.4, 1.1, 1.6}, {6, 1});
  const ntk::Array y = ntk::Array::of<double>({0.9, 0.2, -0.6, -0.4, 0.5, 1.2}, {6});
  const ntk::Array x_new = ntk::Array::of<double>({0.75}, {1, 1});

  const auto net =
      ntk::serial(ntk::Dense(512, {.W_std = 1.5, .b_std = 0.5}), ntk::Relu(),
                  ntk::Dense(512, {.W_std = 1.5, .b_std = 0.5}), ntk::Relu(), ntk::Dense(1));
  const ntk::Kernels train = ntk::gram(net, x), cross = ntk::gram(net, x_new, x);
  const ntk::Kernels own = ntk::gram(net, x_new);
  const double fastest = ntk::max_learning_rate(train.ntk, y.size());
  std::printf("gradient descent converges up to a learning rate of %.3f; here it is 0.1\n\n",
              fastest);

  const ntk::Ensemble ensemble(train.nngp, train.ntk, y, 0.1);
  std::printf("   steps   training loss    at x = 0.75\n");
  const std::vector<std::optional<double>> times = {0, 1, 10, 30, 100, 300, std::nullopt};
  for (const auto& t : times) {
    const ntk::Prediction seen = ensemble.train(t);
    double loss = 0;  // of the ensemble's mean
    for (std::int64_t i = 0; i < y.size(); ++i)
      loss += std::pow(seen.mean.as<double>()[i] - y.as<double>()[i], 2) / 2 /
              static_cast<double>(y.size());
    const ntk::Prediction p = ensemble.test(t, cross.nngp, cross.ntk, ntk::Cov::full, own.nngp);
    std::printf("%8.0f %15.6f %10.4f +- %.4f\n", t.value_or(INFINITY), std::abs(loss),
                p.mean.as<double>()[0], std::sqrt(p.cov.as<double>()[0]));
  }
}
