// A Gaussian process: regression of a curve from a few noisy points, and how sure it is where.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

#include "ntk/ntk.h"

int main() {
  const std::vector<double> x = {-2.6, -2.1, -1.7, -1.2, -0.6, 0.9, 1.4, 1.9, 2.3};
  std::vector<double> y;
  for (const double at : x) y.push_back(std::sin(2 * at) + 0.03 * std::cos(40 * at));
  std::vector<double> grid;
  for (double at = -2.75; at < 2.51; at += 0.25) grid.push_back(at);
  const auto n = static_cast<std::int64_t>(x.size()), m = static_cast<std::int64_t>(grid.size());

  const auto net = ntk::serial(ntk::Dense(512, {.W_std = 8, .b_std = 4}), ntk::Erf(),
                               ntk::Dense(512, {.W_std = 2, .b_std = 0.2}), ntk::Erf(),
                               ntk::Dense(1, {.W_std = 1.5}));
  const ntk::Model model = ntk::fit(
      net, ntk::view_of(x.data(), {n, 1}), ntk::view_of(y.data(), {n}),
      {.kernel = ntk::KernelKind::nngp, .diag_reg = 0.03 * 0.03, .diag_reg_absolute = true});
  const ntk::Prediction p =
      model.predict(ntk::view_of(grid.data(), {m, 1}), {.cov = ntk::Cov::diag});

  std::printf("    x    mean   sigma   o the mean, | two sigma, * the truth\n");
  for (std::int64_t i = 0; i < m; ++i) {
    const double at = grid[static_cast<std::size_t>(i)], mean = p.mean.as<double>()[i];
    const double sigma = std::sqrt(std::max(0.0, p.cov.as<double>()[i]));
    std::string row(64, ' ');
    const auto put = [&row](double value, char mark) {
      row[static_cast<std::size_t>(std::lround(std::clamp(value, -1.9, 1.9) * 16) + 31)] = mark;
    };
    put(mean - 2 * sigma, '|'), put(mean + 2 * sigma, '|'), put(std::sin(2 * at), '*');
    put(mean, 'o');
    std::printf("%5.2f %7.3f %7.3f   %s\n", at, mean, sigma, row.c_str());
  }
}
