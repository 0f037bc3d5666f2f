// Gram matrices of a table whose samples are nearly parallel, beside those of a table of the same
// shape whose samples are not: float32 and float64 in turn, medians, and the largest error of
// float32, over sqrt(K_ii K_jj), as JSON. The table's rows are repeated, each number times
// 1 + 1e-3 z with normal z, until there are N.
//
//   crowded_gram FILE.npz:X [N] [repeats] [network]
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <vector>

#include "ntk/ntk.h"

namespace {

using ntk::Array;
using ntk::DType;

Array repeated(const Array& table, std::int64_t n) {
  const std::int64_t d = table.shape()[1];
  Array x(DType::float32, {n, d});
  std::mt19937 random(1);
  std::normal_distribution<double> normal;
  for (std::int64_t i = 0; i < n * d; ++i)
    x.as<float>()[i] =
        static_cast<float>(table.as<float>()[i % table.size()] * (1 + 1e-3 * normal(random)));
  return x;
}

Array random_like(const Array& table) {
  Array x(DType::float32, table.shape());
  std::mt19937 random(2);
  std::normal_distribution<float> normal;
  for (std::int64_t i = 0; i < x.size(); ++i) x.as<float>()[i] = normal(random);
  return x;
}

// Kernels of one table in both precisions, into memory that is there already.
struct Job {
  const ntk::Architecture& net;
  Array x;
  Array nngp[2], ntk[2];  // float32, float64
  std::vector<double> seconds[2];

  Job(const ntk::Architecture& network, Array table) : net(network), x(std::move(table)) {
    const std::int64_t n = x.shape()[0];
    for (const int wide : {0, 1})
      for (Array* kernel : {&nngp[wide], &ntk[wide]})
        *kernel = Array(wide ? DType::float64 : DType::float32, {n, n});
  }

  void run(bool counts) {
    for (const int wide : {0, 1}) {
      const auto begin = std::chrono::steady_clock::now();
      ntk::gram_into(net, x, {nngp[wide].mutable_view(), ntk[wide].mutable_view()},
                     {.device = ntk::Device::cpu, .dtype = nngp[wide].dtype()});
      const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - begin;
      if (counts) seconds[wide].push_back(passed.count());
    }
  }

  double median(int wide) {
    std::sort(seconds[wide].begin(), seconds[wide].end());
    return seconds[wide][seconds[wide].size() / 2];
  }

  static double error(const Array& single, const Array& wide) {
    const std::int64_t n = wide.shape()[0];
    const double* const k = wide.as<double>();
    double worst = 0;
    for (std::int64_t i = 0; i < n; ++i)
      for (std::int64_t j = 0; j < n; ++j)
        worst = std::max(worst, std::abs(single.as<float>()[i * n + j] - k[i * n + j]) /
                                    std::sqrt(k[i * n + i] * k[j * n + j]));
    return worst;
  }

  void report(const char* name, const char* end) {
    std::printf(
        "  \"%s\": {\"float32_seconds\": %.4f, \"float64_seconds\": %.4f, \"ratio\": %.3f, "
        "\"nngp_error\": %.2e, \"ntk_error\": %.2e}%s\n",
        name, median(0), median(1), median(0) / median(1), error(nngp[0], nngp[1]),
        error(ntk[0], ntk[1]), end);
  }
};

// Of all pairs, how many are within 1e-3 of parallel.
double nearly_parallel(const Array& x) {
  const std::int64_t n = x.shape()[0], d = x.shape()[1];
  std::vector<double> unit(x.as<float>(), x.as<float>() + x.size());
  for (std::int64_t i = 0; i < n; ++i) {
    double squares = 0;
    for (std::int64_t k = 0; k < d; ++k) squares += unit[i * d + k] * unit[i * d + k];
    for (std::int64_t k = 0; k < d; ++k) unit[i * d + k] /= std::sqrt(squares);
  }
  std::int64_t near = 0;
  for (std::int64_t i = 0; i < n; ++i)
    for (std::int64_t j = 0; j < i; ++j) {
      double rho = 0;
      for (std::int64_t k = 0; k < d; ++k) rho += unit[i * d + k] * unit[j * d + k];
      near += 1 - std::abs(rho) < 1e-3;
    }
  return static_cast<double>(near) / (0.5 * static_cast<double>(n) * static_cast<double>(n - 1));
}

}  // namespace

int main(int argc, char** argv) {
  const int n = argc > 2 ? std::atoi(argv[2]) : 4096, repeats = argc > 3 ? std::atoi(argv[3]) : 5;
  if (argc < 2 || n < 2 || repeats < 1) {
    std::fprintf(stderr, "usage: crowded_gram FILE.npz:X [N] [repeats] [network]\n");
    return 2;
  }
  const ntk::Architecture net = ntk::parse_architecture(
      argc > 4 ? argv[4]
               : "serial(repeat(serial(Dense(512, W_std=1.4, b_std=0.1), Relu()), 3), Dense(1))");
  const Array table = ntk::read_array(argv[1]);
  Job crowded(net, repeated(table.converted_to(DType::float32), n));
  Job spread(net, random_like(crowded.x));
  for (int i = 0; i <= repeats; ++i) {  // the first round is not counted
    crowded.run(i > 0);
    spread.run(i > 0);
  }
  std::printf("{\"n\": %d, \"width\": %d, \"repeats\": %d, \"nearly_parallel\": %.3f,\n", n,
              static_cast<int>(crowded.x.shape()[1]), repeats, nearly_parallel(crowded.x));
  crowded.report("crowded", ",");
  spread.report("spread", ",");
  std::printf("  \"crowded_over_spread\": %.3f}\n", crowded.median(0) / spread.median(0));
}
