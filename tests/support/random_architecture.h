// Networks drawn at random; all of them are valid.
#pragma once

#include <cmath>
#include <random>

#include "ntk/architecture.h"

namespace ntk {

// any: of every magnitude, with all their digits; ordinary: such as people use.
enum class Numbers { any, ordinary };
// all: every layer and join there is, nested one level deeper.
enum class Ops { basic, all };

class RandomArchitectures {
 public:
  explicit RandomArchitectures(unsigned seed, Numbers numbers = Numbers::any, Ops ops = Ops::basic)
      : random_(seed), numbers_(numbers), ops_(ops) {}

  // Of images: convolutions among the weight layers, and one pooling layer.
  Architecture next_of_images() {
    parameterization_ = below(2) ? Parameterization::standard : Parameterization::ntk;
    images_ = true;
    Layers layers = {conv()};
    append(layers, ops_ == Ops::all ? 4 : 3);
    if (below(2)) layers.push_back(activation());
    layers.push_back(below(2) ? GlobalAvgPool() : Flatten());
    images_ = false;
    for (unsigned n = below(3); n > 0; --n) {
      layers.push_back(dense());
      if (below(2)) layers.push_back(activation());
      if (below(2)) layers.push_back(dense());
    }
    return Architecture(std::move(layers), parameterization_);
  }

  Architecture next() {
    parameterization_ = below(2) ? Parameterization::standard : Parameterization::ntk;
    Layers layers;
    if (below(4) == 0) layers.push_back(Flatten());
    if (below(4) == 0) layers.push_back(Identity());
    layers.push_back(dense());
    append(layers, ops_ == Ops::all ? 4 : 3);
    if (below(3) == 0) layers.push_back(activation());
    return Architecture(std::move(layers), parameterization_);
  }

 private:
  static constexpr std::int64_t kWidth = 24;

  // Layers that take a Gaussian input of any width and give one of kWidth.
  void append(Layers& layers, int depth) {
    for (unsigned n = below(4); n > 0; --n) {
      if (ops_ == Ops::all && below(3) == 0) {
        append_other(layers, depth);
      } else {
        append_basic(layers, depth);
      }
      layers.push_back(dense());
    }
  }

  void append_basic(Layers& layers, int depth) {
    switch (below(depth > 0 ? 5 : 2)) {
      case 0:
        layers.push_back(activation());
        break;
      case 1:
        layers.push_back(Identity());
        break;
      case 2:
        layers.push_back(dense()), layers.push_back(Residual(body(depth - 1)));
        break;
      case 3:
        layers.push_back(parallel(depth - 1));
        break;
      default:
        layers.push_back(Repeat(1 + below(9), body(depth - 1)));
        break;
    }
  }

  // What Ops::basic does not have.
  void append_other(Layers& layers, int depth) {
    switch (below(depth > 0 ? 4 : 2)) {
      case 0:
        layers.push_back(LayerNorm(below(2)  ? -1
                                   : images_ ? 3
                                             : 1,
                                   below(2) ? deviation() : 1e-12));
        if (below(2)) layers.push_back(activation());
        break;
      case 1:
        if (below(2)) layers.push_back(activation());
        layers.push_back(dropout());
        break;
      default:
        layers.push_back(joined(depth - 1));
        break;
    }
  }

  Layers body(int depth) {
    Layers layers;
    if (below(2)) layers.push_back(activation());
    layers.push_back(dense());
    append(layers, depth);
    return layers;
  }

  Layer parallel(int depth) {
    std::vector<Layers> branches;
    for (unsigned n = 1 + below(3); n > 0; --n) branches.push_back(body(depth));
    return Parallel(std::move(branches));
  }

  // Of branches that need not be Gaussian, and for FanInConcat not of one width.
  Layer joined(int depth) {
    const Join join = below(2) ? Join::fan_in_prod : Join::fan_in_concat;
    std::vector<Layers> branches;
    for (unsigned n = 1 + below(3); n > 0; --n) {
      branches.push_back(body(depth));
      if (join == Join::fan_in_concat && below(2)) branches.back().push_back(Dense(1 + below(50)));
      if (below(2)) branches.back().push_back(activation());
    }
    return Parallel(std::move(branches), join);
  }

  Layer conv() {
    ConvOptions options;
    options.padding = Padding::same;
    const std::int64_t channels = weights(options);
    return Conv(channels, {1 + below(4), 1 + below(4)}, options);
  }

  Layer dense() {
    if (images_ && below(3)) return conv();
    DenseOptions options;
    const std::int64_t width = weights(options);
    return Dense(width, options);
  }

  // Gives the width of the layer, which is kWidth behind the scales.
  template <class Options>
  std::int64_t weights(Options& options) {
    if (below(2)) options.W_std = deviation();
    if (below(2)) options.b_std = below(3) ? deviation() : 0;
    if (parameterization_ == Parameterization::standard && below(2)) options.s = {3, 2};
    options.trainable = below(3) != 0;
    return options.s[1] == 2 ? kWidth / 2 : kWidth;
  }

  Layer dropout() {
    const double rate = std::uniform_real_distribution(0.1, 1.0)(random_);
    return Dropout(rate, below(4) ? DropoutMode::train : DropoutMode::test);
  }

  Layer activation() {
    const unsigned basic = 7, all = 27;
    switch (below(ops_ == Ops::all ? all : basic)) {
      case 0:
        return Relu();
      case 1:
        return LeakyRelu(parameter());
      case 2:
        return ABRelu(parameter(), parameter());
      case 3:
        return Abs();
      case 4:
        return Sign();
      case 5:
        return Erf(parameter(), below(2) ? parameter() : 1, below(2) ? parameter() : 0);
      case 6:
        return Gelu(ops_ == Ops::all && below(2) == 0);
      case 7:
        return Sigmoid_like();
      case 8:
        return Sin(parameter(), below(2) ? parameter() : 1, below(2) ? parameter() : 0);
      case 9:
        return Cos(below(2) ? parameter() : 1, parameter(), parameter());
      case 10:
        return Rbf(below(2) ? deviation() : 1);
      case 11:
        return Gaussian(parameter(), below(2) ? -deviation() : -1);
      case 12:
        return numbers_ == Numbers::ordinary ? Exp(0.5, 0.3) : Exp(parameter(), parameter());
      case 13:
        return ExpNormalized(deviation(), parameter(), below(2) == 0);
      case 14:
        return Gabor();
      case 15:
        return Hermite(degree());
      case 16:
        return Monomial(degree());
      case 17:
        return RectifiedMonomial(degree());
      case 18:
        return polynomial();
      case 19:
        return Tanh();
      case 20:
        return Sigmoid();
      case 21:
        return Softplus();
      case 22:
        return Swish();
      case 23:
        return Mish();
      case 24:
        return below(2) ? Elu() : Elu(parameter());
      case 25:
        return Selu();
      default:
        return table();
    }
  }

  std::int64_t degree() { return below(numbers_ == Numbers::ordinary ? 4 : 65); }

  Layer polynomial() {
    std::vector<double> coef(1 + below(numbers_ == Numbers::ordinary ? 4 : 65));
    for (double& c : coef) c = parameter();
    return Polynomial(std::move(coef));
  }

  // A bounded function through points that stand up to 2 apart.
  Layer table() {
    std::vector<double> x, phi, dphi;
    double at = -5;
    for (unsigned n = 2 + below(9); n > 0; --n) {
      x.push_back(at += std::uniform_real_distribution(0.1, 2.0)(random_));
      phi.push_back(std::uniform_real_distribution(-1.0, 1.0)(random_));
      dphi.push_back(std::uniform_real_distribution(-1.0, 1.0)(random_));
    }
    return ElementwiseTable(std::move(x), std::move(phi), std::move(dphi));
  }

  double deviation() {
    if (numbers_ == Numbers::ordinary) return std::uniform_real_distribution(0.3, 1.6)(random_);
    return std::abs(parameter());
  }
  double parameter() {
    if (numbers_ == Numbers::ordinary) return std::uniform_real_distribution(-1.5, 1.5)(random_);
    return std::ldexp(std::uniform_real_distribution(-1.0, 1.0)(random_),
                      static_cast<int>(below(600)) - 300);
  }

  unsigned below(unsigned n) { return std::uniform_int_distribution(0u, n - 1)(random_); }

  std::mt19937 random_;
  Numbers numbers_;
  Ops ops_;
  bool images_ = false;
  Parameterization parameterization_ = Parameterization::ntk;
};

}  // namespace ntk
