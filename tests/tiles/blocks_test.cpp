// Blocks of a kernel matrix: any cut of it gives the same bits, whatever the threads.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <random>

#include "tests/support/backends.h"
#include "tests/support/kernels_on.h"
#include "tests/support/near.h"

namespace ntk {
namespace {

using testing::kernels_on;

// Every kind of instruction, and a sum.
Architecture network() {
  return serial(Dense(64, {.W_std = 1.4, .b_std = 0.1}), Relu(), Dense(64, {.W_std = 1.2}),
                Residual({Erf(), Dense(64, {.W_std = 1.1, .b_std = 0.2})}), Gelu(), Dense(1));
}

Array random_samples(std::int64_t n, std::int64_t d, DType dtype) {
  std::mt19937 random(7);
  std::normal_distribution<double> normal;
  Array x(DType::float64, {n, d});
  for (std::int64_t i = 0; i < x.size(); ++i) x.as<double>()[i] = normal(random);
  return x.converted_to(dtype);
}

std::string backend_name(const ::testing::TestParamInfo<std::string>& info) {
  std::string name = info.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

class Blocks : public ::testing::TestWithParam<std::string> {};

TEST_P(Blocks, OfAnySizeHaveTheBitsOfTheWholeMatrix) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  const bool slow = GetParam() == "reference";
  const std::int64_t n = slow ? 40 : 1100, aligned = Backend::kBlockAlignment;
  const Array x = random_samples(n, 5, DType::float32);
  const Kernels whole = kernels_on(*backend, network(), x, nullptr, DType::float32);
  const SampleMatrix samples(network(), x, "x");
  const auto source = infinite_source(*backend, network(), samples, nullptr, DType::float32);
  for (std::int64_t row : {std::int64_t{0}, aligned, aligned + 77, 2 * aligned}) {
    for (std::int64_t column : {std::int64_t{0}, 2 * aligned - 301, 2 * aligned}) {
      GramBlock block;
      block.row_begin = std::min(row, n);
      block.row_end = std::min(n, row + aligned);
      block.column_begin = std::min(column, n);
      block.column_end = n;
      const std::int64_t rows = block.row_end - block.row_begin,
                         columns = block.column_end - block.column_begin;
      if (rows == 0 || columns == 0) continue;
      block.ld = columns + 3;  // more than there are columns
      Array nngp(DType::float32, {rows, block.ld}), ntk(DType::float32, {rows, block.ld});
      block.dtype = DType::float32;
      block.nngp = nngp.data();
      block.ntk = ntk.data();
      source->tile(block, {});
      std::int64_t different = 0;
      for (std::int64_t i = 0; i < rows; ++i)
        for (std::int64_t j = 0; j < columns; ++j) {
          const std::int64_t r = block.row_begin + i, c = block.column_begin + j;
          different += nngp.as<float>()[i * block.ld + j] != whole.nngp.as<float>()[r * n + c];
          different += ntk.as<float>()[i * block.ld + j] != whole.ntk.as<float>()[r * n + c];
        }
      EXPECT_EQ(different, 0) << "rows from " << row << ", columns from " << column;
      for (std::int64_t i = 0; i < rows; ++i)
        for (std::int64_t j = columns; j < block.ld; ++j)
          EXPECT_EQ(nngp.as<float>()[i * block.ld + j], 0) << "written past the block";
    }
  }
}

TEST_P(Blocks, AreTheSameOnAnyNumberOfThreads) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  const std::int64_t n = GetParam() == "reference" ? 30 : 700;
  const Array x = random_samples(n, 9, DType::float32);
  backend->set_threads(1);
  const Kernels one = kernels_on(*backend, network(), x, nullptr, DType::float32);
  backend->set_threads(3);
  const Kernels three = kernels_on(*backend, network(), x, nullptr, DType::float32);
  backend->set_threads(0);
  EXPECT_EQ(std::memcmp(one.nngp.data(), three.nngp.data(), one.nngp.bytes()), 0);
  EXPECT_EQ(std::memcmp(one.ntk.data(), three.ntk.data(), one.ntk.bytes()), 0);
}

TEST_P(Blocks, OfOneKernelAreThoseOfBoth) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  const Array x = random_samples(20, 4, DType::float64);
  const Kernels both = kernels_on(*backend, network(), x, nullptr, DType::float64);
  const Kernels nngp = kernels_on(*backend, network(), x, nullptr, DType::float64, Get::nngp);
  const Kernels ntk = kernels_on(*backend, network(), x, nullptr, DType::float64, Get::ntk);
  EXPECT_LE(testing::relative_error(nngp.nngp, both.nngp), 4 * testing::epsilon(DType::float64));
  EXPECT_EQ(testing::relative_error(ntk.ntk, both.ntk), 0);
  EXPECT_TRUE(nngp.ntk.empty());
  EXPECT_TRUE(ntk.nngp.empty());
}

// Rows close together, so that most entries of a float32 tile must be done in float64.
TEST_P(Blocks, OfCrowdedSamplesKeepTheirDigitsInFloat32) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  const std::int64_t n = 40, d = 6;
  Array x = random_samples(n, d, DType::float32);
  for (std::int64_t i = 0; i < x.size(); ++i) x.as<float>()[i] = 5 + 1e-2f * x.as<float>()[i];
  const Kernels truth = kernels_on(reference_backend(), network(), x, nullptr, DType::float64);
  const Kernels k = kernels_on(*backend, network(), x, nullptr, DType::float32);
  for (bool ntk : {false, true}) {
    const Array& t = ntk ? truth.ntk : truth.nngp;
    const auto diagonal = testing::diagonal_of(t);
    EXPECT_LE(testing::kernel_error(ntk ? k.ntk : k.nngp, t, diagonal, diagonal).error,
              1 * testing::epsilon(DType::float32));
  }
}

TEST_P(Blocks, InFloat64CanBeStoredFromFloat32Arithmetic) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  const Array x = random_samples(30, 4, DType::float32);
  const Kernels single = kernels_on(*backend, network(), x, nullptr, DType::float32);
  const SampleMatrix samples(network(), x, "x");
  const auto source = infinite_source(*backend, network(), samples, nullptr, DType::float32);
  Array wide(DType::float64, {30, 30});
  GramBlock block;
  block.row_end = block.column_end = block.ld = 30;
  block.ntk = wide.data();
  source->tile(block, {});
  // The reference rounds once, to the output's precision.
  EXPECT_LE(testing::relative_error(wide, single.ntk), testing::epsilon(DType::float32));
}

INSTANTIATE_TEST_SUITE_P(All, Blocks, ::testing::ValuesIn(testing::backend_names()), backend_name);

}  // namespace
}  // namespace ntk
