// The interface of kernels/backend.h on the host: OpenMP over tiles, BLAS and LAPACK for the rest.
#include <omp.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "kernels/backend.h"
#include "kernels/cpu/dense.h"
#include "kernels/cpu/gram.h"
#include "kernels/cpu/image_gram.h"
#include "kernels/cpu/pixel_gram.h"
#include "kernels/cpu/samples.h"
#include "kernels/host_memory.h"

namespace ntk {
namespace {

class CpuBackend final : public Backend {
 public:
  Device device() const override { return Device::cpu; }
  std::string description() const override {
    const int n = threads();
    return std::string(cpu::strip_kernels().name) + ", " + std::to_string(n) +
           (n == 1 ? " thread, " : " threads, ") + cpu::blas_description();
  }
  MemorySpace space() const override { return MemorySpace::host; }
  void set_threads(int threads) override { cpu::set_threads(threads); }

  void* allocate(std::size_t bytes) override { return allocate_host(bytes); }
  void release(void* p) noexcept override { std::free(p); }
  void copy(void* to, const void* from, std::size_t bytes) override {
    if (bytes > 0) std::memcpy(to, from, bytes);
  }
  std::size_t free_memory() const override { return host_free_memory(); }

  std::unique_ptr<PreparedSamples> prepare(const Program& program, ArrayView x,
                                           DType working) override {
    if (program.images) return std::make_unique<cpu::Images>(program, x, working, threads());
    if (program.pixels) return std::make_unique<cpu::PixelSamples>(program, x, working, threads());
    return std::make_unique<cpu::Samples>(program, x, working, threads());
  }
  std::size_t workspace_bytes(const Program& program, std::int64_t rows, std::int64_t columns,
                              std::int64_t width, DType working) const override {
    if (program.images)
      return cpu::Images::bytes(program, rows + columns, working, threads()) +
             cpu::image_gram_scratch_bytes(program, working, threads());
    if (program.pixels) return cpu::pixel_gram_bytes(program, rows + columns, threads());
    return cpu::Samples::bytes(program, rows, width, working) +
           (columns > 0 ? cpu::Samples::bytes(program, columns, width, working) : 0) +
           cpu::gram_scratch_bytes(program, width, working, threads());
  }
  void gram(const Program& program, const PreparedSamples& rows, const PreparedSamples& columns,
            const GramBlock& block, const WorkCallback& progress) override {
    if (program.images)
      return cpu::image_gram(program, static_cast<const cpu::Images&>(rows),
                             static_cast<const cpu::Images&>(columns), block, progress, threads());
    if (program.pixels)
      return cpu::pixel_gram(program, static_cast<const cpu::PixelSamples&>(rows),
                             static_cast<const cpu::PixelSamples&>(columns), block, progress,
                             threads());
    cpu::gram(program, static_cast<const cpu::Samples&>(rows),
              static_cast<const cpu::Samples&>(columns), block, progress, threads());
  }

  std::int64_t cholesky(DType dtype, std::int64_t n, void* a, std::int64_t lda) override {
    return cpu::cholesky(dtype, n, a, lda);
  }
  void cholesky_solve(DType dtype, std::int64_t n, std::int64_t columns, const void* l,
                      std::int64_t lda, void* b, std::int64_t ldb) override {
    cpu::cholesky_solve(dtype, n, columns, l, lda, b, ldb);
  }
  void triangular_solve(DType dtype, std::int64_t n, std::int64_t columns, const void* l,
                        std::int64_t lda, void* b, std::int64_t ldb) override {
    cpu::triangular_solve(dtype, n, columns, l, lda, b, ldb);
  }
  void eigen(DType dtype, std::int64_t n, void* a, std::int64_t lda, void* eigenvalues) override {
    cpu::eigen(dtype, n, a, lda, eigenvalues);
  }
  void multiply(DType dtype, bool transpose_a, bool transpose_b, std::int64_t m, std::int64_t n,
                std::int64_t k, double alpha, const void* a, std::int64_t lda, const void* b,
                std::int64_t ldb, double beta, void* c, std::int64_t ldc) override {
    cpu::multiply(dtype, transpose_a, transpose_b, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
  }
  void wide_multiply(std::int64_t m, std::int64_t n, std::int64_t k, const float* a,
                     std::int64_t lda, const double* b, std::int64_t ldb, double* c,
                     std::int64_t ldc) override {
    cpu::wide_multiply(m, n, k, a, lda, b, ldb, c, ldc);
  }
  void gram_of_columns(DType dtype, std::int64_t n, std::int64_t k, const void* a, std::int64_t lda,
                       void* c, std::int64_t ldc) override {
    cpu::gram_of_columns(dtype, n, k, a, lda, c, ldc);
  }

 private:
  static int threads() { return std::max(1, omp_get_max_threads()); }
};

}  // namespace

Backend& cpu_backend() {
  static CpuBackend backend;
  return backend;
}

}  // namespace ntk
