// The Gram matrix of a three-layer ReLU network beside BLAS's ssyrk of the same inputs, which no
// kernel of inner products can be faster than by much: both in turn, float32, medians, as JSON.
//
//   gram_over_syrk [N] [d] [repeats]
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <vector>

#include "ntk/ntk.h"

extern "C" void ssyrk_(const char*, const char*, const int*, const int*, const float*, const float*,
                       const int*, const float*, float*, const int*, std::size_t, std::size_t);

namespace {

template <class F>
double seconds(const F& f) {
  const auto begin = std::chrono::steady_clock::now();
  f();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

ntk::Architecture network() {
  ntk::Layers layers;
  for (int i = 0; i < 3; ++i) {
    layers.push_back(ntk::Dense(512, {.W_std = 1.4, .b_std = 0.1}));
    layers.push_back(ntk::Relu());
  }
  layers.push_back(ntk::Dense(1));
  return ntk::serial(layers);
}

}  // namespace

int main(int argc, char** argv) {
  const int n = argc > 1 ? std::atoi(argv[1]) : 8192, d = argc > 2 ? std::atoi(argv[2]) : 784;
  const int repeats = argc > 3 ? std::atoi(argv[3]) : 7;
  if (n <= 0 || d <= 0 || repeats <= 0) {
    std::fprintf(stderr, "usage: gram_over_syrk [N] [d] [repeats], all positive\n");
    return 2;
  }
  ntk::Array x(ntk::DType::float32, {n, d}), nngp(ntk::DType::float32, {n, n}),
      ntk(ntk::DType::float32, {n, n});
  std::mt19937 random(1);
  std::normal_distribution<float> normal;
  for (std::int64_t i = 0; i < x.size(); ++i) x.as<float>()[i] = normal(random);
  const ntk::Architecture net = network();

  const float one = 1, zero = 0;
  std::vector<double> syrk, gram, ratio;
  for (int i = 0; i <= repeats; ++i) {  // the first round is not counted
    const double a = seconds([&] {
      ssyrk_("L", "T", &n, &d, &one, x.as<float>(), &d, &zero, nngp.as<float>(), &n, 1, 1);
    });
    const double b = seconds([&] {
      ntk::gram_into(net, x, {nngp.mutable_view(), ntk.mutable_view()},
                     {.device = ntk::Device::cpu});
    });
    if (i == 0) continue;
    syrk.push_back(a), gram.push_back(b), ratio.push_back(b / a);
  }
  std::printf(
      "{\"n\": %d, \"width\": %d, \"repeats\": %d, \"syrk_seconds\": %.4f, \"gram_seconds\": %.4f, "
      "\"ratio_of_medians\": %.3f, \"median_ratio\": %.3f}\n",
      n, d, repeats, median(syrk), median(gram), median(gram) / median(syrk), median(ratio));
}
