// What the cpu backend says of its BLAS, and what it does not let through to it.
#include <gtest/gtest.h>
#include <omp.h>

#include "kernels/cpu/dense.h"
#include "ntk/error.h"

namespace ntk::testing {
namespace {

TEST(Blas, SaysWhichOneItIs) {
  const std::string description = cpu::blas_description();
  EXPECT_TRUE(description == "unknown BLAS" || description.find("OpenBLAS") != std::string::npos)
      << description;
}

TEST(Blas, ThreadsAreSetAndGivenBack) {
  const int before = omp_get_max_threads();
  cpu::set_threads(1);
  EXPECT_EQ(omp_get_max_threads(), 1);
  cpu::set_threads(3);
  EXPECT_EQ(omp_get_max_threads(), 3);
  cpu::set_threads(0);
  EXPECT_EQ(omp_get_max_threads(), before);
  EXPECT_THROW(cpu::set_threads(-1), UsageError);
}

TEST(Blas, ExtentsBeyondItsIntegersAreRefused) {
  constexpr std::int64_t kBeyond = std::int64_t{1} << 31;
  double unused = 0;
  EXPECT_THROW(cpu::cholesky(DType::float64, kBeyond, &unused, kBeyond), UsageError);
  EXPECT_THROW(cpu::cholesky_solve(DType::float32, 1, kBeyond, &unused, 1, &unused, 1), UsageError);
  EXPECT_THROW(cpu::eigen(DType::float64, kBeyond, &unused, kBeyond, &unused), UsageError);
  EXPECT_THROW(cpu::multiply(DType::float64, false, false, 1, 1, kBeyond, 1, &unused, 1, &unused,
                             kBeyond, 0, &unused, 1),
               UsageError);
  EXPECT_THROW(cpu::cholesky(DType::int64, 1, &unused, 1), UsageError);
}

}  // namespace
}  // namespace ntk::testing
