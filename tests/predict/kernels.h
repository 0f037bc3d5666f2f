// Small kernel matrices for the tests of the predictors.
#pragma once

#include <gtest/gtest.h>

#include "ntk/predict.h"
#include "tests/solve/matrices.h"

namespace ntk::testing {

// Kernels of n training and m test samples, cut from one positive definite matrix.
struct SmallKernels {
  Array train, test_train, test_test, variances;
};

inline Array block(const Array& a, std::int64_t row, std::int64_t rows, std::int64_t column,
                   std::int64_t columns) {
  Array result(DType::float64, {rows, columns});
  for (std::int64_t i = 0; i < rows; ++i)
    for (std::int64_t j = 0; j < columns; ++j)
      result.as<double>()[i * columns + j] = entry(a, row + i, column + j);
  return result;
}

inline Array diagonal(const Array& a) { return Array::of(diagonal_of(a), {a.shape()[0]}); }

inline SmallKernels small_kernels(std::int64_t n, std::int64_t m, unsigned seed,
                                  std::int64_t rank = 0) {
  const Array all = random_gram(n + m, rank > 0 ? rank : 2 * (n + m), 0, seed);
  SmallKernels kernels{block(all, 0, n, 0, n), block(all, n, m, 0, n), block(all, n, m, n, m), {}};
  kernels.variances = diagonal(kernels.test_test);
  return kernels;
}

inline double smallest_eigenvalue(const Array& a) { return Eigen(a).eigenvalues().front(); }

class PredictorTest : public OnEachBackend {
 protected:
  static PredictorOptions predictor_on(Backend* backend, double diag_reg = 0) {
    PredictorOptions options;
    options.backend = backend;
    options.regularization.diag_reg = diag_reg;
    return options;
  }
};

// Runs `call`, which must throw E; its message.
template <class E, class F>
std::string message_of(const F& call) {
  try {
    call();
  } catch (const E& error) {
    return error.what();
  } catch (const std::exception& error) {
    ADD_FAILURE() << "another error: " << error.what();
    return "";
  }
  ADD_FAILURE() << "no error";
  return "";
}

inline void expect_says(const std::string& message, std::initializer_list<const char*> parts) {
  for (const char* part : parts)
    EXPECT_NE(message.find(part), std::string::npos) << "'" << part << "' is not in: " << message;
}

}  // namespace ntk::testing
