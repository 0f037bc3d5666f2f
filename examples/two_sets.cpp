// The kernels between two sets of samples: how alike a deep ReLU network finds two directions.
#include <cmath>
#include <cstdio>
#include <vector>

#include "ntk/ntk.h"

int main() {
  constexpr double kPi = 3.14159265358979323846;
  const std::vector<double> east = {1, 0};  // one sample of two numbers
  std::vector<double> directions;           // seven of them, 30 degrees apart
  for (int i = 0; i < 7; ++i) {
    directions.push_back(std::cos(i * kPi / 6));
    directions.push_back(std::sin(i * kPi / 6));
  }

  ntk::Layers layers;
  for (int i = 0; i < 5; ++i) {
    layers.push_back(ntk::Dense(1, {.W_std = std::sqrt(2.0)}));
    layers.push_back(ntk::Relu());
  }
  layers.push_back(ntk::Dense(1));

  // Views: nothing is copied on the way in.
  const ntk::Kernels k = ntk::gram(ntk::serial(layers), ntk::view_of(directions.data(), {7, 2}),
                                   ntk::view_of(east.data(), {1, 2}));
  std::printf("angle   NNGP     NTK\n");
  for (int i = 0; i < 7; ++i)
    std::printf("%5d %7.4f %7.4f\n", 30 * i, k.nngp.as<double>()[i], k.ntk.as<double>()[i]);
}
