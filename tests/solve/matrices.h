// Matrices for the tests of the solvers, and residuals in long double. Row-major unless said.
#pragma once

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "kernels/backend.h"
#include "ntk/array.h"
#include "ntk/solve.h"
#include "tests/support/backends.h"
#include "tests/support/near.h"

namespace ntk::testing {

inline Array random_matrix(std::int64_t rows, std::int64_t columns, unsigned seed,
                           DType dtype = DType::float64) {
  std::mt19937_64 generator(seed);
  std::normal_distribution<double> normal;
  Array a(DType::float64, {rows, columns});
  for (std::int64_t i = 0; i < a.size(); ++i) a.as<double>()[i] = normal(generator);
  return a.converted_to(dtype);
}

// G G^T / columns + shift I, symmetric to the last bit.
inline Array random_gram(std::int64_t n, std::int64_t columns, double shift, unsigned seed,
                         DType dtype = DType::float64) {
  const Array g = random_matrix(n, columns, seed);
  Array a(DType::float64, {n, n});
  for (std::int64_t i = 0; i < n; ++i)
    for (std::int64_t j = 0; j <= i; ++j) {
      long double sum = 0;
      for (std::int64_t k = 0; k < columns; ++k)
        sum += static_cast<long double>(g.as<double>()[i * columns + k]) *
               g.as<double>()[j * columns + k];
      const double value =
          static_cast<double>(sum / static_cast<long double>(columns)) + (i == j ? shift : 0);
      a.as<double>()[i * n + j] = a.as<double>()[j * n + i] = value;
    }
  return a.converted_to(dtype);
}

inline double entry(const Array& a, std::int64_t i, std::int64_t j) {
  return value_at(a, i * a.shape()[1] + j);
}

inline double largest(const Array& a) {
  double worst = 0;
  for (std::int64_t i = 0; i < a.size(); ++i) worst = std::max(worst, std::abs(value_at(a, i)));
  return worst;
}

// Largest |(A B)_ij - C_ij|; A may be wanted transposed, B too.
inline double product_error(const Array& a, bool transpose_a, const Array& b, bool transpose_b,
                            const Array& c) {
  const std::int64_t m = a.shape()[transpose_a ? 1 : 0], k = a.shape()[transpose_a ? 0 : 1];
  const std::int64_t n = b.shape()[transpose_b ? 0 : 1];
  double worst = 0;
  for (std::int64_t i = 0; i < m; ++i)
    for (std::int64_t j = 0; j < n; ++j) {
      long double sum = -static_cast<long double>(entry(c, i, j));
      for (std::int64_t l = 0; l < k; ++l)
        sum += static_cast<long double>(transpose_a ? entry(a, l, i) : entry(a, i, l)) *
               (transpose_b ? entry(b, j, l) : entry(b, l, j));
      const double error = std::abs(static_cast<double>(sum));
      worst = std::isnan(error) ? std::numeric_limits<double>::infinity() : std::max(worst, error);
    }
  return worst;
}

inline Array identity(std::int64_t n) {
  Array a(DType::float64, {n, n});
  for (std::int64_t i = 0; i < n; ++i) a.as<double>()[i * n + i] = 1;
  return a;
}

// A copy in backend memory.
class OnBackend {
 public:
  OnBackend(Backend& backend, const Array& a)
      : backend_(backend), data_(backend.allocate(std::max<std::size_t>(a.bytes(), 8))) {
    if (a.bytes() > 0) backend.copy(data_, a.data(), a.bytes());
  }
  ~OnBackend() { backend_.release(data_); }
  OnBackend(const OnBackend&) = delete;

  void* data() const { return data_; }
  Array back(DType dtype, Shape shape) const {
    Array a(dtype, std::move(shape));
    if (a.bytes() > 0) backend_.copy(a.data(), data_, a.bytes());
    return a;
  }

 private:
  Backend& backend_;
  void* data_;
};

// A test of each backend.
class OnEachBackend : public ::testing::TestWithParam<std::string> {
 protected:
  static SolveOptions on(Backend* backend) {
    SolveOptions options;
    options.backend = backend;
    return options;
  }
};

inline std::string test_name_of(const ::testing::TestParamInfo<std::string>& backend) {
  std::string name = backend.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

#define NTK_ON_EACH_BACKEND(suite)                                                              \
  INSTANTIATE_TEST_SUITE_P(Backends, suite, ::testing::ValuesIn(ntk::testing::backend_names()), \
                           ntk::testing::test_name_of)

}  // namespace ntk::testing
