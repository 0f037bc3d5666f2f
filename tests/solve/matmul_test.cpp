#include <gtest/gtest.h>

#include <cmath>

#include "tests/solve/matrices.h"

namespace ntk::testing {
namespace {

class Matmul : public OnEachBackend {};
NTK_ON_EACH_BACKEND(Matmul);

TEST_P(Matmul, AgreesWithPlainSumsForEveryTransposeAndType) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  for (DType left : {DType::float32, DType::float64})
    for (DType right : {DType::float32, DType::float64})
      for (bool ta : {false, true})
        for (bool tb : {false, true}) {
          const Array a = random_matrix(ta ? 11 : 6, ta ? 6 : 11, 1, left);
          const Array b = random_matrix(tb ? 9 : 11, tb ? 11 : 9, 2, right);
          const Array c = matmul(a, b, ta, tb, on(backend));
          ASSERT_EQ(c.shape(), (Shape{6, 9}));
          EXPECT_LE(product_error(a, ta, b, tb, c), 22 * 2.3e-16 * largest(a) * largest(b));
        }
}

TEST_P(Matmul, WorksInFloat32WhenAsked) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  SolveOptions options = on(backend);
  options.dtype = DType::float32;
  const Array a = random_matrix(5, 8, 1), b = random_matrix(8, 5, 2);
  const Array c = matmul(a, b, false, false, options);
  EXPECT_EQ(c.dtype(), DType::float32);
  EXPECT_LE(product_error(a, false, b, false, c), 20 * 1.2e-7 * largest(a) * largest(b));
}

TEST_P(Matmul, AnEmptySumIsZero) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  const Array c = matmul(Array(DType::float64, {2, 0}), Array(DType::float64, {0, 3}), false, false,
                         on(backend));
  ASSERT_EQ(c.shape(), (Shape{2, 3}));
  EXPECT_EQ(largest(c), 0);
  EXPECT_EQ(matmul(Array(DType::float64, {0, 4}), Array(DType::float64, {4, 3}), false, false,
                   on(backend))
                .shape(),
            (Shape{0, 3}));
}

TEST_P(Matmul, RefusesFactorsThatDoNotFitNamingBothShapes) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  try {
    matmul(Array(DType::float64, {2, 3}), Array(DType::float64, {4, 5}), false, false, on(backend));
    FAIL();
  } catch (const UsageError& error) {
    EXPECT_NE(std::string(error.what()).find("2x3"), std::string::npos);
    EXPECT_NE(std::string(error.what()).find("4x5"), std::string::npos);
  }
}

TEST_P(Matmul, RefusesNaN) {
  NTK_SKIP_WITHOUT_BACKEND(backend, GetParam());
  Array a = identity(2);
  a.as<double>()[1] = std::nan("");
  EXPECT_THROW(matmul(identity(2), a, false, false, on(backend)), DataError);
}

}  // namespace
}  // namespace ntk::testing
