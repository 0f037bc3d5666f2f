// Matrices that lie in the device's memory: answered as those on the host, without their crossing
// to the host and back. The device is a stand-in on the CPU that keeps books of what is copied.
#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "tests/solve/matrices.h"

namespace ntk::testing {
namespace {

class StandIn final : public Backend {
 public:
  Device device() const override { return Device::cuda; }
  std::string description() const override { return "a stand-in"; }
  MemorySpace space() const override { return MemorySpace::cuda; }
  void set_threads(int threads) override { cpu_.set_threads(threads); }

  void* allocate(std::size_t bytes) override {
    void* p = cpu_.allocate(bytes);
    owned_[static_cast<char*>(p)] = bytes;
    return p;
  }
  void release(void* p) noexcept override {
    owned_.erase(static_cast<char*>(p));
    cpu_.release(p);
  }
  void copy(void* to, const void* from, std::size_t bytes) override {
    if (owns(to) != owns(from)) crossed_ += bytes;
    cpu_.copy(to, from, bytes);
  }
  std::size_t free_memory() const override { return std::size_t{1} << 30; }

  std::unique_ptr<PreparedSamples> prepare(const Program& p, ArrayView x, DType t) override {
    return cpu_.prepare(p, x, t);
  }
  std::size_t workspace_bytes(const Program& p, std::int64_t rows, std::int64_t columns,
                              std::int64_t width, DType t) const override {
    return cpu_.workspace_bytes(p, rows, columns, width, t);
  }
  void gram(const Program& p, const PreparedSamples& rows, const PreparedSamples& columns,
            const GramBlock& block, const WorkCallback& progress) override {
    cpu_.gram(p, rows, columns, block, progress);
  }
  std::int64_t cholesky(DType t, std::int64_t n, void* a, std::int64_t lda) override {
    return cpu_.cholesky(t, n, own(a), lda);
  }
  void cholesky_solve(DType t, std::int64_t n, std::int64_t columns, const void* l,
                      std::int64_t lda, void* b, std::int64_t ldb) override {
    cpu_.cholesky_solve(t, n, columns, own(l), lda, own(b), ldb);
  }
  void triangular_solve(DType t, std::int64_t n, std::int64_t columns, const void* l,
                        std::int64_t lda, void* b, std::int64_t ldb) override {
    cpu_.triangular_solve(t, n, columns, own(l), lda, own(b), ldb);
  }
  void eigen(DType t, std::int64_t n, void* a, std::int64_t lda, void* w) override {
    cpu_.eigen(t, n, own(a), lda, own(w));
  }
  void multiply(DType t, bool ta, bool tb, std::int64_t m, std::int64_t n, std::int64_t k,
                double alpha, const void* a, std::int64_t lda, const void* b, std::int64_t ldb,
                double beta, void* c, std::int64_t ldc) override {
    cpu_.multiply(t, ta, tb, m, n, k, alpha, own(a), lda, own(b), ldb, beta, own(c), ldc);
  }
  void wide_multiply(std::int64_t m, std::int64_t n, std::int64_t k, const float* a,
                     std::int64_t lda, const double* b, std::int64_t ldb, double* c,
                     std::int64_t ldc) override {
    cpu_.wide_multiply(m, n, k, static_cast<const float*>(own(a)), lda,
                       static_cast<const double*>(own(b)), ldb, static_cast<double*>(own(c)), ldc);
  }
  void gram_of_columns(DType t, std::int64_t n, std::int64_t k, const void* a, std::int64_t lda,
                       void* c, std::int64_t ldc) override {
    cpu_.gram_of_columns(t, n, k, own(a), lda, own(c), ldc);
  }

  std::size_t crossed() const { return crossed_; }
  std::size_t allocations() const { return owned_.size(); }

 private:
  bool owns(const void* p) const {
    const char* const at = static_cast<const char*>(p);
    auto after = owned_.upper_bound(const_cast<char*>(at));
    return after != owned_.begin() &&
           (--after, at < after->first + std::max<std::size_t>(after->second, 1));
  }
  template <class T>
  T* own(T* p) const {
    if (!owns(p)) throw std::logic_error("the device was given host memory");
    return p;
  }

  Backend& cpu_ = cpu_backend();
  std::map<char*, std::size_t> owned_;
  std::size_t crossed_ = 0;
};

class DeviceMemory : public ::testing::Test {
 protected:
  static constexpr std::int64_t kSize = 60;
  static constexpr std::size_t kMatrixBytes = kSize * kSize * sizeof(double);

  SolveOptions on_device() {
    SolveOptions options;
    options.backend = &device_;
    return options;
  }
  CholeskyOptions cholesky_on_device() {
    CholeskyOptions options;
    options.backend = &device_;
    return options;
  }
  static ArrayView view_of_device(const OnBackend& memory, const Array& a) {
    return {memory.data(), a.dtype(), a.shape(), {}, MemorySpace::cuda};
  }

  StandIn device_;
  const Array a_ = random_gram(kSize, kSize, 0.5, 1);
  const Array b_ = random_matrix(kSize, 4, 2);
};

TEST_F(DeviceMemory, AMatrixThereIsFactoredThere) {
  const OnBackend memory(device_, a_);
  const std::size_t before = device_.crossed();
  const Cholesky there(view_of_device(memory, a_), 0.25, cholesky_on_device());
  EXPECT_LT(device_.crossed() - before, kMatrixBytes / 4) << "vectors may cross, matrices not";
  CholeskyOptions on_cpu;
  on_cpu.device = Device::cpu;
  const Cholesky here(a_, 0.25, on_cpu);
  EXPECT_LE(relative_error(there.solve(b_), here.solve(b_)), 1e-12);
  EXPECT_NEAR(there.log_determinant(), here.log_determinant(), 1e-10);
}

TEST_F(DeviceMemory, JitterWorksOnItToo) {
  const Array singular = Array::of<double>({4, 4, 4, 4}, {2, 2});
  const OnBackend memory(device_, singular);
  CholeskyOptions options = cholesky_on_device();
  options.max_jitter = 1e-6;
  EXPECT_GT(Cholesky(view_of_device(memory, singular), 0, options).jitter(), 0);
}

TEST_F(DeviceMemory, RowsMayBeApart) {
  const OnBackend memory(device_, a_);
  const ArrayView corner{memory.data(), DType::float64, {20, 20}, {kSize, 1}, MemorySpace::cuda};
  const ArrayView on_host{a_.data(), DType::float64, {20, 20}, {kSize, 1}, MemorySpace::host};
  EXPECT_LE(relative_error(Cholesky(corner, 0.5, cholesky_on_device()).factor(),
                           Cholesky(on_host, 0.5, cholesky_on_device()).factor()),
            1e-14);
  const ArrayView columns{memory.data(), DType::float64, {20, 20}, {1, kSize}, MemorySpace::cuda};
  EXPECT_THROW(Cholesky(columns, 0, cholesky_on_device()), UsageError);
}

TEST_F(DeviceMemory, Float32ThereIsConvertedOnTheWay) {
  const Array a = a_.converted_to(DType::float32);
  const OnBackend memory(device_, a);
  EXPECT_EQ(relative_error(Cholesky(view_of_device(memory, a), 0.5, cholesky_on_device()).factor(),
                           Cholesky(a, 0.5, cholesky_on_device()).factor()),
            0);
}

TEST_F(DeviceMemory, ProductsReadItInPlace) {
  const OnBackend a(device_, a_), b(device_, b_);
  const std::size_t before = device_.crossed();
  const Array c = matmul(view_of_device(a, a_), view_of_device(b, b_), false, false, on_device());
  EXPECT_LT(device_.crossed() - before, kMatrixBytes / 4);
  EXPECT_LE(product_error(a_, false, b_, false, c), 1e-12);
}

TEST_F(DeviceMemory, NaNThereIsFoundByItsPlace) {
  Array a = a_.clone();
  a.as<double>()[17 * kSize + 5] = std::nan("");
  const OnBackend memory(device_, a);
  try {
    matmul(view_of_device(memory, a), b_, false, false, on_device());
    FAIL();
  } catch (const DataError& error) {
    EXPECT_NE(std::string(error.what()).find("row 17, column 5"), std::string::npos);
  }
}

TEST_F(DeviceMemory, LargeFiniteEntriesAreNotTakenForInf) {
  const Array a = Array::of<double>({1.5e308, 1.5e308}, {1, 2}),
              b = Array::of<double>({0, 1}, {2, 1});
  const OnBackend memory(device_, a);
  const Array c = matmul(view_of_device(memory, a), b, false, false, on_device());
  EXPECT_EQ(value_at(c, 0), 1.5e308);
}

TEST_F(DeviceMemory, AnotherDeviceCannotReachIt) {
  const OnBackend memory(device_, a_);
  CholeskyOptions options;
  options.device = Device::cpu;
  EXPECT_THROW(Cholesky(view_of_device(memory, a_), 0, options), UsageError);
}

TEST_F(DeviceMemory, NothingOfItIsLeftBehind) {
  {
    const Cholesky cholesky(a_, 0.5, cholesky_on_device());
    const Eigen eigen(a_, on_device());
    eigen.apply([](double w) { return w; }, b_);
    cholesky.solve(b_);
    largest_eigenvalue(a_, on_device());
    EXPECT_EQ(device_.allocations(), 2u);
  }
  EXPECT_EQ(device_.allocations(), 0u);
}

}  // namespace
}  // namespace ntk::testing
