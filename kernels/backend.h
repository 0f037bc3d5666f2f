// The one interface that every backend implements; no entry is optional.
//
// Kinds of files: kernels/math is plain C++ for host and device and includes nothing of ours;
// kernels/{reference,cpu,cuda} see kernels/math, this file and include/ntk; src sees include/ntk
// and this file only. Nothing outside kernels/cuda mentions CUDA.
//
// Memory: "backend memory" is memory that allocate() gave (host memory for reference and cpu,
// device memory for cuda). Matrices are column-major as in LAPACK where a function says so. Thread
// safety: a Backend may be used from several threads at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "kernels/program.h"
#include "ntk/array.h"
#include "ntk/device.h"
#include "ntk/progress.h"

namespace ntk {

// N samples made ready for a program: normalized rows in the working precision, per-sample
// features, and the diagonal of both kernels in float64. Made by Backend::prepare for that program.
class PreparedSamples {
 public:
  virtual ~PreparedSamples() = default;
  virtual std::int64_t count() const = 0;
  // Host memory, entries_of_pair for each sample; exact to float64 rounding (means over pixel
  // pairs: docs/design.md).
  virtual const double* nngp_diagonal() const = 0;
  virtual const double* ntk_diagonal() const = 0;
};

// Where the entries of rows [row_begin, row_end) x columns [column_begin, column_end) go: entry (i,
// j) to data[(i - row_begin) * ld + (j - column_begin)], and where a pair has E = entries_of_pair
// numbers, these from E times that place on. A null pointer: that kernel is not wanted.
struct GramBlock {
  std::int64_t row_begin = 0, row_end = 0, column_begin = 0, column_end = 0;
  void* nngp = nullptr;
  void* ntk = nullptr;
  std::int64_t ld = 0;
  DType dtype = DType::float64;           // of the output: float32 or float64
  MemorySpace space = MemorySpace::host;  // of the output
  void* stream = nullptr;                 // cuda: a cudaStream_t to order the work on, or null
};

// Reports done and total units of work; returns false to cancel. May be empty.
using WorkCallback = std::function<bool(std::int64_t done, std::int64_t total)>;

class Backend {
 public:
  virtual ~Backend() = default;

  virtual Device device() const = 0;
  virtual std::string description() const = 0;  // instruction set, threads, BLAS; or GPU and driver
  virtual MemorySpace space() const = 0;        // of backend memory
  virtual void set_threads(int threads) = 0;    // 0: as many as the machine has cores

  // --- backend memory ---
  virtual void* allocate(std::size_t bytes) = 0;  // not initialised; throws MemoryError
  virtual void release(void* p) noexcept = 0;
  // Any mixture of host and backend memory.
  virtual void copy(void* to, const void* from, std::size_t bytes) = 0;
  virtual std::size_t free_memory() const = 0;  // bytes that allocate() could give now, an estimate

  // --- kernels of infinite networks ---
  // x: count x width, row-major, finite, in host memory or backend memory; it must outlive the
  // result. `working` is the precision of the entries' arithmetic (float32 or float64). Throws
  // NumericalError naming the sample whose own kernel overflows that precision.
  virtual std::unique_ptr<PreparedSamples> prepare(const Program& program, ArrayView x,
                                                   DType working) = 0;
  // Bytes of memory that prepare() and gram() need beside the inputs and the outputs.
  virtual std::size_t workspace_bytes(const Program& program, std::int64_t rows,
                                      std::int64_t columns, std::int64_t width,
                                      DType working) const = 0;
  // Fills the block with entries of rows x columns (both prepared for `program`). If &rows ==
  // &columns, entries (i, j) and (j, i) have the same bits and the diagonal is the exact one; in a
  // block on the diagonal (row range == column range) each pair is computed once. An entry's bits
  // depend only on its two samples' places in their sets and on the sizes of these, never on
  // threads or on the block. Tiles that a block cuts cost nearly what whole ones do: blocks should
  // begin and end at multiples of kBlockAlignment.
  static constexpr std::int64_t kBlockAlignment = 512;
  virtual void gram(const Program& program, const PreparedSamples& rows,
                    const PreparedSamples& columns, const GramBlock& block,
                    const WorkCallback& progress) = 0;

  // --- dense linear algebra on backend memory, column-major, float32 or float64 ---
  // A = L L^T of the lower triangle, in place; the upper triangle is left as it is. Returns 0, or
  // the order of the first leading minor that is not positive.
  virtual std::int64_t cholesky(DType dtype, std::int64_t n, void* a, std::int64_t lda) = 0;
  // Solves L L^T X = B in place; B is n x columns.
  virtual void cholesky_solve(DType dtype, std::int64_t n, std::int64_t columns, const void* l,
                              std::int64_t lda, void* b, std::int64_t ldb) = 0;
  // Solves L X = B in place, half of what cholesky_solve does; B is n x columns.
  virtual void triangular_solve(DType dtype, std::int64_t n, std::int64_t columns, const void* l,
                                std::int64_t lda, void* b, std::int64_t ldb) = 0;
  // All eigenvalues (ascending) and, in place of A, the eigenvectors as columns. Reads the lower
  // triangle. Throws NumericalError if it does not converge.
  virtual void eigen(DType dtype, std::int64_t n, void* a, std::int64_t lda, void* eigenvalues) = 0;
  // C = alpha op(A) op(B) + beta C with C m x n and inner size k; op is the transpose where asked.
  virtual void multiply(DType dtype, bool transpose_a, bool transpose_b, std::int64_t m,
                        std::int64_t n, std::int64_t k, double alpha, const void* a,
                        std::int64_t lda, const void* b, std::int64_t ldb, double beta, void* c,
                        std::int64_t ldc) = 0;
  // C = B^T A in float64, m x n, for A k x n in float32 and B k x m in float64: the residuals of
  // refinement, without a copy of A in float64.
  virtual void wide_multiply(std::int64_t m, std::int64_t n, std::int64_t k, const float* a,
                             std::int64_t lda, const double* b, std::int64_t ldb, double* c,
                             std::int64_t ldc) = 0;
  // The lower triangle of C = A^T A for A k x n; the upper triangle is left as it is.
  virtual void gram_of_columns(DType dtype, std::int64_t n, std::int64_t k, const void* a,
                               std::int64_t lda, void* c, std::int64_t ldc) = 0;
};

// Number of per-sample features that an instruction reads (kernels/math/dual/all.h).
int features_of(const Instruction& instruction);

// The variance of a sample of input variance q after the program's first instructions.
double variance_after(const Program& program, std::size_t instructions, double q);

// The range of the variances that pixels of these samples (host memory) have after the first steps
// of program.pixels, zeros apart; both 0: there are no others.
struct PixelVariances {
  double lowest = 0, highest = 0;
};
PixelVariances pixel_variances_after(const Program& program, std::size_t steps, const ArrayView& x);

// Bytes of host memory that this process could still take: what the system has free, within the
// control group's limit. An estimate.
std::size_t host_free_memory();

// Made once per process; throw DeviceError with the reason when the device cannot be used.
Backend& reference_backend();
Backend& cpu_backend();
Backend& cuda_backend();

}  // namespace ntk
