// Kernels of all layers that act on pixels, by the engine that takes any of them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "ntk/error.h"
#include "src/infinite/lower.h"
#include "tests/support/backends.h"
#include "tests/support/kernels_on.h"
#include "tests/support/near.h"
#include "tests/support/random_architecture.h"
#include "tests/support/random_pixel_network.h"

namespace ntk {
namespace {

using testing::epsilon;
using ::testing::HasSubstr;
using testing::kernel_error;
using testing::kernels_on;

constexpr std::int64_t kSamples = 4;

// The second sample is close to the first, the third has black pixels, the last is larger.
Array random_samples(const Shape& sample, unsigned seed) {
  Shape shape = {kSamples};
  shape.insert(shape.end(), sample.begin(), sample.end());
  Array x(DType::float64, shape);
  std::mt19937 random(seed);
  std::normal_distribution<double> normal;
  const std::int64_t size = element_count(sample), channels = sample.back();
  double* const v = x.as<double>();
  for (std::int64_t k = 0; k < x.size(); ++k) v[k] = normal(random);
  for (std::int64_t k = 0; k < size; ++k) {
    v[size + k] = v[k] + 1e-3 * v[size + k];
    if (k / channels % 3 == 0) v[2 * size + k] = 0;
    v[3 * size + k] *= 3;
  }
  return x;
}

// Entries over the geometric mean of the samples' own, pixel by pixel: of networks that end on
// pixels, over the largest of all.
double error_of(const Array& found, const Array& expected) {
  if (expected.shape().size() == 2) {
    const auto d = testing::diagonal_of(expected);
    return kernel_error(found, expected, d, d).error;
  }
  double largest = 0, error = 0;
  for (std::int64_t i = 0; i < expected.size(); ++i) {
    largest = std::max(largest, std::abs(expected.as<double>()[i]));
    error = std::max(error, std::abs(found.as<double>()[i] - expected.as<double>()[i]));
  }
  return largest > 0 ? error / largest : error;
}

class PixelLayers : public ::testing::TestWithParam<std::string> {};

// Correlations behind pools are right to eps, angles to its root: nonlinearities see that where
// samples are close.
bool has_angle_of_means(const Program& program) {
  bool mixed = false;
  for (const PixelStep& step : program.pixels->steps) {
    if (mixed && step.in.op > Op::attend) return true;
    mixed = mixed || looks_at_pairs(step.in.op);
  }
  return false;
}

TEST_P(PixelLayers, AgreeWithTheReferenceInRandomNetworks) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  const Shape samples[] = {{5, 3}, {1, 2}, {3, 4, 2}, {4, 3, 1}, {2, 3, 2, 2}, {1, 1, 3}};
  RandomPixelNetworks networks(7);
  double worst = 0;
  // Threads of the CUDA kernels take turns on the host.
  const int networks_drawn = GetParam() == "cuda-host" ? 40 : 150;
  for (int count = 0; count < networks_drawn; ++count) {
    const Shape& sample = samples[count % 6];
    const Architecture net = networks.next(sample, 2 + count % 5);
    if (!takes_images(net.layers())) continue;
    SCOPED_TRACE(net.to_expression() + " on " + to_string(sample));
    const Program program = lower(net, sample);
    const Array x = random_samples(sample, static_cast<unsigned>(count));
    const Kernels truth = kernels_on(reference_backend(), net, x, nullptr, DType::float64);
    const Kernels k = kernels_on(*backend, net, x, nullptr, DType::float64);
    ASSERT_EQ(k.nngp.shape(), truth.nngp.shape());
    for (bool ntk : {false, true}) {
      const double error = error_of(ntk ? k.ntk : k.nngp, ntk ? truth.ntk : truth.nngp);
      const double rounding =
          has_angle_of_means(program) ? 20 * std::sqrt(epsilon(DType::float64)) : 0;
      EXPECT_LE(error, 1e4 * epsilon(DType::float64) + rounding) << (ntk ? "ntk" : "nngp");
      if (rounding == 0) worst = std::max(worst, error);
    }
  }
  std::printf("at most %.1e where no angle is that of a mean\n", worst);
}

INSTANTIATE_TEST_SUITE_P(On, PixelLayers, ::testing::Values("cpu", "cuda-host", "cuda"),
                         [](const auto& of) {
                           std::string name = of.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

// Both engines of the CPU, on networks that the fused one takes.
TEST(PixelEngines, AgreeOnRandomStacks) {
  RandomArchitectures architectures(23, Numbers::ordinary);
  std::mt19937 random(5);
  double worst = 0;
  for (int count = 0; count < 300; ++count) {
    const Shape sample = {1 + static_cast<std::int64_t>(random() % 12),
                          1 + static_cast<std::int64_t>(random() % 9), 1 + count % 3};
    const Architecture net = architectures.next_of_images();
    const Program program = lower(net, sample);
    const bool has_sign = net.to_expression().find("Sign()") != std::string::npos;
    ASSERT_EQ(program.images.has_value(), sample[2] > 1 || !has_sign);
    if (!program.images || program.pixels->steps.size() > 60) continue;
    SCOPED_TRACE(net.to_expression() + " on " + to_string(sample));
    const Array x = random_samples(sample, static_cast<unsigned>(count))
                        .reshaped({kSamples, element_count(sample)});
    Program plain = program;
    plain.images.reset();
    plain.instructions.clear();
    Kernels fused_kernels;
    try {
      fused_kernels = testing::kernels_of(cpu_backend(), program, x, DType::float64);
    } catch (const NumericalError&) {
      continue;  // deep networks of large weights overflow
    }
    const Kernels k = testing::kernels_of(cpu_backend(), plain, x, DType::float64);
    for (bool ntk : {false, true}) {
      const double error =
          error_of(ntk ? fused_kernels.ntk : fused_kernels.nngp, ntk ? k.ntk : k.nngp);
      worst = std::max(worst, error);
      EXPECT_LE(error, sample[2] == 1 ? 1e-8 : 1e-11) << (ntk ? "ntk" : "nngp");
    }
  }
  std::printf("at most %.1e\n", worst);
}

// Tables and states are refused before they are made.
TEST(PixelEngines, RefuseWhatDoesNotFit) {
  EXPECT_THROW(lower(serial(Conv(4, {64, 64}, {.padding = Padding::same}), GlobalAvgPool()),
                     {4096, 4096, 1}),
               MemoryError);
  const Array x(DType::float32, {2, 100, 100, 1});
  const Architecture net = serial(Conv(4, {3, 3}, {.strides = {1, 1}}), Relu(), GlobalAvgPool());
  for (Device device : {Device::cpu, Device::reference})
    EXPECT_THROW(gram(net, x, {.device = device, .memory_limit = std::size_t{64} << 20}),
                 MemoryError);
}

ConvOptions same() { return {.padding = Padding::same, .W_std = 1.4, .b_std = 0.1}; }

// Pools of every kind between convolutions and joins: the stages of the fused engine.
TEST(PixelEngines, AgreeOnPools) {
  const auto block = [](Layers& layers) {
    const Layers inside = {Conv(8, {3, 2}, same()), Erf(), Conv(8, {1, 1}, same())};
    layers.insert(layers.end(),
                  {Conv(8, {3, 3}, same()), Relu(), Conv(8, {3, 3}, same()), Residual(inside)});
  };
  const Layer pools[] = {AvgPool({2, 2}, {2, 2}), AvgPool({3, 2}, {2, 1}, Padding::same),
                         AvgPool({3, 3}, {2, 2}, Padding::same, true), SumPool({2, 1}),
                         SumPool({2, 2}, {}, Padding::same)};
  for (const Layer& pool : pools)
    for (const Layer& end : {Flatten(), GlobalAvgPool()}) {
      Layers layers;
      block(layers);
      layers.insert(layers.end(), {pool, Relu()});
      block(layers);
      layers.push_back(AvgPool({2, 2}));
      block(layers);
      layers.insert(layers.end(), {end, Dense(1)});
      const Architecture net = serial(layers);
      SCOPED_TRACE(net.to_expression());
      const Shape sample = {8, 7, 3};
      const Program program = lower(net, sample);
      ASSERT_TRUE(program.images && program.images->next && program.images->next->next);
      const Array x = random_samples(sample, 3).reshaped({kSamples, element_count(sample)});
      Program plain = program;
      plain.images.reset();
      plain.instructions.clear();
      const Kernels k = testing::kernels_of(cpu_backend(), plain, x, DType::float64);
      for (DType dtype : {DType::float64, DType::float32}) {
        const Kernels fused =
            testing::kernels_of(cpu_backend(), program, x.converted_to(dtype), dtype);
        // Angles behind a mean are right to the root of a rounding.
        EXPECT_LE(error_of(fused.nngp.converted_to(DType::float64), k.nngp),
                  std::sqrt(epsilon(dtype)));
        EXPECT_LE(error_of(fused.ntk.converted_to(DType::float64), k.ntk),
                  std::sqrt(epsilon(dtype)));
      }
    }
}

}  // namespace
}  // namespace ntk
