// A wide convolutional network, written out with plain loops, has the kernels that libntk computes:
// agreement to a few standard errors of the sampling.
#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

#include "ntk/gram.h"
#include "tests/support/near.h"

namespace ntk {
namespace {

constexpr int kWidth = 64, kChannels = 2, kExtent = 4, kDraws = 250;
constexpr double kW = 1.3, kB = 0.2;

using Vector = std::vector<double>;

std::size_t at(int a, int b, int n) { return static_cast<std::size_t>(a * n + b); }

double dot(const Vector& a, const Vector& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

// Channels x pixels of a square image.
struct Image {
  int channels, extent;
  Vector x;
  Image(int c, int e) : channels(c), extent(e), x(static_cast<std::size_t>(c * e * e)) {}
  int pixels() const { return extent * extent; }
  double& operator()(int c, int p) { return x[at(c, p, pixels())]; }
  double operator()(int c, int p) const { return x[at(c, p, pixels())]; }
};

// z_p = W_std/sqrt(9 n) sum over channels and taps of W x_(p + t) + b_std b, 0 beside the image.
class Convolution {
 public:
  Convolution(int inputs, std::mt19937_64& random)
      : inputs_(inputs), scale_(kW / std::sqrt(9.0 * inputs)) {
    std::normal_distribution<double> normal;
    w_.resize(static_cast<std::size_t>(kWidth * inputs * 9));
    b_.resize(kWidth);
    for (double& v : w_) v = normal(random);
    for (double& v : b_) v = normal(random);
  }

  Image forward(const Image& x) const {
    Image z(kWidth, x.extent);
    each(x.extent, [&](int p, int q, int t) {
      for (int o = 0; o < kWidth; ++o)
        for (int i = 0; i < inputs_; ++i) z(o, p) += scale_ * w_[weight(o, i, t)] * x(i, q);
    });
    for (int o = 0; o < kWidth; ++o)
      for (int p = 0; p < x.pixels(); ++p) z(o, p) += kB * b_[static_cast<std::size_t>(o)];
    return z;
  }

  // Appends the gradient by the parameters; returns that by x.
  Image backward(const Image& x, const Image& dz, Vector* gradient) const {
    Image dx(inputs_, x.extent);
    Vector dw(w_.size()), db(b_.size());
    each(x.extent, [&](int p, int q, int t) {
      for (int o = 0; o < kWidth; ++o)
        for (int i = 0; i < inputs_; ++i) {
          dw[weight(o, i, t)] += scale_ * x(i, q) * dz(o, p);
          dx(i, q) += scale_ * w_[weight(o, i, t)] * dz(o, p);
        }
    });
    for (int o = 0; o < kWidth; ++o)
      for (int p = 0; p < x.pixels(); ++p) db[static_cast<std::size_t>(o)] += kB * dz(o, p);
    gradient->insert(gradient->end(), dw.begin(), dw.end());
    gradient->insert(gradient->end(), db.begin(), db.end());
    return dx;
  }

 private:
  std::size_t weight(int o, int i, int t) const { return at(at(o, i, inputs_), t, 9); }
  static std::size_t at(std::size_t a, int b, int n) {
    return a * static_cast<std::size_t>(n) + static_cast<std::size_t>(b);
  }
  static std::size_t at(int a, int b, int n) { return at(static_cast<std::size_t>(a), b, n); }

  // Output pixel p sees the input's pixel q by tap t.
  template <class Visit>
  static void each(int extent, Visit visit) {
    for (int p = 0; p < extent * extent; ++p)
      for (int t = 0; t < 9; ++t) {
        const int y = p / extent + t / 3 - 1, x = p % extent + t % 3 - 1;
        if (y >= 0 && y < extent && x >= 0 && x < extent) visit(p, y * extent + x, t);
      }
  }

  int inputs_;
  double scale_;
  Vector w_, b_;
};

Image relu(const Image& z) {
  Image a = z;
  for (double& v : a.x) v = v > 0 ? v : 0;
  return a;
}
void relu_backward(const Image& z, Image& d) {
  for (std::size_t k = 0; k < d.x.size(); ++k) d.x[k] = z.x[k] > 0 ? d.x[k] : 0;
}

int window_of(int p, int extent) { return p / extent / 2 * (extent / 2) + p % extent / 2; }

// Means over windows of 2 x 2.
Image pool(const Image& a) {
  Image means(a.channels, a.extent / 2);
  for (int c = 0; c < a.channels; ++c)
    for (int p = 0; p < a.pixels(); ++p) means(c, window_of(p, a.extent)) += a(c, p) / 4;
  return means;
}
Image pool_backward(const Image& d, int extent) {
  Image da(d.channels, extent);
  for (int c = 0; c < d.channels; ++c)
    for (int p = 0; p < da.pixels(); ++p) da(c, p) = d(c, window_of(p, extent)) / 4;
  return da;
}

// Convolution, ReLU, pool, convolution, ReLU, the mean over all pixels or all of them (Flatten),
// one output.
class Network {
 public:
  Network(bool flatten, std::mt19937_64& random)
      : first_(kChannels, random), second_(kWidth, random), flatten_(flatten) {
    std::normal_distribution<double> normal;
    last_.resize(static_cast<std::size_t>(kWidth * (flatten ? 4 : 1)));
    for (double& v : last_) v = normal(random);
  }

  double output(const Image& x, Vector* gradient) const {
    const Image z1 = first_.forward(x), p1 = pool(relu(z1)), z2 = second_.forward(p1),
                a2 = relu(z2);
    const double scale = 1 / std::sqrt(static_cast<double>(last_.size()));
    Image d2(kWidth, a2.extent);
    Vector features(last_.size());
    for (int c = 0; c < kWidth; ++c)
      for (int p = 0; p < a2.pixels(); ++p) {
        const std::size_t k = flatten_ ? at(c, p, a2.pixels()) : static_cast<std::size_t>(c);
        const double share = scale * (flatten_ ? 1 : 1.0 / a2.pixels());
        features[k] += share * a2(c, p);
        d2(c, p) = share * last_[k];
      }
    *gradient = features;
    relu_backward(z2, d2);
    Image d1 = pool_backward(second_.backward(p1, d2, gradient), x.extent);
    relu_backward(z1, d1);
    first_.backward(x, d1, gradient);
    return dot(features, last_);
  }

 private:
  Convolution first_, second_;
  Vector last_;
  bool flatten_;
};

// As libntk reads images: the channels of each pixel beside each other.
Array array_of(const Image& image) {
  Array a(DType::float64, {1, image.extent, image.extent, image.channels});
  for (int p = 0; p < image.pixels(); ++p)
    for (int c = 0; c < image.channels; ++c) a.as<double>()[p * image.channels + c] = image(c, p);
  return a;
}

struct Mean {
  double sum = 0, squares = 0;
  void add(double v) { sum += v, squares += v * v; }
  double value() const { return sum / kDraws; }
  double error() const { return std::sqrt((squares / kDraws - value() * value()) / kDraws); }
};

TEST(MonteCarloImages, WideConvolutionalNetworksHaveTheKernels) {
  std::mt19937_64 random(3);
  std::normal_distribution<double> normal;
  Image x(kChannels, kExtent), y(kChannels, kExtent);
  for (std::size_t k = 0; k < x.x.size(); ++k) {
    x.x[k] = normal(random);
    y.x[k] = 0.7 * x.x[k] + 0.7 * normal(random);
  }
  const ConvOptions conv{.padding = Padding::same, .W_std = kW, .b_std = kB};
  for (bool flatten : {false, true}) {
    SCOPED_TRACE(flatten ? "Flatten" : "GlobalAvgPool");
    Mean nngp, ntk;
    Vector gx, gy;
    for (int draw = 0; draw < kDraws; ++draw) {
      const Network network(flatten, random);
      nngp.add(network.output(x, &gx) * network.output(y, &gy));
      ntk.add(dot(gx, gy));
    }
    const Kernels k = gram(
        serial(Conv(kWidth, {3, 3}, conv), Relu(), AvgPool({2, 2}, {2, 2}),
               Conv(kWidth, {3, 3}, conv), Relu(), flatten ? Flatten() : GlobalAvgPool(), Dense(1)),
        array_of(x), array_of(y), {.device = Device::cpu});
    // Four standard errors, and the finite width's own bias, which is of order 1/width.
    const double expected[] = {k.nngp.as<double>()[0], k.ntk.as<double>()[0]};
    EXPECT_NEAR(nngp.value(), expected[0], 4 * nngp.error() + 2 * expected[0] / kWidth);
    EXPECT_NEAR(ntk.value(), expected[1], 4 * ntk.error() + 2 * expected[1] / kWidth);
    EXPECT_LT(4 * ntk.error(), 0.2 * expected[1]) << "the test would see nothing";
  }
}

}  // namespace
}  // namespace ntk
