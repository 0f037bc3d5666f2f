// The stand-ins of cuBLAS and cuSOLVER against sums written out, and Thrust on its own CPU system.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#ifdef CUDA_ON_HOST_TEST_THRUST
#include <thrust/execution_policy.h>
#include <thrust/functional.h>
#include <thrust/sort.h>
#include <thrust/transform_reduce.h>
#endif

#include "device_array.h"

namespace {

// Column-major, with a leading dimension larger than the rows.
template <class T>
struct TestMatrix {
  int rows, columns, ld;
  std::vector<T> data;
  TestMatrix(int m, int n, double seed) : rows(m), columns(n), ld(m + 2) {
    data.resize(static_cast<std::size_t>(ld) * n, T(1e6));
    for (int j = 0; j < n; ++j) {
      for (int i = 0; i < m; ++i) at(i, j) = static_cast<T>(std::sin(seed + i * 1.7 + j * 0.9));
    }
  }
  T& at(int i, int j) { return data[static_cast<std::size_t>(ld) * j + i]; }
  T at(int i, int j) const { return data[static_cast<std::size_t>(ld) * j + i]; }
};

template <class T>
struct Names;
template <>
struct Names<float> {
  static constexpr auto gemm = cublasSgemm, gemm_batched = cublasSgemmStridedBatched;
  static constexpr auto gemm_64 = cublasSgemm_64;
  static constexpr auto syrk = cublasSsyrk, trsm = cublasStrsm, geam = cublasSgeam;
  static constexpr auto syrk_64 = cublasSsyrk_64;
  static constexpr auto trsm_64 = cublasStrsm_64;
  static constexpr cudaDataType kType = CUDA_R_32F;
  static constexpr double kTolerance = 1e-4;
};
template <>
struct Names<double> {
  static constexpr auto gemm = cublasDgemm, gemm_batched = cublasDgemmStridedBatched;
  static constexpr auto gemm_64 = cublasDgemm_64;
  static constexpr auto syrk = cublasDsyrk, trsm = cublasDtrsm, geam = cublasDgeam;
  static constexpr auto syrk_64 = cublasDsyrk_64;
  static constexpr auto trsm_64 = cublasDtrsm_64;
  static constexpr cudaDataType kType = CUDA_R_64F;
  static constexpr double kTolerance = 1e-12;
};

template <class T>
class Dense : public testing::Test {
 protected:
  Dense() {
    ntk::check(cublasCreate(&blas_));
    ntk::check(cublasSetStream(blas_, nullptr));
    ntk::check(cublasSetMathMode(blas_, CUBLAS_DEFAULT_MATH));
    ntk::check(cusolverDnCreate(&solver_));
    ntk::check(cusolverDnSetStream(solver_, nullptr));
  }
  ~Dense() override {
    ntk::ignore_error(cusolverDnDestroy(solver_));
    ntk::ignore_error(cublasDestroy(blas_));
  }

  // The entries, and the gaps between the columns, of which nothing may write.
  static void expect_equal(const DeviceArray<T>& device, const TestMatrix<T>& expected) {
    const std::vector<T> got = device.values();
    for (std::size_t i = 0; i < got.size(); ++i) {
      EXPECT_NEAR(got[i], expected.data[i], Names<T>::kTolerance) << "element " << i;
    }
  }

  // The lower triangle of X X^T + I, with 1e6 above it.
  static TestMatrix<T> positive_definite(int n) {
    const TestMatrix<T> x(n, n, 0.3);
    TestMatrix<T> out(n, n, 0);
    for (int i = 0; i < n; ++i) {
      for (int j = 0; j < n; ++j) {
        T sum = i == j ? T{1} : T{0};
        for (int k = 0; k < n; ++k) sum += x.at(i, k) * x.at(j, k);
        out.at(i, j) = i < j ? T(1e6) : sum;
      }
    }
    return out;
  }

  cublasHandle_t blas_ = nullptr;
  cusolverDnHandle_t solver_ = nullptr;
};

using Types = testing::Types<float, double>;
TYPED_TEST_SUITE(Dense, Types);

TYPED_TEST(Dense, GemmMultiplies) {
  using T = TypeParam;
  const TestMatrix<T> a(4, 3, 1), b(5, 4, 2);
  TestMatrix<T> c(3, 5, 3);
  const DeviceArray<T> a_device(a.data), b_device(b.data), c_device(c.data), c_64(c.data);
  const T alpha = 2, beta = -1;
  ntk::check(Names<T>::gemm(this->blas_, CUBLAS_OP_T, CUBLAS_OP_T, 3, 5, 4, &alpha, a_device.data(),
                            a.ld, b_device.data(), b.ld, &beta, c_device.data(), c.ld));
  ntk::check(Names<T>::gemm_64(this->blas_, CUBLAS_OP_T, CUBLAS_OP_T, 3, 5, 4, &alpha,
                               a_device.data(), a.ld, b_device.data(), b.ld, &beta, c_64.data(),
                               c.ld));
  for (int i = 0; i < 3; ++i) {
    for (int j = 0; j < 5; ++j) {
      T sum = 0;
      for (int k = 0; k < 4; ++k) sum += a.at(k, i) * b.at(j, k);
      c.at(i, j) = alpha * sum + beta * c.at(i, j);
    }
  }
  this->expect_equal(c_device, c);
  this->expect_equal(c_64, c);
}

TYPED_TEST(Dense, BatchedGemmMultipliesEach) {
  using T = TypeParam;
  const TestMatrix<T> a(2, 6, 1), b(2, 6, 2);  // three of 2 x 2 side by side
  TestMatrix<T> c(2, 6, 3);
  const DeviceArray<T> a_device(a.data), b_device(b.data), c_device(c.data);
  const T one = 1, zero = 0;
  const long long stride = 2 * a.ld;
  ntk::check(Names<T>::gemm_batched(this->blas_, CUBLAS_OP_N, CUBLAS_OP_N, 2, 2, 2, &one,
                                    a_device.data(), a.ld, stride, b_device.data(), b.ld, stride,
                                    &zero, c_device.data(), c.ld, stride, 3));
  for (int batch = 0; batch < 6; batch += 2) {
    for (int i = 0; i < 2; ++i) {
      for (int j = 0; j < 2; ++j) {
        c.at(i, batch + j) =
            a.at(i, batch) * b.at(0, batch + j) + a.at(i, batch + 1) * b.at(1, batch + j);
      }
    }
  }
  this->expect_equal(c_device, c);
}

TYPED_TEST(Dense, SyrkFillsOneTriangle) {
  using T = TypeParam;
  const TestMatrix<T> a(5, 4, 1);
  TestMatrix<T> c(4, 4, 2);
  const DeviceArray<T> a_device(a.data), c_device(c.data), c_64(c.data);
  const T alpha = 2, beta = 3;
  ntk::check(Names<T>::syrk(this->blas_, CUBLAS_FILL_MODE_LOWER, CUBLAS_OP_T, 4, 5, &alpha,
                            a_device.data(), a.ld, &beta, c_device.data(), c.ld));
  ntk::check(Names<T>::syrk_64(this->blas_, CUBLAS_FILL_MODE_LOWER, CUBLAS_OP_T, 4, 5, &alpha,
                               a_device.data(), a.ld, &beta, c_64.data(), c.ld));
  for (int i = 0; i < 4; ++i) {
    for (int j = 0; j <= i; ++j) {
      T sum = 0;
      for (int k = 0; k < 5; ++k) sum += a.at(k, i) * a.at(k, j);
      c.at(i, j) = alpha * sum + beta * c.at(i, j);
    }
  }
  this->expect_equal(c_device, c);
  this->expect_equal(c_64, c);
}

TYPED_TEST(Dense, TrsmSolvesFromEitherSide) {
  using T = TypeParam;
  TestMatrix<T> l(3, 3, 1);
  for (int i = 0; i < 3; ++i) l.at(i, i) = static_cast<T>(2 + i);
  TestMatrix<T> x(3, 2, 2), right(2, 3, 3);
  TestMatrix<T> b = x, b_right = right;
  const T half = T(0.5);
  for (int i = 0; i < 3; ++i) {
    for (int j = 0; j < 2; ++j) {
      b.at(i, j) = b_right.at(j, i) = 0;
      for (int k = 0; k <= i; ++k) b.at(i, j) += 2 * l.at(i, k) * x.at(k, j);
      for (int k = 0; k <= i; ++k) b_right.at(j, i) += 2 * right.at(j, k) * l.at(i, k);
    }
  }
  const DeviceArray<T> l_device(l.data), b_device(b.data), b_right_device(b_right.data);
  ntk::check(Names<T>::trsm(this->blas_, CUBLAS_SIDE_LEFT, CUBLAS_FILL_MODE_LOWER, CUBLAS_OP_N,
                            CUBLAS_DIAG_NON_UNIT, 3, 2, &half, l_device.data(), l.ld,
                            b_device.data(), b.ld));
  ntk::check(Names<T>::trsm_64(this->blas_, CUBLAS_SIDE_RIGHT, CUBLAS_FILL_MODE_LOWER, CUBLAS_OP_T,
                               CUBLAS_DIAG_NON_UNIT, 2, 3, &half, l_device.data(), l.ld,
                               b_right_device.data(), b_right.ld));
  this->expect_equal(b_device, x);
  this->expect_equal(b_right_device, right);
}

TYPED_TEST(Dense, GeamAddsAndTransposes) {
  using T = TypeParam;
  const TestMatrix<T> a(3, 2, 1), b(2, 3, 2);
  TestMatrix<T> c(2, 3, 3);
  const DeviceArray<T> a_device(a.data), b_device(b.data), c_device(c.data);
  const T alpha = 2, beta = -1, zero = 0;
  const auto geam = [&](const T& factor, const T* second) {
    ntk::check(Names<T>::geam(this->blas_, CUBLAS_OP_T, CUBLAS_OP_N, 2, 3, &alpha, a_device.data(),
                              a.ld, &factor, second, b.ld, c_device.data(), c.ld));
  };
  for (int i = 0; i < 2; ++i) {
    for (int j = 0; j < 3; ++j) c.at(i, j) = alpha * a.at(j, i) + beta * b.at(i, j);
  }
  geam(beta, b_device.data());
  this->expect_equal(c_device, c);
  for (int i = 0; i < 2; ++i) {
    for (int j = 0; j < 3; ++j) c.at(i, j) = alpha * a.at(j, i);
  }
  geam(zero, nullptr);
  this->expect_equal(c_device, c);
}

TYPED_TEST(Dense, ArgumentsOutsideOfDeviceMemoryAreRefused) {
  using T = TypeParam;
  TestMatrix<T> a(3, 3, 1);
  const DeviceArray<T> device(a.data);
  const T one = 1;
  const auto syrk = [&](const T* matrix, int n, int ld) {
    return Names<T>::syrk(this->blas_, CUBLAS_FILL_MODE_LOWER, CUBLAS_OP_N, n, 0, &one, matrix, ld,
                          &one, device.data(), ld);
  };
  EXPECT_EQ(syrk(device.data(), 3, a.ld), CUBLAS_STATUS_SUCCESS);
  EXPECT_EQ(syrk(device.data(), 3, 2), CUBLAS_STATUS_INVALID_VALUE);
  EXPECT_EQ(syrk(device.data(), 4, a.ld), CUBLAS_STATUS_MAPPING_ERROR);
  EXPECT_EQ(Names<T>::syrk(this->blas_, CUBLAS_FILL_MODE_LOWER, CUBLAS_OP_N, 3, 3, &one,
                           a.data.data(), a.ld, &one, device.data(), a.ld),
            CUBLAS_STATUS_MAPPING_ERROR);
}

// A workspace of the size that bufferSize() gave.
struct Workspace {
  Workspace(std::size_t device_bytes, std::size_t host_bytes)
      : device(std::max<std::size_t>(device_bytes, 1)), host(host_bytes) {}
  DeviceArray<char> device;
  std::vector<char> host;
};

TYPED_TEST(Dense, PotrfAndPotrsSolve) {
  using T = TypeParam;
  constexpr int n = 6;
  constexpr auto kType = Names<T>::kType;
  const TestMatrix<T> a = this->positive_definite(n), x(n, 2, 5);
  TestMatrix<T> b = x;
  for (int i = 0; i < n; ++i) {
    for (int j = 0; j < 2; ++j) {
      b.at(i, j) = 0;
      for (int k = 0; k < n; ++k) b.at(i, j) += a.at(std::max(i, k), std::min(i, k)) * x.at(k, j);
    }
  }
  const DeviceArray<T> a_device(a.data), b_device(b.data);
  const DeviceArray<int> info(1);
  std::size_t device_bytes = 0, host_bytes = 0;
  ntk::check(cusolverDnXpotrf_bufferSize(this->solver_, nullptr, CUBLAS_FILL_MODE_LOWER, n, kType,
                                         a_device.data(), a.ld, kType, &device_bytes, &host_bytes));
  Workspace work(device_bytes, host_bytes);
  const auto potrf = [&](void* workspace, std::size_t bytes) {
    return cusolverDnXpotrf(this->solver_, nullptr, CUBLAS_FILL_MODE_LOWER, n, kType,
                            a_device.data(), a.ld, kType, workspace, bytes, work.host.data(),
                            host_bytes, info.data());
  };
  EXPECT_EQ(potrf(nullptr, 0), CUSOLVER_STATUS_INVALID_VALUE);
  EXPECT_EQ(potrf(work.host.data(), device_bytes), CUSOLVER_STATUS_INVALID_VALUE);
  ntk::check(potrf(work.device.data(), device_bytes));
  EXPECT_EQ(info.values()[0], 0);
  ntk::check(cusolverDnXpotrs(this->solver_, nullptr, CUBLAS_FILL_MODE_LOWER, n, 2, kType,
                              a_device.data(), a.ld, kType, b_device.data(), b.ld, info.data()));
  EXPECT_EQ(info.values()[0], 0);
  this->expect_equal(b_device, x);
  EXPECT_EQ(a_device.values()[static_cast<std::size_t>(a.ld)], T(1e6));  // above the diagonal
}

TYPED_TEST(Dense, PotrfNamesTheMinorThatIsNotPositive) {
  using T = TypeParam;
  TestMatrix<T> a = this->positive_definite(4);
  a.at(2, 2) = -1;
  const DeviceArray<T> a_device(a.data);
  const DeviceArray<int> info(1);
  Workspace work(1000, 0);
  ntk::check(cusolverDnXpotrf(this->solver_, nullptr, CUBLAS_FILL_MODE_LOWER, 4, Names<T>::kType,
                              a_device.data(), a.ld, Names<T>::kType, work.device.data(), 1000,
                              nullptr, 0, info.data()));
  EXPECT_EQ(info.values()[0], 3);
}

TYPED_TEST(Dense, SyevdDiagonalizes) {
  using T = TypeParam;
  constexpr int n = 6;
  constexpr auto kType = Names<T>::kType;
  const TestMatrix<T> a = this->positive_definite(n);
  const DeviceArray<T> a_device(a.data), w_device(n);
  const DeviceArray<int> info(1);
  std::size_t device_bytes = 0, host_bytes = 0;
  ntk::check(cusolverDnXsyevd_bufferSize(
      this->solver_, nullptr, CUSOLVER_EIG_MODE_VECTOR, CUBLAS_FILL_MODE_LOWER, n, kType,
      a_device.data(), a.ld, kType, w_device.data(), kType, &device_bytes, &host_bytes));
  Workspace work(device_bytes, host_bytes);
  ntk::check(cusolverDnXsyevd(this->solver_, nullptr, CUSOLVER_EIG_MODE_VECTOR,
                              CUBLAS_FILL_MODE_LOWER, n, kType, a_device.data(), a.ld, kType,
                              w_device.data(), kType, work.device.data(), device_bytes,
                              work.host.data(), host_bytes, info.data()));
  EXPECT_EQ(info.values()[0], 0);
  const std::vector<T> w = w_device.values();
  EXPECT_TRUE(std::is_sorted(w.begin(), w.end()));
  TestMatrix<T> v = a;
  v.data = a_device.values();
  for (int i = 0; i < n; ++i) {  // V diag(w) V^T = A
    for (int j = 0; j <= i; ++j) {
      T sum = 0;
      for (int k = 0; k < n; ++k) sum += v.at(i, k) * w[static_cast<std::size_t>(k)] * v.at(j, k);
      EXPECT_NEAR(sum, a.at(i, j), 10 * Names<T>::kTolerance);
    }
  }
}

#ifdef CUDA_ON_HOST_TEST_THRUST
struct Square {
  __host__ __device__ double operator()(float x) const { return static_cast<double>(x) * x; }
};

TEST(Thrust, ReducesAndSortsRawPointers) {
  const DeviceArray<float> x(std::vector<float>{3, 1, 2, -4});
  const double squares = thrust::transform_reduce(thrust::cpp::par, x.data(), x.data() + 4,
                                                  Square{}, 0.0, thrust::plus<double>());
  EXPECT_EQ(squares, 30);
  thrust::sort(thrust::cpp::par, x.data(), x.data() + 4);
  EXPECT_EQ(x.values(), (std::vector<float>{-4, 1, 2, 3}));
}
#endif

}  // namespace
