// Classical kernels on every backend, in both precisions, against plain loops.
#include <gmock/gmock.h>

#include <algorithm>
#include <random>

#include "ntk/ntk.h"
#include "src/device/registry.h"
#include "support/backends.h"
#include "support/kernels_on.h"
#include "support/plain_kernels.h"

namespace ntk::testing {
namespace {

using ::testing::HasSubstr;

constexpr std::int64_t kWidth = 7;

// Random rows, and of some of them duplicates, near-duplicates, multiples; zero rows.
Array awkward_samples(DType dtype, unsigned seed) {
  std::mt19937_64 generator(seed);
  std::normal_distribution<double> normal;
  std::vector<double> x(20 * kWidth);
  for (double& value : x) value = normal(generator);
  const auto add_row = [&](std::int64_t of, double factor, double noise) {
    for (std::int64_t k = 0; k < kWidth; ++k)
      x.push_back(factor * x[static_cast<std::size_t>(of * kWidth + k)] +
                  noise * normal(generator));
  };
  for (const double factor : {1.0, -1.0, 2.0, 1.0 + 1e-7, 0.0, 0.0}) add_row(3, factor, 0);
  for (const double noise : {1e-7, 1e-7, 1e-5, 1e-3, 1e-2}) add_row(5, 1, noise);
  const auto rows = static_cast<std::int64_t>(x.size()) / kWidth;
  return Array::of(x, {rows, kWidth}).converted_to(dtype);
}

std::vector<ClassicalKernel> kernels() {
  std::vector<ClassicalKernel> all;
  for (const char* text :
       {"rbf:gamma=0.5", "rbf:length=3", "laplace:length=1", "laplace:length=20",
        "matern:nu=0.5,length=2", "matern:nu=1.5,length=0.5", "matern:nu=1.5,length=4",
        "matern:nu=2.5,length=2", "matern:nu=2.5,length=30", "polynomial:degree=3,gamma=0.2",
        "polynomial:degree=2,gamma=1,coef0=0", "polynomial:degree=1,gamma=0.1,coef0=5",
        "polynomial:degree=4,gamma=0,coef0=1.5"})
    all.push_back(parse_kernel(text));
  return all;
}

class Classical : public ::testing::TestWithParam<std::string> {};

TEST_P(Classical, AreWhatPlainLoopsCompute) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  // A kernel with a kink at 0 sees r itself, whose digits are fewest where entries are no longer
  // taken from the rows' difference: r^2 is then off by a rounding of |x||y|.
  constexpr double kSmooth = 12, kWithKink = 100;
  for (const DType dtype : {DType::float64, DType::float32}) {
    const Array x = awkward_samples(dtype, 1), y = awkward_samples(dtype, 2);
    for (const ClassicalKernel& kernel : kernels()) {
      const bool has_kink = kernel.kind() == ClassicalKind::laplace || kernel.nu() == 0.5;
      const double bound = (has_kink ? kWithKink : kSmooth) * epsilon(dtype);
      const Array among = kernels_on(*backend, kernel, x, nullptr, dtype, Get::nngp).nngp;
      const Array cross = kernels_on(*backend, kernel, x, &y, dtype, Get::nngp).nngp;
      const Array plain = plain_gram(kernel, x, x), other = plain_gram(kernel, y, y);
      const auto rows = diagonal_of(plain), columns = diagonal_of(other);
      const Worst worst = kernel_error(among, plain, rows, rows);
      EXPECT_LE(worst.error, bound) << kernel.to_text() << " " << name_of(dtype) << " at "
                                    << worst.row << ", " << worst.column;
      const Worst between = kernel_error(cross, plain_gram(kernel, x, y), rows, columns);
      EXPECT_LE(between.error, bound) << kernel.to_text() << " " << name_of(dtype) << " at "
                                      << between.row << ", " << between.column;
    }
  }
}

// 1 - k of two samples 1e-7 apart: the digits that a product of rows has lost.
TEST_P(Classical, TellNearDuplicatesApart) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  const double step = 1e-7;
  const Array x = Array::of<double>({0.6, 0.8, 0.6 - 0.8 * step, 0.8 + 0.6 * step}, {2, 2});
  const Array laplace =
      kernels_on(*backend, laplace_kernel(1e-7), x, nullptr, DType::float64, Get::nngp).nngp;
  EXPECT_NEAR(value_at(laplace, 1), std::exp(-1), 1e-8);
  const Array rbf =
      kernels_on(*backend, rbf_kernel(1e14), x, nullptr, DType::float64, Get::nngp).nngp;
  EXPECT_NEAR(value_at(rbf, 1), std::exp(-1), 1e-7);
}

TEST_P(Classical, RadialOnesAreOneOnTheDiagonalAndSymmetric) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  for (const DType dtype : {DType::float64, DType::float32}) {
    const Array x = awkward_samples(dtype, 3);
    const std::int64_t n = x.shape()[0];
    for (const char* text : {"rbf:gamma=2", "laplace:length=1", "matern:nu=2.5,length=1"}) {
      const Array k = kernels_on(*backend, parse_kernel(text), x, nullptr, dtype, Get::nngp).nngp;
      for (std::int64_t i = 0; i < n; ++i) {
        EXPECT_EQ(value_at(k, i * n + i), 1);
        for (std::int64_t j = 0; j < i; ++j)
          EXPECT_EQ(value_at(k, i * n + j), value_at(k, j * n + i));
      }
    }
  }
}

// Far apart there is nothing left, and nothing that is not a number.
TEST_P(Classical, HugeDistancesGiveZero) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  const Array x = Array::of<float>({1e18F, 0, -1e18F, 1, 0, 0}, {3, 2});
  for (const char* text :
       {"rbf:gamma=1", "laplace:length=1", "matern:nu=1.5,length=1", "matern:nu=2.5,length=1"}) {
    const Array k =
        kernels_on(*backend, parse_kernel(text), x, nullptr, DType::float32, Get::nngp).nngp;
    for (const std::int64_t at : {1, 2, 5}) EXPECT_EQ(value_at(k, at), 0) << text;
    EXPECT_EQ(value_at(k, 8), 1) << text;
  }
}

std::string name_of_case(const ::testing::TestParamInfo<std::string>& backend) {
  std::string name = "on_" + backend.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}
INSTANTIATE_TEST_SUITE_P(OnBackend, Classical, ::testing::ValuesIn(backend_names()), name_of_case);

GramOptions on_cpu(Get get = Get::both) {
  GramOptions options;
  options.device = Device::cpu;
  options.get = get;
  return options;
}

void expect_equal(const Array& a, const Array& b) {
  ASSERT_EQ(a.shape(), b.shape());
  ASSERT_EQ(a.dtype(), b.dtype());
  for (std::int64_t i = 0; i < a.size(); ++i) EXPECT_EQ(value_at(a, i), value_at(b, i)) << i;
}

TEST(ClassicalGram, IsTheOnlyKernelThereIs) {
  const Array x = awkward_samples(DType::float64, 4);
  const Kernels kernels = gram(rbf_kernel(0.5), x, on_cpu());
  EXPECT_TRUE(kernels.ntk.empty());
  EXPECT_LE(kernel_error(kernels.nngp, plain_gram(rbf_kernel(0.5), x, x), diagonal_of(kernels.nngp),
                         diagonal_of(kernels.nngp))
                .error,
            1e-14);
  EXPECT_THROW(gram(rbf_kernel(0.5), x, on_cpu(Get::ntk)), UsageError);
  Array out(DType::float64, {x.shape()[0], x.shape()[0]});
  EXPECT_THROW(gram_into(rbf_kernel(0.5), x, {.ntk = out.mutable_view()}, on_cpu()), UsageError);
  gram_into(rbf_kernel(0.5), x, {.nngp = out.mutable_view()}, on_cpu());
  expect_equal(out, kernels.nngp);
}

TEST(ClassicalGram, DiagonalsAreThoseOfTheMatrix) {
  const Array x = awkward_samples(DType::float64, 5);
  for (const ClassicalKernel& kernel : kernels()) {
    const Array k = gram(kernel, x, on_cpu()).nngp;
    const Array diagonal = gram_diagonal(kernel, x, on_cpu()).nngp;
    for (std::int64_t i = 0; i < diagonal.size(); ++i)
      EXPECT_EQ(value_at(diagonal, i), value_at(k, i * (diagonal.size() + 1))) << kernel.to_text();
  }
}

TEST(ClassicalGram, ImagesAreTakenAsTheirNumbers) {
  const Array flat = awkward_samples(DType::float64, 6);
  const Array images = flat.clone().reshaped({flat.shape()[0], kWidth, 1});
  expect_equal(gram(laplace_kernel(2), images, on_cpu()).nngp,
               gram(laplace_kernel(2), flat, on_cpu()).nngp);
}

// Distances 3, 4, 5 and, from the duplicate, 3, 4 again and 0, which does not count.
TEST(MedianLength, IsTheMedianOfDistancesBetweenDistinctSamples) {
  const Array x = Array::of<double>({0, 0, 3, 0, 0, 0, 0, 4}, {4, 2});
  std::string said;
  const auto log = [&](const std::string& text) { said += text; };
  EXPECT_EQ(complete_kernel(laplace_kernel(), x, log).scale(), 4);
  EXPECT_THAT(said, HasSubstr("length 4 is the median distance between the 4 samples"));
  EXPECT_EQ(complete_kernel(matern_kernel(2.5), x).scale(), 4);
  EXPECT_EQ(complete_kernel(rbf_kernel(), x).scale(), 1.0 / 32);
  const Array two = Array::of<float>({1, 1, 1, 3, 1, 7}, {3, 2});  // distances 2, 4, 6
  EXPECT_EQ(complete_kernel(laplace_kernel(), two).scale(), 4);
  const Array even = Array::of<double>({0, 1, 10, 30}, {4, 1});  // 1, 9, 10, 20, 29, 30
  EXPECT_EQ(complete_kernel(laplace_kernel(), even).scale(), 15);
}

TEST(MedianLength, AKernelThatHasItsScaleKeepsIt) {
  const Array x = Array::of<double>({1, 2}, {2, 1});
  EXPECT_EQ(complete_kernel(rbf_kernel(7), x), rbf_kernel(7));
}

TEST(MedianLength, OfManySamplesAThousandAtFixedPlacesCount) {
  constexpr std::int64_t kCount = 2300, kChosen = 1000;
  std::mt19937_64 generator(7);
  std::exponential_distribution<double> random;
  std::vector<double> x(kCount * 2);
  for (double& value : x) value = random(generator);
  std::vector<double> distances;
  const auto at = [&](std::int64_t k, std::int64_t axis) {
    return x[static_cast<std::size_t>(k * kCount / kChosen * 2 + axis)];
  };
  for (std::int64_t i = 0; i < kChosen; ++i)
    for (std::int64_t j = 0; j < i; ++j)
      distances.push_back(std::hypot(at(i, 0) - at(j, 0), at(i, 1) - at(j, 1)));
  std::sort(distances.begin(), distances.end());
  const std::size_t half = distances.size() / 2;
  std::string said;
  const ClassicalKernel kernel = complete_kernel(laplace_kernel(), Array::of(x, {kCount, 2}),
                                                 [&](const std::string& text) { said += text; });
  EXPECT_NEAR(kernel.scale().value(), (distances[half - 1] + distances[half]) / 2, 1e-14);
  EXPECT_THAT(said, HasSubstr("1000 of 2300 samples"));
}

TEST(MedianLength, OfSamplesOnAGpuIsTheSame) {
  NTK_SKIP_WITHOUT_BACKEND(backend, "cuda-host");
  const ScopedBackend as_cuda(Device::cuda, *backend);
  const Array x = awkward_samples(DType::float32, 10);
  void* const memory = backend->allocate(x.bytes());
  backend->copy(memory, x.data(), x.bytes());
  ArrayView view = x.view();
  view.data = memory;
  view.space = MemorySpace::cuda;
  const ClassicalKernel kernel = complete_kernel(rbf_kernel(), view);
  backend->release(memory);
  EXPECT_EQ(kernel, complete_kernel(rbf_kernel(), x));
}

TEST(MedianLength, OfAPolynomialIsOneOverTheWidth) {
  const Array x = Array::of<double>({1, 2, 3, 4, 5, 6, 7, 8}, {1, 8});
  EXPECT_EQ(complete_kernel(polynomial_kernel(3), x), polynomial_kernel(3, 0.125));
}

TEST(MedianLength, SamplesThatAreAllEqualHaveNone) {
  const Array x = Array::of<double>({1, 2, 1, 2, 1, 2}, {3, 2});
  try {
    complete_kernel(rbf_kernel(), x);
    FAIL();
  } catch (const DataError& error) {
    EXPECT_THAT(error.what(), HasSubstr("no two samples that differ"));
    EXPECT_THAT(error.what(), HasSubstr("give gamma or length"));
  }
  EXPECT_THROW(complete_kernel(rbf_kernel(), Array::of<double>({1, NAN}, {2, 1})), DataError);
}

TEST(MedianLength, OfAGramIsThatOfItsColumns) {
  const Array x = awkward_samples(DType::float64, 8), y = awkward_samples(DType::float64, 9);
  const ClassicalKernel of_x = complete_kernel(rbf_kernel(), x);
  const ClassicalKernel of_y = complete_kernel(rbf_kernel(), y);
  ASSERT_NE(of_x, of_y);
  expect_equal(gram(rbf_kernel(), x, on_cpu()).nngp, gram(of_x, x, on_cpu()).nngp);
  expect_equal(gram(rbf_kernel(), x, y, on_cpu()).nngp, gram(of_y, x, y, on_cpu()).nngp);
}

}  // namespace
}  // namespace ntk::testing
