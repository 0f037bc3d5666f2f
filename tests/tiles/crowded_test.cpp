// Tables whose samples are nearly parallel, as raw measurements are: float32 kernels of real ones.
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <random>

#include "ntk/io.h"
#include "support/backends.h"
#include "support/kernels_on.h"
#include "support/near.h"

namespace ntk::testing {
namespace {

// Every step-th sample of a table.
Array samples_of(const std::string& name, std::int64_t step) {
  const Array all = read_array(std::string(NTK_TEST_DATA) + "/uci/" + name + ".npz:X");
  const std::int64_t d = all.shape()[1], n = (all.shape()[0] + step - 1) / step;
  Array some(DType::float32, {n, d});
  for (std::int64_t i = 0; i < n; ++i)
    std::copy_n(all.as<float>() + i * step * d, d, some.as<float>() + i * d);
  return some;
}

// n samples: the table's again and again, each number off by about one in a thousand.
Array repeated(const Array& table, std::int64_t n) {
  std::mt19937 random(1);
  std::normal_distribution<double> normal;
  Array x(DType::float32, {n, table.shape()[1]});
  for (std::int64_t i = 0; i < x.size(); ++i)
    x.as<float>()[i] =
        static_cast<float>(table.as<float>()[i % table.size()] * (1 + 1e-3 * normal(random)));
  return x;
}

// Of all pairs, those whose correlation is within 1e-3 of 1.
double nearly_parallel(const Array& x) {
  const std::int64_t n = x.shape()[0], d = x.shape()[1];
  const auto product = [&](std::int64_t i, std::int64_t j) {
    double sum = 0;
    for (std::int64_t k = 0; k < d; ++k) sum += value_at(x, i * d + k) * value_at(x, j * d + k);
    return sum;
  };
  double near = 0;
  for (std::int64_t i = 0; i < n; ++i)
    for (std::int64_t j = 0; j < i; ++j)
      near += 1 - product(i, j) / std::sqrt(product(i, i) * product(j, j)) < 1e-3 ? 1 : 0;
  return 2 * near / static_cast<double>(n * (n - 1));
}

std::map<std::string, Architecture> networks() {
  const Layer hidden = Dense(32, {.W_std = 1.4, .b_std = 0.1}), chaotic = Dense(32, {.W_std = 2.5});
  return {
      {"relu", serial(hidden, Relu(), hidden, Relu(), hidden, Relu(), Dense(1))},
      {"erf", serial(hidden, Erf(), hidden, Erf(), hidden, Erf(), Dense(1))},
      {"gelu", serial(hidden, Gelu(), hidden, Gelu(), Dense(1))},
      {"tanh", serial(hidden, LayerNorm(), Tanh(), Dense(1))},
      {"residual", serial(hidden, Residual({Relu(), hidden}), Residual({Erf(), hidden}), Dense(1))},
      {"sin", serial(hidden, LayerNorm(), Sin(), hidden, Relu(), Dense(1))},
      {"chaotic", serial(Dense(32), LayerNorm(), Repeat(6, {chaotic, Erf()}), Dense(1))},
  };
}

class Crowded : public ::testing::TestWithParam<std::string> {};

// Over sqrt(K_ii K_jj).
void expect_float32_is_right(Backend& backend, const Array& x) {
  const double nngp_tolerance = 16 * epsilon(DType::float32),
               ntk_tolerance = 64 * epsilon(DType::float32);
  for (const auto& [name, network] : networks()) {
    const Kernels single = kernels_on(backend, network, x, nullptr, DType::float32),
                  wide = kernels_on(cpu_backend(), network, x, nullptr, DType::float64);
    const auto nngp = diagonal_of(wide.nngp), ntk = diagonal_of(wide.ntk);
    EXPECT_LE(kernel_error(single.nngp, wide.nngp, nngp, nngp).error, nngp_tolerance) << name;
    EXPECT_LE(kernel_error(single.ntk, wide.ntk, ntk, ntk).error, ntk_tolerance) << name;
  }
}

TEST_P(Crowded, TablesAreRightInFloat32) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  for (const char* table : {"glass", "wine"}) {
    const Array x = samples_of(table, GetParam() == "cpu" ? 1 : 6);
    EXPECT_GE(nearly_parallel(x), 0.3) << "this table is not crowded";
    SCOPED_TRACE(table);
    expect_float32_is_right(*backend, x);
  }
}

// Many tiles, near-duplicates of both signs in all of them.
TEST(CrowdedTiles, AreRightInFloat32) {
  Array x = repeated(samples_of("wine", 1), 700);
  for (std::int64_t i = 0; i < x.shape()[0]; i += 3)
    for (std::int64_t k = 0; k < x.shape()[1]; ++k) x.as<float>()[i * x.shape()[1] + k] *= -1;
  expect_float32_is_right(cpu_backend(), x);
}

std::string name_of_case(const ::testing::TestParamInfo<std::string>& backend) {
  return backend.param == "cuda-host" ? "cuda_host" : backend.param;
}
INSTANTIATE_TEST_SUITE_P(OnBackend, Crowded, ::testing::ValuesIn(backend_names()), name_of_case);

}  // namespace
}  // namespace ntk::testing
