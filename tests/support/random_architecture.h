// Networks drawn at random; all of them are valid.
#pragma once

#include <cmath>
#include <random>

#include "ntk/architecture.h"

namespace ntk {

// any: of every magnitude, with all their digits; ordinary: such as people use.
enum class Numbers { any, ordinary };

class RandomArchitectures {
 public:
  explicit RandomArchitectures(unsigned seed, Numbers numbers = Numbers::any)
      : random_(seed), numbers_(numbers) {}

  Architecture next() {
    parameterization_ = below(2) ? Parameterization::standard : Parameterization::ntk;
    Layers layers;
    if (below(4) == 0) layers.push_back(Flatten());
    if (below(4) == 0) layers.push_back(Identity());
    layers.push_back(dense());
    append(layers, 3);
    if (below(3) == 0) layers.push_back(activation());
    return Architecture(std::move(layers), parameterization_);
  }

 private:
  static constexpr std::int64_t kWidth = 24;

  // Layers that take a Gaussian input of any width and give one of kWidth.
  void append(Layers& layers, int depth) {
    for (unsigned n = below(4); n > 0; --n) {
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
      layers.push_back(dense());
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

  Layer dense() {
    DenseOptions options;
    if (below(2)) options.W_std = deviation();
    if (below(2)) options.b_std = below(3) ? deviation() : 0;
    if (parameterization_ == Parameterization::standard && below(2)) options.s = {3, 2};
    options.trainable = below(3) != 0;
    return Dense(options.s[1] == 2 ? kWidth / 2 : kWidth, options);
  }

  Layer activation() {
    switch (below(7)) {
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
      default:
        return Gelu();
    }
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
  Parameterization parameterization_ = Parameterization::ntk;
};

}  // namespace ntk
