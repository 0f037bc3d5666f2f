// A wide network, written out with plain loops, has the kernels that libntk computes: agreement to
// a few standard errors of the sampling.
#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

#include "ntk/gram.h"
#include "tests/support/near.h"

namespace ntk {
namespace {

constexpr int kWidth = 128, kInputs = 4, kDraws = 400;
constexpr double kW = 1.3, kB = 0.2;  // of every layer

using Vector = std::vector<double>;

struct Phi {
  double (*value)(double);
  double (*slope)(double);
};

// z = W_std/sqrt(n) W x + b_std b, two hidden layers, one output; f and its gradient by backward
// propagation, in the ntk parameterization.
class Network {
 public:
  Network(Phi phi, std::mt19937_64& random) : phi_(phi) {
    std::normal_distribution<double> normal;
    auto draw = [&](Vector& v, int n) {
      v.resize(static_cast<std::size_t>(n));
      for (double& x : v) x = normal(random);
    };
    draw(w1_, kWidth * kInputs), draw(b1_, kWidth);
    draw(w2_, kWidth * kWidth), draw(b2_, kWidth);
    draw(w3_, kWidth), draw(b3_, 1);
  }

  double output(const Vector& x, Vector* gradient) const {
    Vector z1(kWidth), z2(kWidth), a1(kWidth), a2(kWidth);
    const double s1 = kW / std::sqrt(kInputs), s = kW / std::sqrt(kWidth);
    for (int i = 0; i < kWidth; ++i) {
      z1[i] = kB * b1_[i];
      for (int k = 0; k < kInputs; ++k) z1[i] += s1 * w1_[i * kInputs + k] * x[k];
      a1[i] = phi_.value(z1[i]);
    }
    for (int i = 0; i < kWidth; ++i) {
      z2[i] = kB * b2_[i];
      for (int k = 0; k < kWidth; ++k) z2[i] += s * w2_[i * kWidth + k] * a1[k];
      a2[i] = phi_.value(z2[i]);
    }
    double f = kB * b3_[0];
    for (int i = 0; i < kWidth; ++i) f += s * w3_[i] * a2[i];

    gradient->clear();
    Vector d2(kWidth), d1(kWidth, 0);
    for (int i = 0; i < kWidth; ++i) {
      gradient->push_back(s * a2[i]);
      d2[i] = s * w3_[i] * phi_.slope(z2[i]);
    }
    gradient->push_back(kB);
    for (int i = 0; i < kWidth; ++i) {
      gradient->push_back(kB * d2[i]);
      for (int k = 0; k < kWidth; ++k) {
        gradient->push_back(s * a1[k] * d2[i]);
        d1[k] += s * w2_[i * kWidth + k] * d2[i];
      }
    }
    for (int k = 0; k < kWidth; ++k) {
      d1[k] *= phi_.slope(z1[k]);
      gradient->push_back(kB * d1[k]);
      for (int j = 0; j < kInputs; ++j) gradient->push_back(s1 * x[j] * d1[k]);
    }
    return f;
  }

 private:
  Phi phi_;
  Vector w1_, b1_, w2_, b2_, w3_, b3_;
};

double dot(const Vector& a, const Vector& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

struct Case {
  const char* name;
  Phi phi;
  Layer layer;
};

void expect_agreement(const Case& c) {
  const Vector x = {1.0, -0.4, 0.3, 0.8}, y = {0.2, 0.9, -0.5, 1.1};
  std::mt19937_64 random(11);
  double f_sum = 0, f_square = 0, ntk_sum = 0, ntk_square = 0;
  Vector gx, gy;
  for (int draw = 0; draw < kDraws; ++draw) {
    const Network network(c.phi, random);
    const double f = network.output(x, &gx) * network.output(y, &gy), ntk = dot(gx, gy);
    f_sum += f, f_square += f * f;
    ntk_sum += ntk, ntk_square += ntk * ntk;
  }
  const DenseOptions dense{.W_std = kW, .b_std = kB};
  const Kernels k = gram(
      serial(Dense(kWidth, dense), c.layer, Dense(kWidth, dense), c.layer, Dense(1, dense)),
      view_of(x.data(), {1, kInputs}), view_of(y.data(), {1, kInputs}), {.device = Device::cpu});
  auto standard_error = [](double sum, double square) {
    const double mean = sum / kDraws;
    return std::sqrt((square / kDraws - mean * mean) / kDraws);
  };
  // Four standard errors, and the finite width's own bias, which is of order 1/width.
  const double nngp = k.nngp.as<double>()[0], ntk = k.ntk.as<double>()[0];
  EXPECT_NEAR(f_sum / kDraws, nngp,
              4 * standard_error(f_sum, f_square) + std::abs(nngp) * 2 / kWidth)
      << c.name;
  EXPECT_NEAR(ntk_sum / kDraws, ntk,
              4 * standard_error(ntk_sum, ntk_square) + std::abs(ntk) * 2 / kWidth)
      << c.name;
  EXPECT_LT(4 * standard_error(ntk_sum, ntk_square), 0.2 * ntk) << "the test would see nothing";
}

TEST(MonteCarlo, WideNetworksHaveTheKernels) {
  const double root_pi = std::sqrt(std::acos(-1.0)), root_two_pi = root_pi * std::sqrt(2.0);
  static double two_over_root_pi, one_over_root_two_pi;
  two_over_root_pi = 2 / root_pi;
  one_over_root_two_pi = 1 / root_two_pi;
  const Case cases[] = {
      {"Relu",
       {[](double v) { return v > 0 ? v : 0; }, [](double v) { return v > 0 ? 1.0 : 0.0; }},
       Relu()},
      {"LeakyRelu",
       {[](double v) { return v > 0 ? v : 0.3 * v; }, [](double v) { return v > 0 ? 1.0 : 0.3; }},
       LeakyRelu(0.3)},
      {"Abs",
       {[](double v) { return std::abs(v); }, [](double v) { return v > 0 ? 1.0 : -1.0; }},
       Abs()},
      {"Erf",
       {[](double v) { return std::erf(v); },
        [](double v) { return two_over_root_pi * std::exp(-v * v); }},
       Erf()},
      {"Gelu",
       {[](double v) { return v * 0.5 * std::erfc(-v / std::sqrt(2.0)); },
        [](double v) {
          return 0.5 * std::erfc(-v / std::sqrt(2.0)) +
                 v * one_over_root_two_pi * std::exp(-v * v / 2);
        }},
       Gelu()},
      {"Sign", {[](double v) { return v > 0 ? 1.0 : -1.0; }, [](double) { return 0.0; }}, Sign()},
  };
  for (const Case& c : cases) expect_agreement(c);
}

}  // namespace
}  // namespace ntk
