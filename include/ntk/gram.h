// Kernel matrices of infinitely wide networks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "ntk/architecture.h"
#include "ntk/array.h"
#include "ntk/classical.h"
#include "ntk/device.h"
#include "ntk/progress.h"

namespace ntk {

enum class Get { nngp, ntk, both };

struct GramOptions {
  Get get = Get::both;
  Device device = Device::automatic;
  std::optional<DType> dtype = std::nullopt;  // working precision and element type of the result;
                                              // default: that of x1 (float64 for integers)
  std::size_t memory_limit = 0;               // bytes this call may use in all; 0: what is free
  int threads = 0;                            // 0: all cores
  ProgressCallback progress = nullptr;
};

struct Kernels {
  Array nngp;  // n1 x n2; empty unless asked for
  Array ntk;
};

// The NNGP kernel K and the NTK Theta between the samples x1 (n1 x ...) and x2 (n2 x ...), or among
// x1. A Gram among x1 computes each pair once, is exactly symmetric, and its diagonal is exact.
// Formulas: docs/architecture.md. Throws DataError for NaN or Inf (row and column named),
// UsageError for shapes that do not fit, MemoryError before anything large is allocated,
// DeviceError, Cancelled.
Kernels gram(const Architecture& architecture, const ArrayView& x1,
             const GramOptions& options = {});
Kernels gram(const Architecture& architecture, const ArrayView& x1, const ArrayView& x2,
             const GramOptions& options = {});

// The same into the caller's memory (host, or the device's own): n1 x n2 views, row-major with any
// row stride; a view without data is not computed. `stream`: with outputs on a GPU, a cudaStream_t
// that the work is ordered on (null: the call returns when the work is done).
struct KernelViews {
  MutableArrayView nngp = {}, ntk = {};
  void* stream = nullptr;
};
void gram_into(const Architecture& architecture, const ArrayView& x1, const KernelViews& out,
               const GramOptions& options = {});
void gram_into(const Architecture& architecture, const ArrayView& x1, const ArrayView& x2,
               const KernelViews& out, const GramOptions& options = {});

// Only the diagonals K(x, x) and Theta(x, x), float64, n long.
Kernels gram_diagonal(const Architecture& architecture, const ArrayView& x,
                      const GramOptions& options = {});

/// A classical kernel's matrix, in the place of the NNGP kernel's; it has no NTK, and to ask for it
/// alone is a UsageError. A kernel without gamma or length gets it from x2, or from x1 alone
/// (complete_kernel).
Kernels gram(const ClassicalKernel& kernel, const ArrayView& x1, const GramOptions& options = {});
Kernels gram(const ClassicalKernel& kernel, const ArrayView& x1, const ArrayView& x2,
             const GramOptions& options = {});
/// Only the diagonal, float64, n long.
Kernels gram_diagonal(const ClassicalKernel& kernel, const ArrayView& x,
                      const GramOptions& options = {});
/// Into the caller's memory, out.nngp.
void gram_into(const ClassicalKernel& kernel, const ArrayView& x1, const KernelViews& out,
               const GramOptions& options = {});
void gram_into(const ClassicalKernel& kernel, const ArrayView& x1, const ArrayView& x2,
               const KernelViews& out, const GramOptions& options = {});

}  // namespace ntk
