// Kernels of convolutional networks.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <random>

#include "ntk/error.h"
#include "src/infinite/lower.h"
#include "tests/support/backends.h"
#include "tests/support/kernels_on.h"
#include "tests/support/near.h"
#include "tests/support/random_architecture.h"

namespace ntk {
namespace {

using testing::epsilon;
using ::testing::HasSubstr;
using testing::kernel_error;
using testing::kernels_on;
using testing::value_at;

ConvOptions same(double W_std = 1.4, std::optional<double> b_std = 0.1) {
  return {.padding = Padding::same, .W_std = W_std, .b_std = b_std};
}

Array random_images(const Shape& shape, unsigned seed) {
  Array x(DType::float64, shape);
  std::mt19937 random(seed);
  std::normal_distribution<double> normal;
  for (std::int64_t i = 0; i < x.size(); ++i) x.as<double>()[i] = normal(random);
  return x;
}

Architecture deep(int layers, const Layer& activation, const Layer& pooling) {
  Layers all;
  for (int i = 0; i < layers; ++i) all.insert(all.end(), {Conv(16, {3, 3}, same()), activation});
  all.insert(all.end(), {pooling, Dense(1)});
  return serial(all);
}

// Of the images below one has pixels that are parallel and not equal: ρ = 1 at different
// deviations, where convolution keeps ε times their squared difference (docs/design.md).
constexpr std::int64_t kImages = 7, kGrey = 3;

// Images of very different kinds: ordinary, a near-duplicate, with black and with grey regions, of
// other magnitudes, black. The same numbers for both precisions.
Array awkward_images(std::int64_t height, std::int64_t width, std::int64_t channels, DType dtype) {
  Array x = random_images({kImages, height, width, channels}, 5);
  const std::int64_t size = height * width * channels;
  double* const v = x.as<double>();
  for (std::int64_t k = 0; k < size; ++k) {
    const bool border = k / channels % width == 0 || k / channels / width == 0;
    v[size + k] = v[k] * (1 + 1e-5 * v[2 * size + k]);
    v[2 * size + k] = border ? 0 : v[2 * size + k];
    v[3 * size + k] = border ? 0.5 : 0.9;
    v[4 * size + k] = 300 * v[k] + 20 * v[4 * size + k];
    v[5 * size + k] = -v[2 * size + k];
    v[6 * size + k] = 0;
  }
  return x.converted_to(DType::float32).converted_to(dtype);
}

// Without the pooling.
std::size_t layer_count(const Program& program) { return program.pixels->steps.size() - 1; }

// float32 holds the kernels of these images; the reference takes its time.
bool is_suitable(const Architecture& net, const Array& x, const Shape& sample) {
  const Program program = lower(net, sample);
  if (layer_count(program) > 40) return false;
  try {
    kernels_on(cpu_backend(), net, x, nullptr, DType::float32);
    return true;
  } catch (const NumericalError&) {
    return false;
  }
}

// A nonlinearity behind GlobalAvgPool takes its angle from a mean of K.
bool has_angle_of_means(const Program& program) {
  bool mean = false;
  for (const PixelStep& step : program.pixels->steps) {
    if (mean && step.in.op > Op::attend) return true;
    mean = mean || step.in.op == Op::mix;
  }
  return false;
}

TEST(Images, OfRandomStacksAgreeWithTheReference) {
  std::mt19937 random(3);
  RandomArchitectures architectures(11, Numbers::ordinary);
  double worst[2] = {};
  for (int count = 0; count < 200;) {
    const Shape sample = {1 + static_cast<std::int64_t>(random() % 5),
                          1 + static_cast<std::int64_t>(random() % 4), 1 + count % 3};
    const Architecture net = architectures.next_of_images();
    const Array x = awkward_images(sample[0], sample[1], sample[2], DType::float32);
    if (!is_suitable(net, x, sample)) continue;
    ++count;
    SCOPED_TRACE(net.to_expression() + " on " + to_string(sample));
    const Array exact = x.converted_to(DType::float64);
    const Kernels truth = kernels_on(reference_backend(), net, exact, nullptr, DType::float64);
    const Program program = lower(net, sample);
    const auto steps = static_cast<double>(10 + layer_count(program));
    for (DType dtype : {DType::float64, DType::float32}) {
      const Kernels k =
          kernels_on(cpu_backend(), net, dtype == DType::float32 ? x : exact, nullptr, dtype);
      for (bool ntk : {false, true}) {
        const Array& expected = ntk ? truth.ntk : truth.nngp;
        const auto d = testing::diagonal_of(expected);
        Array found = (ntk ? k.ntk : k.nngp).converted_to(DType::float64);
        double& grey = found.as<double>()[kGrey * (kImages + 1)];
        const double greys = value_at(expected, kGrey * (kImages + 1));
        const double rounding = std::sqrt(epsilon(dtype)), unit = steps * epsilon(dtype);
        EXPECT_LE(std::abs(grey - greys), (40 * unit + 0.5 * rounding) * greys) << name_of(dtype);
        grey = greys;
        // Of one channel all pixels are parallel.
        const bool parallel = sample[2] == 1, rounded = has_angle_of_means(program);
        const testing::Worst error = kernel_error(found, expected, d, d);
        if (!rounded && !parallel) worst[ntk] = std::max(worst[ntk], error.error / unit);
        EXPECT_LE(error.error,
                  40 * unit + (rounded ? 20 * rounding : 0) + (parallel ? 0.5 * rounding : 0))
            << name_of(dtype) << (ntk ? " ntk " : " nngp ") << error.row << ", " << error.column;
      }
    }
  }
  std::printf("at most %.1f eps per layer for K, %.1f for the NTK\n", worst[0], worst[1]);
}

// Functions without a closed form, of which the tables are made for the variances of the pixels.
TEST(Images, TakeFunctionsByTheirTables) {
  for (const Layer& pooling : {Flatten(), GlobalAvgPool()}) {
    const Architecture net = serial(Conv(8, {3, 3}, same()), Tanh(), Conv(8, {1, 3}, same(2)),
                                    Swish(), pooling, Dense(4), Sigmoid(), Dense(1));
    const Array x = random_images({3, 2, 2, 2}, 8);
    const Kernels truth = kernels_on(reference_backend(), net, x, nullptr, DType::float64);
    const Kernels k = kernels_on(cpu_backend(), net, x, nullptr, DType::float64);
    const auto d = testing::diagonal_of(truth.nngp), t = testing::diagonal_of(truth.ntk);
    EXPECT_LE(kernel_error(k.nngp, truth.nngp, d, d).error, 1e-11);
    EXPECT_LE(kernel_error(k.ntk, truth.ntk, t, t).error, 1e-10);
  }
}

// One pixel: of nine taps eight are outside.
TEST(Images, OfOnePixelCanBeDoneByHand) {
  const Array x = Array::of<double>({3, 4, 0, 2}, {2, 1, 1, 2});
  for (const Layer& pooling : {Flatten(), GlobalAvgPool()}) {
    const Architecture net = serial(Conv(8, {3, 3}, same(3, 0.5)), pooling);
    const Kernels k = gram(net, x, {.device = Device::cpu});
    EXPECT_NEAR(value_at(k.nngp, 0), 12.5 + 0.25, 20 * epsilon(DType::float64) * 12.75);
    EXPECT_NEAR(value_at(k.nngp, 1), 4 + 0.25, 20 * epsilon(DType::float64) * 12.75);
    EXPECT_NEAR(value_at(k.ntk, 1), 4 + 0.25, 20 * epsilon(DType::float64) * 12.75);
  }
}

// Two pixels side by side with a filter of three: each sees itself and the other.
TEST(Images, OfTwoPixelsCanBeDoneByHand) {
  const Array x = Array::of<double>({1, 2}, {1, 1, 2, 1}),
              y = Array::of<double>({3, 5}, {1, 1, 2, 1});
  const GramOptions cpu = {.device = Device::cpu};
  // K[0, 0] = K[1, 1] = (3 + 10)/3 after the convolution, K[0, 1] = x0 y1/3, K[1, 0] = x1 y0/3.
  const double tolerance = 40 * epsilon(DType::float64) * 10;
  const Layer conv = Conv(8, {1, 3}, same(1, std::nullopt));
  EXPECT_NEAR(value_at(gram(serial(conv, Flatten()), x, y, cpu).nngp, 0), 13.0 / 3, tolerance);
  EXPECT_NEAR(value_at(gram(serial(conv, GlobalAvgPool()), x, y, cpu).nngp, 0),
              (13 + 13 + 5 + 6) / 12.0, tolerance);
}

TEST(Images, ThatAreNearDuplicatesKeepTheirDigitsInFloat32) {
  const Array base = random_images({2, 9, 8, 3}, 1);
  constexpr std::int64_t kSize = 9 * 8 * 3;
  Array x(DType::float64, {8, 9, 8, 3});
  for (std::int64_t i = 0; i < 8; ++i)
    for (std::int64_t k = 0; k < kSize; ++k)
      x.as<double>()[i * kSize + k] =
          base.as<double>()[k] +
          (i == 0 ? 0 : std::pow(10.0, -static_cast<double>(i))) * base.as<double>()[kSize + k];
  const Array single = x.converted_to(DType::float32), exact = single.converted_to(DType::float64);
  for (const Layer& pooling : {Flatten(), GlobalAvgPool()}) {
    const Architecture net = deep(10, Relu(), pooling);
    const Kernels a = kernels_on(cpu_backend(), net, single, nullptr, DType::float32);
    const Kernels b = kernels_on(cpu_backend(), net, exact, nullptr, DType::float64);
    const auto d = testing::diagonal_of(b.ntk);
    const double error = kernel_error(a.ntk, b.ntk, d, d).error;
    EXPECT_LE(error, 2e-5);
    std::printf("NTK in float32, ten layers, %s: error %.1e\n",
                serial(pooling).to_expression().c_str(), error);
  }
}

// Black pixels have no angle; those beside them see one through the taps.
TEST(Images, ThatAreNearDuplicatesWithBlackPixelsKeepTheirDigitsInFloat32) {
  const Array base = random_images({2, 10, 9, 3}, 6);
  constexpr std::int64_t kSize = 10 * 9 * 3;
  Array x(DType::float64, {8, 10, 9, 3});
  for (std::int64_t i = 0; i < 8; ++i)
    for (std::int64_t k = 0; k < kSize; ++k) {
      const std::int64_t row = k / 27, column = k / 3 % 9;
      const bool black = row < 2 || column > 6 || (row == 5 && column == 3);
      const double apart = i == 0 ? 0 : std::pow(10.0, -static_cast<double>(i));
      x.as<double>()[i * kSize + k] =
          black ? 0 : base.as<double>()[k] + apart * base.as<double>()[kSize + k];
    }
  const Array single = x.converted_to(DType::float32), exact = single.converted_to(DType::float64);
  for (const std::optional<double>& b_std : {std::optional<double>(), std::optional<double>(0.1)})
    for (const Layer& pooling : {Flatten(), GlobalAvgPool()}) {
      Layers layers;
      for (int i = 0; i < 10; ++i)
        layers.insert(layers.end(), {Conv(16, {3, 3}, same(1.4, b_std)), Relu()});
      layers.insert(layers.end(), {pooling, Dense(1)});
      const Architecture net = serial(layers);
      const Kernels a = kernels_on(cpu_backend(), net, single, nullptr, DType::float32);
      const Kernels b = kernels_on(cpu_backend(), net, exact, nullptr, DType::float64);
      const auto d = testing::diagonal_of(b.ntk);
      EXPECT_LE(kernel_error(a.ntk, b.ntk, d, d).error, 2e-5);
    }
}

TEST(Images, AreComputedOnceAndAlikeOnAnyNumberOfThreads) {
  const Architecture net = deep(3, Relu(), GlobalAvgPool());
  const Array x = random_images({6, 11, 9, 2}, 2).converted_to(DType::float32);
  const Kernels one = gram(net, x, {.device = Device::cpu, .threads = 1});
  const Kernels two = gram(net, x, {.device = Device::cpu, .threads = 2});
  EXPECT_EQ(std::memcmp(one.ntk.data(), two.ntk.data(), one.ntk.bytes()), 0);
  EXPECT_EQ(std::memcmp(one.nngp.data(), two.nngp.data(), one.nngp.bytes()), 0);
  for (std::int64_t i = 0; i < 6; ++i)
    for (std::int64_t j = 0; j < i; ++j)
      EXPECT_EQ(value_at(one.ntk, i * 6 + j), value_at(one.ntk, j * 6 + i));
  const Kernels nngp = gram(net, x, {.get = Get::nngp, .device = Device::cpu});
  EXPECT_EQ(std::memcmp(nngp.nngp.data(), one.nngp.data(), nngp.nngp.bytes()), 0);
  // Between two sets the same pairs, and the same image is one with itself in both.
  const Kernels cross = gram(net, x, x, {.device = Device::cpu});
  const auto d = testing::diagonal_of(one.ntk);
  EXPECT_LE(kernel_error(cross.ntk, one.ntk, d, d).error, 50 * epsilon(DType::float32));
}

TEST(Images, MayHaveOneChannelWithoutAnAxisForIt) {
  const Architecture net = deep(2, Erf(), Flatten());
  const Array x = random_images({3, 5, 4}, 2), y = random_images({3, 5, 4, 1}, 2);
  const Kernels a = gram(net, x, {.device = Device::cpu}),
                b = gram(net, y, {.device = Device::cpu});
  EXPECT_EQ(std::memcmp(a.ntk.data(), b.ntk.data(), a.ntk.bytes()), 0);
}

TEST(Images, OfDifferentSizesAreRefused) {
  const Architecture net = deep(2, Relu(), Flatten());
  try {
    gram(net, random_images({3, 5, 4, 2}, 2), random_images({3, 4, 5, 2}, 2));
    FAIL() << "nothing was refused";
  } catch (const UsageError& error) {
    EXPECT_THAT(error.what(), HasSubstr("5x4x2"));
    EXPECT_THAT(error.what(), HasSubstr("4x5x2"));
  }
}

// Each axis of the first image is followed by that of the second, as in neural_tangents.
TEST(Images, AtTheEndOfANetworkHaveKernelsOfTheirPixels) {
  const Array x = random_images({2, 3, 2, 2}, 4), y = random_images({1, 3, 2, 2}, 5);
  const Architecture pixelwise = serial(Conv(8, {3, 3}, same()), Relu(), Dense(1));
  for (Device device : {Device::reference, Device::cpu}) {
    const Kernels k = gram(pixelwise, x, y, {.device = device});
    EXPECT_EQ(k.nngp.shape(), Shape({2, 1, 3, 3, 2, 2}));
    // What Flatten makes of them is the mean of those of one pixel.
    const Kernels flat = gram(serial(Conv(8, {3, 3}, same()), Relu(), Flatten(), Dense(1)), x, y,
                              {.device = device});
    for (std::int64_t i = 0; i < 2; ++i) {
      double sum = 0;
      for (std::int64_t h = 0; h < 3; ++h)
        for (std::int64_t w = 0; w < 2; ++w)
          sum += k.nngp.as<double>()[((i * 3 + h) * 3 + h) * 4 + w * 2 + w];
      EXPECT_NEAR(sum / 6, flat.nngp.as<double>()[i], 1e-14 * sum);
    }
  }
}

TEST(Images, ThatDoNotFitInMemoryAreRefused) {
  const Architecture net = deep(21, Relu(), GlobalAvgPool());
  EXPECT_THROW(gram(net, random_images({40, 32, 32, 3}, 2),
                    {.device = Device::cpu, .memory_limit = std::size_t{10} << 20}),
               MemoryError);
}

TEST(Images, WhoseKernelOverflowsAreNamed) {
  Array x = random_images({3, 4, 4, 2}, 2);
  x.as<double>()[2 * 32 + 5] = 1e200;
  try {
    gram(deep(2, Relu(), Flatten()), x, {.device = Device::cpu});
    FAIL() << "nothing was refused";
  } catch (const NumericalError& error) {
    EXPECT_THAT(error.what(), HasSubstr("sample 2"));
  }
}

}  // namespace
}  // namespace ntk
