// The public calls: what they accept, refuse, report and return.
#include "ntk/gram.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "tests/support/near.h"

namespace ntk {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

Architecture relu_network() {
  return serial(Dense(64, {.W_std = std::sqrt(2.0), .b_std = 0.1}), Relu(),
                Dense(64, {.W_std = std::sqrt(2.0), .b_std = 0.1}), Relu(),
                Dense(1, {.W_std = std::sqrt(2.0), .b_std = 0.1}));
}

const GramOptions kCpu = {.device = Device::cpu};

Array samples(std::int64_t n, std::int64_t d, unsigned seed = 1) {
  std::mt19937 random(seed);
  std::normal_distribution<double> normal;
  Array x(DType::float64, {n, d});
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

// By hand: docs/architecture.md's recursion for x = (1, 2, 3), y = (-1, 0.5, 2).
TEST(Gram, OfAHandComputedPair) {
  const Array x = Array::of<double>({1, 2, 3}, {1, 3}), y = Array::of<double>({-1, 0.5, 2}, {1, 3});
  const Kernels xy = gram(relu_network(), x, y, kCpu), xx = gram(relu_network(), x, kCpu);
  EXPECT_NEAR(xy.nngp.as<double>()[0], 4.533866011267012, 1e-14);
  EXPECT_NEAR(xy.ntk.as<double>()[0], 10.157645262105321, 1e-13);
  EXPECT_NEAR(xx.nngp.as<double>()[0], 9.363333333333333, 1e-14);
  EXPECT_NEAR(xx.ntk.as<double>()[0], 28.06, 1e-13);
}

TEST(Gram, InTheStandardParameterizationOfAHandComputedPair) {
  const Architecture net = serial({Dense(512, {.W_std = std::sqrt(2.0), .b_std = 0.1}), Relu(),
                                   Dense(1, {.W_std = std::sqrt(2.0), .b_std = 0.1})},
                                  Parameterization::standard);
  const Array x = Array::of<double>({1, 2, 3}, {1, 3}), y = Array::of<double>({-1, 0.5, 2}, {1, 3});
  const Kernels k = gram(net, x, y, kCpu);
  EXPECT_NEAR(k.nngp.as<double>()[0], 4.3065212843940435, 1e-14);
  EXPECT_NEAR(k.ntk.as<double>()[0], 1106.1378792257296, 1e-10);
}

TEST(Gram, FrozenLayersAddNothingToTheNtk) {
  const Array x = samples(3, 4);
  const Architecture frozen =
      serial(Dense(8, {.W_std = 1.5, .trainable = false}), Relu(), Dense(1, {.W_std = 1.2}));
  const Kernels k = gram(frozen, x, kCpu);
  // Only the last layer is trained: the NTK is the NNGP kernel.
  EXPECT_LE(testing::relative_error(k.ntk, k.nngp), 4 * testing::epsilon(DType::float64));
}

TEST(Gram, OfZeroRowsIsTheBiasesAlone) {
  Array x = samples(3, 4);
  for (int k = 0; k < 4; ++k) x.as<double>()[4 + k] = 0;
  const Kernels biased = gram(relu_network(), x, kCpu);
  // q = b^2 after the first layer, then q' = W^2 q / 2 + b^2 twice.
  EXPECT_NEAR(biased.nngp.as<double>()[4], 0.01 * 3, 1e-15);
  const Kernels unbiased = gram(serial(Dense(8), Relu(), Dense(1)), x, kCpu);
  for (int j = 0; j < 3; ++j) {
    EXPECT_EQ(unbiased.nngp.as<double>()[3 + j], 0);
    EXPECT_EQ(unbiased.ntk.as<double>()[3 + j], 0);
  }
}

TEST(Gram, OfOneSampleAndOfOneNumber) {
  EXPECT_EQ(gram(relu_network(), samples(1, 5), kCpu).ntk.shape(), (Shape{1, 1}));
  const Kernels k = gram(relu_network(), samples(3, 1), kCpu);
  EXPECT_EQ(k.ntk.shape(), (Shape{3, 3}));
  for (int i = 0; i < 9; ++i) EXPECT_TRUE(std::isfinite(k.ntk.as<double>()[i]));
}

TEST(Gram, OfNoSamplesIsEmpty) {
  const Array none(DType::float64, {0, 5});
  EXPECT_EQ(gram(relu_network(), none, kCpu).nngp.shape(), (Shape{0, 0}));
  EXPECT_EQ(gram(relu_network(), samples(2, 5), none, kCpu).ntk.shape(), (Shape{2, 0}));
}

TEST(Gram, NamesRowAndColumnOfWhatIsNotANumber) {
  Array x = samples(5, 8);
  x.as<double>()[3 * 8 + 7] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THAT(message_of<DataError>([&] { gram(relu_network(), x, kCpu); }),
              AllOf(HasSubstr("NaN"), HasSubstr("row 3"), HasSubstr("column 7")));
  x.as<double>()[3 * 8 + 7] = -std::numeric_limits<double>::infinity();
  EXPECT_THAT(message_of<DataError>([&] { gram(relu_network(), samples(2, 8), x, kCpu); }),
              AllOf(HasSubstr("x2"), HasSubstr("row 3"), HasSubstr("column 7")));
}

TEST(Gram, RefusesSamplesOfUnequalWidth) {
  EXPECT_THAT(
      message_of<UsageError>([] { gram(relu_network(), samples(2, 4), samples(2, 5), kCpu); }),
      AllOf(HasSubstr("4"), HasSubstr("5")));
}

TEST(Gram, RefusesWhatIsNoMatrixOfSamples) {
  const Array flat = std::move(samples(2, 4)).reshaped({8});
  EXPECT_THAT(message_of<UsageError>([&] { gram(relu_network(), flat, kCpu); }),
              HasSubstr("N x d"));
  EXPECT_THAT(message_of<UsageError>([&] {
                gram(relu_network(), Array(DType::float64, {3, 0}), kCpu);
              }),
              HasSubstr("no features"));
}

TEST(Gram, TakesImagesAfterFlatten) {
  const Array images = std::move(samples(3, 12)).reshaped({3, 2, 6});
  const Architecture net = serial(Flatten(), Dense(4), Relu(), Dense(1));
  const Kernels k = gram(net, images, kCpu);
  const Kernels flat = gram(serial(Dense(4), Relu(), Dense(1)), samples(3, 12), kCpu);
  EXPECT_EQ(testing::relative_error(k.ntk, flat.ntk), 0);
}

TEST(Gram, RefusesWhatDoesNotFitBeforeAllocating) {
  GramOptions options = kCpu;
  options.memory_limit = 1 << 20;
  EXPECT_THAT(message_of<MemoryError>([&] { gram(relu_network(), samples(4000, 2), options); }),
              AllOf(HasSubstr("MiB"), HasSubstr("would fit")));
  // Far past any machine.
  const Array many(DType::float32, {3'000'000, 1});
  EXPECT_THAT(message_of<MemoryError>([&] { gram(relu_network(), many, kCpu); }), HasSubstr("TiB"));
}

TEST(Gram, RefusesAKernelThatOverflowsItsPrecision) {
  Array x = samples(2, 3);
  x.as<double>()[4] = 1e25;
  GramOptions single = kCpu;
  single.dtype = DType::float32;
  EXPECT_THAT(message_of<NumericalError>([&] { gram(relu_network(), x, single); }),
              AllOf(HasSubstr("sample 1"), HasSubstr("float64")));
  EXPECT_TRUE(std::isfinite(gram(relu_network(), x, kCpu).ntk.as<double>()[1]));
}

TEST(Gram, ReportsProgressAndCanBeCancelled) {
  std::int64_t last = 0, total = 0;
  GramOptions options = kCpu;
  options.progress = [&](const Progress& p) {
    last = p.done;
    total = p.total;
    return true;
  };
  gram(relu_network(), samples(600, 3), options);
  EXPECT_GT(total, 1);
  EXPECT_EQ(last, total);
  options.progress = [](const Progress&) { return false; };
  EXPECT_THROW(gram(relu_network(), samples(600, 3), options), Cancelled);
}

TEST(Gram, ReadsStridedViews) {
  const Array x = samples(4, 6);
  ArrayView every_second = x.view();
  every_second.shape = {4, 3};
  every_second.strides = {6, 2};
  Array packed(DType::float64, {4, 3});
  for (int i = 0; i < 4; ++i)
    for (int k = 0; k < 3; ++k) packed.as<double>()[i * 3 + k] = x.as<double>()[i * 6 + 2 * k];
  EXPECT_EQ(testing::relative_error(gram(relu_network(), every_second, kCpu).ntk,
                                    gram(relu_network(), packed, kCpu).ntk),
            0);
}

TEST(Gram, WritesIntoTheCallersMemory) {
  const Array x = samples(5, 3);
  std::vector<double> room(5 * 8, -1);
  MutableArrayView out = mutable_view_of(room.data(), {5, 5});
  out.strides = {8, 1};
  gram_into(relu_network(), x, KernelViews{{}, out}, kCpu);
  const Kernels k = gram(relu_network(), x, kCpu);
  for (int i = 0; i < 5; ++i)
    for (int j = 0; j < 8; ++j)
      EXPECT_EQ(room[static_cast<std::size_t>(i * 8 + j)],
                j < 5 ? k.ntk.as<double>()[i * 5 + j] : -1);
}

TEST(Gram, RefusesAViewThatDoesNotFit) {
  std::vector<double> room(20);
  const KernelViews out{mutable_view_of(room.data(), {5, 4}), {}};
  EXPECT_THAT(message_of<UsageError>([&] { gram_into(relu_network(), samples(5, 3), out, kCpu); }),
              AllOf(HasSubstr("5x4"), HasSubstr("5x5")));
  EXPECT_THROW(gram_into(relu_network(), samples(5, 3), KernelViews{}, kCpu), UsageError);
}

TEST(Gram, DiagonalIsTheGramsDiagonal) {
  const Array x = samples(7, 3);
  const Kernels k = gram(relu_network(), x, kCpu), d = gram_diagonal(relu_network(), x, kCpu);
  for (int i = 0; i < 7; ++i) {
    EXPECT_EQ(d.nngp.as<double>()[i], k.nngp.as<double>()[i * 8]);
    EXPECT_EQ(d.ntk.as<double>()[i], k.ntk.as<double>()[i * 8]);
  }
}

TEST(Gram, TakesIntegersAsNumbers) {
  const Array ints = Array::of<std::int64_t>({1, 2, 3, -1, 0, 2}, {2, 3});
  const Kernels k = gram(relu_network(), ints, kCpu);
  EXPECT_EQ(k.ntk.dtype(), DType::float64);
  EXPECT_EQ(testing::relative_error(
                k.ntk, gram(relu_network(), ints.converted_to(DType::float64), kCpu).ntk),
            0);
}

}  // namespace
}  // namespace ntk
