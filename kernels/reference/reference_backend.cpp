// The oracle: serial, slow, in wide arithmetic, by the papers' own formulas; it shares no
// arithmetic with the backends that are tested against it.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "kernels/backend.h"
#include "kernels/reference/dense.h"
#include "kernels/reference/pixels.h"
#include "kernels/reference/recursion.h"
#include "kernels/sample_checks.h"
#include "ntk/error.h"

namespace ntk {
namespace {

using reference::Pair;
using reference::PixelKernels;
using reference::PixelSample;
using reference::Wide;

class Samples final : public PreparedSamples {
 public:
  std::int64_t count() const override { return n; }
  const double* nngp_diagonal() const override { return nngp.data(); }
  const double* ntk_diagonal() const override { return ntk.data(); }

  const double* row(std::int64_t i) const { return x.data() + i * width; }

  std::int64_t n = 0, width = 0;
  std::vector<double> x, nngp, ntk;
  std::vector<PixelSample> pixels;  // of a network of images
};

Wide covariance(const Samples& a, std::int64_t i, const Samples& b, std::int64_t j) {
  const double *u = a.row(i), *v = b.row(j);
  Wide sum = 0;
  for (std::int64_t k = 0; k < a.width; ++k) sum += static_cast<Wide>(u[k]) * v[k];
  return a.width > 0 ? sum / static_cast<Wide>(a.width) : sum;
}

// Of two samples; of a network of vectors one number each.
PixelKernels kernels_of(const Program& program, const Samples& a, std::int64_t i, const Samples& b,
                        std::int64_t j) {
  const bool own = &a == &b && i == j;
  if (program.pixels)
    return reference::run_pixels(program, a.pixels[static_cast<std::size_t>(i)],
                                 b.pixels[static_cast<std::size_t>(j)], own);
  const Pair pair = reference::run_pair(
      program, {covariance(a, i, a, i), covariance(a, i, b, j), covariance(b, j, b, j), 0}, own);
  return {{pair.q12}, {pair.theta}};
}

// In the order of Backend::gram; swapped: the pixels of the second sample come first.
std::vector<Wide> in_order(const Program& program, const std::vector<Wide>& values, bool swapped) {
  if (!program.pixels) return values;
  const PixelStage& stage = *program.pixels;
  const std::int64_t n = stage.outputs();
  std::vector<Wide> ordered(values.size());
  for (std::int64_t p = 0; p < n; ++p)
    for (std::int64_t r = 0; r < n; ++r)
      ordered[static_cast<std::size_t>(swapped ? stage.entry(r, p) : stage.entry(p, r))] =
          values[static_cast<std::size_t>(p * n + r)];
  return ordered;
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
      if (program.pixels) samples->pixels.emplace_back(program, samples->row(i));
      const PixelKernels own = kernels_of(program, *samples, i, *samples, i);
      const std::vector<Wide> nngp = in_order(program, own.k, false),
                              ntk = in_order(program, own.theta, false);
      double largest = 0;
      for (std::size_t e = 0; e < nngp.size(); ++e) {
        const auto k = static_cast<double>(nngp[e]), theta = static_cast<double>(ntk[e]);
        samples->nngp.push_back(k);
        samples->ntk.push_back(theta);
        largest = std::max({largest, std::abs(k), std::abs(theta)});
      }
      require_representable(i, largest, working);
    }
    return samples;
  }

  std::size_t workspace_bytes(const Program& program, std::int64_t rows, std::int64_t columns,
                              std::int64_t width, DType) const override {
    const std::size_t samples =
        static_cast<std::size_t>((rows + columns) * (width + 2)) * sizeof(double);
    return samples + (program.pixels ? reference::pixel_bytes(*program.pixels) : 0);
  }

  void gram(const Program& program, const PreparedSamples& rows, const PreparedSamples& columns,
            const GramBlock& block, const WorkCallback& progress) override {
    const auto& a = static_cast<const Samples&>(rows);
    const auto& b = static_cast<const Samples&>(columns);
    const bool symmetric = is_symmetric_block(rows, columns, block);
    for (std::int64_t i = block.row_begin; i < block.row_end; ++i) {
      for (std::int64_t j = block.column_begin; j < (symmetric ? i + 1 : block.column_end); ++j) {
        const bool swap = &rows == &columns && i < j;
        const PixelKernels k =
            swap ? kernels_of(program, a, j, b, i) : kernels_of(program, a, i, b, j);
        store(program, block, i, j, k, swap);
        if (symmetric && i != j) store(program, block, j, i, k, !swap);
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
  static void store(const Program& program, const GramBlock& block, std::int64_t i, std::int64_t j,
                    const PixelKernels& kernels, bool swapped) {
    const std::int64_t at =
        ((i - block.row_begin) * block.ld + (j - block.column_begin)) * entries_of_pair(program);
    const auto put = [&](void* out, const std::vector<Wide>& values) {
      const std::vector<Wide> ordered = in_order(program, values, swapped);
      for (std::size_t e = 0; out && e < ordered.size(); ++e) {
        const std::size_t to = static_cast<std::size_t>(at) + e;
        if (block.dtype == DType::float32)
          static_cast<float*>(out)[to] = static_cast<float>(ordered[e]);
        else
          static_cast<double*>(out)[to] = static_cast<double>(ordered[e]);
      }
    };
    put(block.nngp, kernels.k);
    put(block.ntk, kernels.theta);
  }
};

}  // namespace

Backend& reference_backend() {
  static ReferenceBackend backend;
  return backend;
}

}  // namespace ntk
