// The oracle: serial, slow, in wide arithmetic, by the papers' own formulas; it shares no
// arithmetic with the backends that are tested against it.
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "kernels/backend.h"
#include "kernels/reference/dense.h"
#include "kernels/reference/images.h"
#include "kernels/reference/recursion.h"
#include "kernels/sample_checks.h"
#include "ntk/error.h"

namespace ntk {
namespace {

using reference::Pair;
using reference::Wide;

class Samples final : public PreparedSamples {
 public:
  std::int64_t count() const override { return n; }
  const double* nngp_diagonal() const override { return nngp.data(); }
  const double* ntk_diagonal() const override { return ntk.data(); }

  const double* row(std::int64_t i) const { return x.data() + i * width; }

  std::int64_t n = 0, width = 0;
  std::vector<double> x, nngp, ntk;
  std::vector<Wide> variance;  // where the vectors' instructions begin
};

Wide covariance(const Samples& a, std::int64_t i, const Samples& b, std::int64_t j) {
  const double *u = a.row(i), *v = b.row(j);
  Wide sum = 0;
  for (std::int64_t k = 0; k < a.width; ++k) sum += static_cast<Wide>(u[k]) * v[k];
  return a.width > 0 ? sum / static_cast<Wide>(a.width) : sum;
}

// Where the vectors' instructions begin.
Pair start_of(const Program& program, const Samples& a, std::int64_t i, const Samples& b,
              std::int64_t j) {
  const bool own = &a == &b && i == j;
  if (program.images) {
    const reference::Pooled pooled = reference::run_images(program, a.row(i), b.row(j), own);
    return {a.variance[static_cast<std::size_t>(i)], pooled.k,
            b.variance[static_cast<std::size_t>(j)], pooled.theta};
  }
  return {covariance(a, i, a, i), covariance(a, i, b, j), covariance(b, j, b, j), 0};
}

class ReferenceBackend final : public Backend {
 public:
  Device device() const override { return Device::reference; }
  std::string description() const override {
    return "serial, 128-bit arithmetic, own linear algebra";
  }
  MemorySpace space() const override { return MemorySpace::host; }
  void set_threads(int) override {}

  void* allocate(std::size_t bytes) override {
    void* p = std::malloc(std::max<std::size_t>(bytes, 1));
    if (!p) throw MemoryError("no memory for " + std::to_string(bytes) + " bytes");
    return p;
  }
  void release(void* p) noexcept override { std::free(p); }
  void copy(void* to, const void* from, std::size_t bytes) override {
    if (bytes > 0) std::memcpy(to, from, bytes);
  }
  std::size_t free_memory() const override { return host_free_memory(); }

  std::unique_ptr<PreparedSamples> prepare(const Program& program, ArrayView x,
                                           DType working) override {
    auto samples = std::make_unique<Samples>();
    samples->n = x.shape[0];
    samples->width = x.shape[1];
    samples->x.resize(static_cast<std::size_t>(x.size()));
    for (std::size_t i = 0; i < samples->x.size(); ++i)
      samples->x[i] = x.dtype == DType::float32 ? static_cast<const float*>(x.data)[i]
                                                : static_cast<const double*>(x.data)[i];
    for (std::int64_t i = 0; i < samples->n; ++i) {
      const reference::Pooled own =
          program.images ? reference::run_images(program, samples->row(i), samples->row(i), true)
                         : reference::Pooled{covariance(*samples, i, *samples, i), 0};
      samples->variance.push_back(own.k);
      const Pair pair = reference::run_pair(program, {own.k, own.k, own.k, own.theta}, true);
      samples->nngp.push_back(static_cast<double>(pair.q12));
      samples->ntk.push_back(static_cast<double>(pair.theta));
      require_representable(i, std::max(samples->nngp.back(), samples->ntk.back()), working);
    }
    return samples;
  }

  std::size_t workspace_bytes(const Program& program, std::int64_t rows, std::int64_t columns,
                              std::int64_t width, DType) const override {
    const std::size_t samples =
        static_cast<std::size_t>((rows + columns) * (width + 2)) * sizeof(double);
    return samples + (program.images ? reference::image_bytes(*program.images) : 0);
  }

  void gram(const Program& program, const PreparedSamples& rows, const PreparedSamples& columns,
            const GramBlock& block, const WorkCallback& progress) override {
    const auto& a = static_cast<const Samples&>(rows);
    const auto& b = static_cast<const Samples&>(columns);
    const bool symmetric = is_symmetric_block(rows, columns, block);
    for (std::int64_t i = block.row_begin; i < block.row_end; ++i) {
      for (std::int64_t j = block.column_begin; j < (symmetric ? i + 1 : block.column_end); ++j) {
        const Pair pair = &rows == &columns ? entry(program, a, std::max(i, j), b, std::min(i, j))
                                            : entry(program, a, i, b, j);
        store(block, i, j, pair);
        if (symmetric) store(block, j, i, pair);
      }
      if (progress && !progress(i + 1 - block.row_begin, block.row_end - block.row_begin))
        throw Cancelled("the Gram matrix was cancelled");
    }
  }

  std::int64_t cholesky(DType dtype, std::int64_t n, void* a, std::int64_t lda) override {
    return reference::cholesky(dtype, n, a, lda);
  }
  void cholesky_solve(DType dtype, std::int64_t n, std::int64_t columns, const void* l,
                      std::int64_t lda, void* b, std::int64_t ldb) override {
    reference::cholesky_solve(dtype, n, columns, l, lda, b, ldb);
  }
  void triangular_solve(DType dtype, std::int64_t n, std::int64_t columns, const void* l,
                        std::int64_t lda, void* b, std::int64_t ldb) override {
    reference::triangular_solve(dtype, n, columns, l, lda, b, ldb);
  }
  void eigen(DType dtype, std::int64_t n, void* a, std::int64_t lda, void* eigenvalues) override {
    reference::eigen(dtype, n, a, lda, eigenvalues);
  }
  void multiply(DType dtype, bool transpose_a, bool transpose_b, std::int64_t m, std::int64_t n,
                std::int64_t k, double alpha, const void* a, std::int64_t lda, const void* b,
                std::int64_t ldb, double beta, void* c, std::int64_t ldc) override {
    reference::multiply(dtype, transpose_a, transpose_b, m, n, k, alpha, a, lda, b, ldb, beta, c,
                        ldc);
  }
  void wide_multiply(std::int64_t m, std::int64_t n, std::int64_t k, const float* a,
                     std::int64_t lda, const double* b, std::int64_t ldb, double* c,
                     std::int64_t ldc) override {
    reference::wide_multiply(m, n, k, a, lda, b, ldb, c, ldc);
  }
  void gram_of_columns(DType dtype, std::int64_t n, std::int64_t k, const void* a, std::int64_t lda,
                       void* c, std::int64_t ldc) override {
    reference::gram_of_columns(dtype, n, k, a, lda, c, ldc);
  }

 private:
  static Pair entry(const Program& program, const Samples& a, std::int64_t i, const Samples& b,
                    std::int64_t j) {
    return reference::run_pair(program, start_of(program, a, i, b, j), &a == &b && i == j);
  }

  static void store(const GramBlock& block, std::int64_t i, std::int64_t j, const Pair& pair) {
    const std::int64_t at = (i - block.row_begin) * block.ld + (j - block.column_begin);
    auto put = [&](void* out, Wide value) {
      if (!out) return;
      if (block.dtype == DType::float32)
        static_cast<float*>(out)[at] = static_cast<float>(value);
      else
        static_cast<double*>(out)[at] = static_cast<double>(value);
    };
    put(block.nngp, pair.q12);
    put(block.ntk, pair.theta);
  }
};

}  // namespace

Backend& reference_backend() {
  static ReferenceBackend backend;
  return backend;
}

}  // namespace ntk
