// The kernels of a network of images against draws of the same network at a finite width
// (finite_network.h): agreement to a few standard errors of the sampling, at every pair of pixels
// of the output.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "ntk/gram.h"
#include "tests/support/finite_network.h"
#include "tests/support/random_networks.h"

namespace ntk::testing {

using finite::Image;
using finite::LayerPointer;
using finite::Matrix;

constexpr int kWidth = 128;
constexpr int kOutputs = 16;  // channels of the output, whose covariances are all K
constexpr int kDraws = kSanitized ? 40 : 500;
constexpr double kMaskConstant = 7.5;

struct FiniteCase {
  std::string name;
  Architecture infinite;
  LayerPointer finite;
  Shape sample;
  double bias = 0;               // the finite width's own, over sqrt(K(x, x) K(y, y))
  std::vector<int> masked = {};  // pixels of the second sample
  std::vector<Matrix> patterns = {};
};

// Pixels are alike, and so are the two samples, so that no covariance is close to 0.
inline std::vector<Image> samples_of(const FiniteCase& c) {
  const int channels = static_cast<int>(c.sample.back());
  const int pixels = static_cast<int>(element_count(c.sample)) / channels;
  std::mt19937_64 random(3);
  std::normal_distribution<double> normal;
  std::vector<Image> samples(2, Image(pixels, channels));
  for (double& value : samples[0].v) value = 0.7 + normal(random);
  for (std::size_t i = 0; i < samples[1].v.size(); ++i)
    samples[1].v[i] = 0.4 * samples[0].v[i] + 0.6 * normal(random) + 0.2;
  samples[1].sample = 1;
  for (const int p : c.masked) {
    samples[1].there[p] = 0;
    std::fill(samples[1][p], samples[1][p] + channels, 0.0);
  }
  return samples;
}

inline Kernels kernels_of_case(const FiniteCase& c, const std::vector<Image>& samples) {
  Shape shape = {2};
  shape.insert(shape.end(), c.sample.begin(), c.sample.end());
  std::vector<double> x, pattern;
  for (const Image& sample : samples)
    for (int p = 0; p < sample.rows; ++p)
      for (int k = 0; k < sample.columns; ++k)
        x.push_back(sample.there[p] ? sample[p][k] : kMaskConstant);
  GramOptions options{.device = Device::cpu};
  if (!c.masked.empty()) options.mask_constant = kMaskConstant;
  for (const Matrix& p : c.patterns) pattern.insert(pattern.end(), p.v.begin(), p.v.end());
  if (!c.patterns.empty())
    options.pattern1 = view_of(pattern.data(), {2, c.patterns[0].rows, c.patterns[0].rows});
  return gram(c.infinite, view_of(x.data(), shape), options);
}

// Of a kernel 2 x 2 x H x H x W x W: pixel p of sample i and pixel q of sample j.
inline double entry(const Array& kernel, int i, int p, int j, int q) {
  std::int64_t at = 0, of_pair = 2 * i + j, step = 1;
  for (std::size_t axis = kernel.shape().size(); axis > 2; axis -= 2) {
    const std::int64_t extent = kernel.shape()[axis - 1];
    at += step * (p % extent * extent + q % extent);
    step *= extent * extent;
    p = static_cast<int>(p / extent), q = static_cast<int>(q / extent);
  }
  return kernel.as<double>()[of_pair * step + at];
}

class Mean {
 public:
  void add(double x) { sum_ += x, square_ += x * x, ++count_; }
  double value() const { return sum_ / count_; }
  double standard_error() const {
    return std::sqrt(std::max(square_ / count_ - value() * value(), 0.0) / count_);
  }

 private:
  double sum_ = 0, square_ = 0;
  int count_ = 0;
};

// Pixels of the output at which the NTK is looked at.
inline std::vector<int> probes_of(int pixels) {
  std::vector<int> probes = {0};
  if (pixels > 2) probes.push_back(pixels / 2);
  if (pixels > 1) probes.push_back(pixels - 1);
  return probes;
}

// What a network's draws say of one kernel: of each pair of samples, and of their pixels.
struct Estimate {
  Estimate(const char* n, std::vector<int> p)
      : name(n), pixels(std::move(p)), means(4 * pixels.size() * pixels.size()) {}

  Mean& at(int i, std::size_t a, int j, std::size_t b) {
    return means[((2 * i + j) * pixels.size() + a) * pixels.size() + b];
  }

  const char* name;
  std::vector<int> pixels;
  std::vector<Mean> means;
};

// Five standard errors, and the finite width's own bias, of order 1/width.
inline void compare(const FiniteCase& c, const Array& kernel, Estimate& found) {
  const auto diagonal = [&](int i, std::size_t a) {
    return entry(kernel, i, found.pixels[a], i, found.pixels[a]);
  };
  double worst = 0, resolution = 0;
  for (const auto& [i, j] : {std::pair{0, 0}, {0, 1}, {1, 1}})
    for (std::size_t a = 0; a < found.pixels.size(); ++a)
      for (std::size_t b = 0; b < found.pixels.size(); ++b) {
        const double expected = entry(kernel, i, found.pixels[a], j, found.pixels[b]);
        const double scale = std::sqrt(diagonal(i, a) * diagonal(j, b));
        const Mean& mean = found.at(i, a, j, b);
        const double bias = c.bias * scale;
        EXPECT_NEAR(mean.value(), expected, 5 * mean.standard_error() + bias + 1e-12 * scale)
            << c.name << ", " << found.name << " of samples " << i << ", " << j << " at pixels "
            << found.pixels[a] << ", " << found.pixels[b];
        if (scale > 0) {
          worst = std::max(worst, std::abs(mean.value() - expected) / scale);
          resolution = std::max(resolution, (5 * mean.standard_error() + bias) / scale);
        }
      }
  if (!kSanitized) {
    EXPECT_LT(resolution, 0.2) << c.name << ": the test would see nothing";
  }
  std::printf("%-40s %s: off by %.3f, %.3f allowed\n", c.name.c_str(), found.name, worst,
              resolution);
}

inline void expect_agreement(const FiniteCase& c) {
  const std::vector<Image> samples = samples_of(c);
  const Kernels k = kernels_of_case(c, samples);
  finite::Random random(11);
  c.finite->draw(random);
  const int pixels = c.finite->forward(samples[0]).rows;
  std::vector<int> all(pixels);
  for (int p = 0; p < pixels; ++p) all[p] = p;
  ASSERT_EQ(k.nngp.size(), 4 * pixels * pixels);
  Estimate nngp("K", all), ntk("Theta", probes_of(pixels));
  std::vector<finite::Vector> gradients[2];
  for (auto& of_sample : gradients) of_sample.resize(ntk.pixels.size());
  for (int draw = 0; draw < kDraws; ++draw) {
    c.finite->draw(random);
    Image outputs[2];
    for (int i : {0, 1}) {
      outputs[i] = c.finite->forward(samples[i]);
      for (std::size_t a = 0; a < ntk.pixels.size(); ++a) {
        Image only(pixels, kOutputs);
        only[ntk.pixels[a]][0] = 1;
        gradients[i][a].clear();
        c.finite->backward(only, gradients[i][a]);
      }
    }
    for (const auto& [i, j] : {std::pair{0, 0}, {0, 1}, {1, 1}}) {
      for (int p = 0; p < pixels; ++p)
        for (int q = 0; q < pixels; ++q)
          nngp.at(i, p, j, q).add(finite::dot(outputs[i][p], outputs[j][q], kOutputs) / kOutputs);
      for (std::size_t a = 0; a < ntk.pixels.size(); ++a)
        for (std::size_t b = 0; b < ntk.pixels.size(); ++b) {
          const finite::Vector &g = gradients[i][a], &h = gradients[j][b];
          ntk.at(i, a, j, b).add(finite::dot(g.data(), h.data(), static_cast<int>(g.size())));
        }
    }
  }
  compare(c, k.nngp, nngp);
  compare(c, k.ntk, ntk);
}

}  // namespace ntk::testing
