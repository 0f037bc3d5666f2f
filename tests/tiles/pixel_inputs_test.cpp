// What comes with images besides their numbers, masks and patterns of graphs: what gram() refuses
// of them and in which words, and what must hold of kernels with them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include "ntk/error.h"
#include "ntk/gram.h"
#include "tests/support/near.h"

namespace ntk {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::relative_error;

constexpr double kMask = -7.5;
constexpr double kRounding = 50 * 2.2e-16;  // of a sum in another order, relative

const Device kDevices[] = {Device::reference, Device::cpu};

Array random_array(Shape shape, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<double> normal;
  Array x(DType::float64, std::move(shape));
  for (std::int64_t i = 0; i < x.size(); ++i) x.as<double>()[i] = normal(random);
  return x;
}

template <class E, class F>
std::string message_of(const F& f) {
  try {
    f();
  } catch (const E& error) {
    return error.what();
  } catch (const std::exception& error) {
    return std::string("another kind of error: ") + error.what();
  }
  return "no error";
}

// On the sequence's nodes.
Architecture graph_network() {
  return serial(Dense(8, {.b_std = 0.3}), Relu(), Aggregate({1}), Dense(8), Relu(), Aggregate({1}),
                GlobalAvgPool(), Dense(1));
}

ConvOptions same() { return {.padding = Padding::same}; }

// What the UsageError of gram() says.
std::string refusal(const Architecture& net, const Array& x, GramOptions options) {
  options.device = Device::cpu;
  return message_of<UsageError>([&] { gram(net, x, options); });
}

// --- refused ---

TEST(PixelInputs, PatternsOfTheWrongShapeAreRefused) {
  const Array x = random_array({3, 5, 2}, 1);
  for (const Shape& shape : {Shape{3, 5}, Shape{2, 5, 5}, Shape{3, 5, 4}, Shape{3, 5, 5, 1}}) {
    const Array pattern = random_array(shape, 2);
    EXPECT_THAT(refusal(graph_network(), x, {.pattern1 = pattern.view()}),
                AllOf(HasSubstr("pattern1"), HasSubstr(to_string(shape)), HasSubstr("3 x V x V")));
  }
  const Array of_six = random_array({3, 6, 6}, 2);
  EXPECT_THAT(
      refusal(graph_network(), x, {.pattern1 = of_six.view()}),
      AllOf(HasSubstr("Aggregate"), HasSubstr("5 nodes"), HasSubstr("N x 5 x 5"), HasSubstr("36")));
}

TEST(PixelInputs, PatternsThatAreMissingAreAskedFor) {
  const Array x = random_array({3, 5, 2}, 1), pattern = random_array({3, 5, 5}, 2);
  EXPECT_THAT(refusal(graph_network(), x, {}),
              AllOf(HasSubstr("Aggregate"), HasSubstr("pattern1"), HasSubstr("3 x V x V")));
  EXPECT_THAT(message_of<UsageError>([&] {
                gram(graph_network(), x, x, {.device = Device::cpu, .pattern1 = pattern.view()});
              }),
              AllOf(HasSubstr("Aggregate"), HasSubstr("pattern2"), HasSubstr("x2")));
}

TEST(PixelInputs, PatternsThatNothingUsesAreRefused) {
  const Array x = random_array({3, 5, 2}, 1), pattern = random_array({3, 5, 5}, 2);
  const Architecture plain = serial(Conv(8, {3}, same()), Relu(), GlobalAvgPool(), Dense(1));
  EXPECT_THAT(refusal(plain, x, {.pattern1 = pattern.view()}),
              AllOf(HasSubstr("pattern1"), HasSubstr("no Aggregate")));
  EXPECT_THAT(refusal(graph_network(), x, {.pattern1 = pattern.view(), .pattern2 = pattern.view()}),
              AllOf(HasSubstr("pattern2"), HasSubstr("x2")));
}

TEST(PixelInputs, PatternsWithoutANumberAreRefused) {
  const Array x = random_array({3, 5, 2}, 1);
  Array pattern = random_array({3, 5, 5}, 2);
  pattern.as<double>()[30] = std::nan("");
  EXPECT_THAT(message_of<DataError>([&] {
                gram(graph_network(), x, {.device = Device::cpu, .pattern1 = pattern.view()});
              }),
              AllOf(HasSubstr("pattern1"), HasSubstr("NaN")));
}

TEST(PixelInputs, AggregatesOverGraphsOfOtherSizesAreRefused) {
  const Architecture net =
      serial(Dense(8), Aggregate({1}), Dense(8), Aggregate({2}), GlobalAvgPool(), Dense(1));
  const Array pattern = random_array({1, 3, 3}, 2);
  EXPECT_THAT(refusal(net, random_array({1, 3, 4, 2}, 1), {.pattern1 = pattern.view()}),
              AllOf(HasSubstr("3 nodes"), HasSubstr("4"), HasSubstr("one pattern")));
}

TEST(PixelInputs, MasksThatHideASampleAreRefused) {
  Array x = random_array({3, 4, 2}, 1);
  std::fill_n(x.as<double>() + 8, 8, kMask);
  const Architecture net = serial(Dense(8), Relu(), GlobalAvgPool(), Dense(1));
  for (const DType dtype : {DType::float32, DType::float64})
    EXPECT_THAT(message_of<DataError>([&] {
                  gram(net, x, {.device = Device::cpu, .dtype = dtype, .mask_constant = kMask});
                }),
                AllOf(HasSubstr("sample 1"), HasSubstr("mask")));
  const Array others = random_array({2, 4, 2}, 3);
  EXPECT_THAT(message_of<DataError>(
                  [&] { gram(net, others, x, {.device = Device::cpu, .mask_constant = kMask}); }),
              AllOf(HasSubstr("x2"), HasSubstr("sample 1")));
}

TEST(PixelInputs, MasksAreOfPixels) {
  const Array vectors = random_array({3, 4}, 1), images = random_array({2, 4, 4, 2}, 1);
  EXPECT_THAT(refusal(serial(Dense(8), Relu(), Dense(1)), vectors, {.mask_constant = kMask}),
              AllOf(HasSubstr("vectors"), HasSubstr("mask constant")));
  EXPECT_THAT(message_of<UsageError>([&] {
                gram(rbf_kernel(0.5), vectors,
                     {.get = Get::nngp, .device = Device::cpu, .mask_constant = kMask});
              }),
              AllOf(HasSubstr("rbf"), HasSubstr("mask constant")));
  EXPECT_THAT(refusal(serial(ConvTranspose(8, {3, 3}, same()), Relu(), Flatten(), Dense(1)), images,
                      {.mask_constant = kMask}),
              AllOf(HasSubstr("ConvTranspose"), HasSubstr("mask")));
}

TEST(PixelInputs, FiltersThatAreLargerThanImagesAreRefused) {
  const Array x = random_array({2, 3, 5, 2}, 1);
  EXPECT_THAT(
      refusal(serial(Conv(8, {3, 3}, same()), Relu(), Conv(8, {4, 2}), Flatten(), Dense(1)), x, {}),
      AllOf(HasSubstr("layers[2]"), HasSubstr("Conv"), HasSubstr("4x2"), HasSubstr("3x5"),
            HasSubstr("SAME")));
  EXPECT_THAT(refusal(serial(Conv(8, {1, 1}), AvgPool({1, 6}), Flatten(), Dense(1)), x, {}),
              AllOf(HasSubstr("layers[1]"), HasSubstr("AvgPool"), HasSubstr("1x6")));
}

TEST(PixelInputs, SamplesThatAreNoImagesAreRefused) {
  const Architecture net = serial(Conv(8, {3, 3}, same()), Relu(), Flatten(), Dense(1));
  EXPECT_THAT(refusal(net, random_array({2, 12}, 1), {}),
              AllOf(HasSubstr("images"), HasSubstr("N x H x W x C"), HasSubstr("12")));
  EXPECT_THAT(refusal(net, random_array({2, 2, 3, 4, 2}, 1), {}),
              AllOf(HasSubstr("images"), HasSubstr("2x3x4x2")));
  for (const Shape& empty : {Shape{2, 0, 4, 2}, Shape{2, 3, 0, 2}, Shape{2, 3, 4, 0}})
    EXPECT_THAT(
        refusal(net, Array(DType::float64, empty), {}),
        AllOf(HasSubstr("no features"), HasSubstr(to_string({empty.begin() + 1, empty.end()}))));
}

// --- what holds ---

// Nothing of this network looks at what stands beside a pixel.
TEST(PixelInputs, SequencesPaddedWithTheConstantHaveTheKernelOfTheShortOnes) {
  const Architecture nets[] = {
      serial(Dense(8, {.W_std = 1.4, .b_std = 0.3}), Relu(), Dense(8, {.b_std = 0.2}), Erf(),
             GlobalAvgPool(), Dense(1)),
      serial(Dense(8, {.b_std = 0.3}), Relu(), GlobalSelfAttention(8, 8, 8, 2, {.b_std = 0.1}),
             Erf(), GlobalAvgPool(), Dense(1)),
      serial(Dense(8, {.b_std = 0.3}), LayerNorm(), Relu(), Dropout(0.7), Dense(8), GlobalSumPool(),
             Dense(1))};
  constexpr std::int64_t kShort = 4, kLong = 7, kChannels = 2, kSamples = 3;
  const Array x = random_array({kSamples, kShort, kChannels}, 1);
  Array padded(DType::float64, {kSamples, kLong, kChannels});
  std::fill_n(padded.as<double>(), padded.size(), kMask);
  for (std::int64_t i = 0; i < kSamples; ++i)
    std::copy_n(x.as<double>() + i * kShort * kChannels, kShort * kChannels,
                padded.as<double>() + i * kLong * kChannels);
  for (const Architecture& net : nets)
    for (const Device device : kDevices) {
      const Kernels expected = gram(net, x, {.device = device}),
                    k = gram(net, padded, {.device = device, .mask_constant = kMask});
      EXPECT_LE(relative_error(k.nngp, expected.nngp), kRounding) << net.to_expression();
      EXPECT_LE(relative_error(k.ntk, expected.ntk), kRounding) << net.to_expression();
      // The test would see nothing if the constant were a number like others.
      EXPECT_GT(relative_error(gram(net, padded, {.device = device}).nngp, expected.nngp), 0.1);
    }
}

// A constant that no pixel has hides nothing.
TEST(PixelInputs, AMaskThatHidesNothingChangesNothing) {
  const Architecture net = serial(Conv(8, {3, 3}, same()), Relu(), AvgPool({2, 2}),
                                  GlobalSelfAttention(8, 8, 8, 2), GlobalAvgPool(), Dense(1));
  Array x = random_array({3, 4, 5, 2}, 1);
  x.as<double>()[7] = kMask;  // one channel of two
  for (const Device device : kDevices) {
    const Kernels expected = gram(net, x, {.device = device}),
                  k = gram(net, x, {.device = device, .mask_constant = kMask});
    EXPECT_LE(relative_error(k.nngp, expected.nngp), kRounding);
    EXPECT_LE(relative_error(k.ntk, expected.ntk), kRounding);
  }
}

// Where a layer takes away all that the mask left of a sample, the sample is masked as a whole: its
// kernel is 0, also behind a bias, as in neural_tangents, and not the mean of nothing.
TEST(PixelInputs, SamplesOfWhichASliceLeavesMaskedPixelsOnlyHaveTheKernelZero) {
  const Architecture net = serial(Dense(8, {.b_std = 0.3}), Relu(), Slice({{}, {.start = 3}}),
                                  GlobalAvgPool(), Dense(1, {.W_std = 1.5, .b_std = 0.5}));
  Array x = random_array({2, 5, 2}, 1);
  std::fill_n(x.as<double>() + 10 + 6, 4, kMask);  // pixels 3 and 4 of sample 1
  for (const Device device : kDevices) {
    const Kernels k = gram(net, x, {.device = device, .mask_constant = kMask});
    for (const Array* kernel : {&k.nngp, &k.ntk}) {
      EXPECT_GT(kernel->as<double>()[0], 0.25);
      for (std::int64_t i = 1; i < 4; ++i) EXPECT_EQ(kernel->as<double>()[i], 0) << i;
    }
  }
}

TEST(PixelInputs, TheIdentityPatternIsNoAggregate) {
  const Architecture plain =
      serial(Dense(8, {.b_std = 0.3}), Relu(), Dense(8), Relu(), GlobalAvgPool(), Dense(1));
  const Array x = random_array({3, 5, 2}, 1);
  Array identity(DType::float64, {3, 5, 5});
  for (std::int64_t i = 0; i < 15; ++i) identity.as<double>()[i * 5 + i % 5] = 1;
  for (const Device device : kDevices) {
    const Kernels expected = gram(plain, x, {.device = device}),
                  k = gram(graph_network(), x, {.device = device, .pattern1 = identity.view()});
    EXPECT_LE(relative_error(k.nngp, expected.nngp), kRounding);
    EXPECT_LE(relative_error(k.ntk, expected.ntk), kRounding);
  }
}

// Each sample's nodes in an order of their own, and its pattern's rows and columns in the same.
TEST(PixelInputs, PermutedNodesHaveTheKernel) {
  constexpr std::int64_t kSamples = 4, kNodes = 6, kChannels = 2;
  const Array x = random_array({kSamples, kNodes, kChannels}, 1),
              pattern = random_array({kSamples, kNodes, kNodes}, 2);
  Array y(DType::float64, x.shape()), permuted(DType::float64, pattern.shape());
  std::mt19937 random(3);
  for (std::int64_t i = 0; i < kSamples; ++i) {
    std::vector<std::int64_t> order(kNodes);
    std::iota(order.begin(), order.end(), 0);
    std::shuffle(order.begin(), order.end(), random);
    for (std::int64_t a = 0; a < kNodes; ++a) {
      const std::int64_t from = order[static_cast<std::size_t>(a)];
      std::copy_n(x.as<double>() + (i * kNodes + from) * kChannels, kChannels,
                  y.as<double>() + (i * kNodes + a) * kChannels);
      for (std::int64_t b = 0; b < kNodes; ++b)
        permuted.as<double>()[(i * kNodes + a) * kNodes + b] =
            pattern.as<double>()[(i * kNodes + from) * kNodes + order[static_cast<std::size_t>(b)]];
    }
  }
  for (const Device device : kDevices) {
    const GramOptions of_x{.device = device, .pattern1 = pattern.view()},
        of_y{.device = device, .pattern1 = permuted.view()};
    const Kernels expected = gram(graph_network(), x, of_x), k = gram(graph_network(), y, of_y);
    EXPECT_LE(relative_error(k.nngp, expected.nngp), kRounding);
    EXPECT_LE(relative_error(k.ntk, expected.ntk), kRounding);
    // The nodes alone, without their edges, are another graph.
    EXPECT_GT(relative_error(gram(graph_network(), y, of_x).nngp, expected.nngp), 1e-3);
  }
}

}  // namespace
}  // namespace ntk
