/// \file
/// Kernel matrices of infinitely wide networks. Any of these calls may run concurrently, each from
/// a thread of its own; each then takes `threads` threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "ntk/api.h"
#include "ntk/architecture.h"
#include "ntk/array.h"
#include "ntk/classical.h"
#include "ntk/device.h"
#include "ntk/progress.h"

namespace ntk {

/// Which kernels are wanted.
enum class Get {
  nngp,  ///< the covariance K of the outputs of random networks
  ntk,   ///< the neural tangent kernel Theta
  both   ///< both, for the price of little more than one
};

/// How a kernel matrix is computed.
struct GramOptions {
  Get get = Get::both;                ///< of gram_into nothing is used: its views say it
  Device device = Device::automatic;  ///< where
  /// Working precision and element type of the result, float32 or float64; default: that of x1
  /// (float64 for integers).
  std::optional<DType> dtype = std::nullopt;
  std::size_t memory_limit = 0;         ///< bytes this call may use in all; 0: what is free
  int threads = 0;                      ///< of the CPU; 0: all cores
  ProgressCallback progress = nullptr;  ///< of the stage "gram"
  /// Of networks of images or sequences: a pixel all of whose channels have this value is not there
  /// (samples of different lengths). Means of GlobalAvgPool are over the pixels that are there.
  std::optional<double> mask_constant = std::nullopt;
  /// Of networks with Aggregate: for each sample of x1 the weights of its graph's edges, n1 x V x
  /// V, from node i to node j at [i, j] (neural_tangents.stax.Aggregate). On the host.
  std::optional<ArrayView> pattern1 = std::nullopt;
  std::optional<ArrayView> pattern2 = std::nullopt;  ///< of x2
  /// Told when a series that was cut off leaves more than 1e-10 of a kernel (SeriesError).
  std::function<void(const std::string&)> log = nullptr;
};

/// Functions without a closed form (Tanh, Sigmoid, Softplus, Swish, Mish and the user's own) are
/// expanded in Hermite polynomials at the variances of the samples, in at most 8,192 terms: what
/// the terms left out hold, estimated, of the function whose series leaves most. Zero for networks
/// without such functions.
struct SeriesError {
  double nngp = 0;        ///< of E[phi(u)^2], and so of K
  double derivative = 0;  ///< of E[phi'(u)^2], by which Theta is multiplied
};

/// Kernel matrices.
struct Kernels {
  /// n1 x n2; empty unless asked for. Of a network that ends on images, n1 x n2 x H x H x W x W:
  /// each pixel axis of a sample of x1 is followed by that of a sample of x2, as in
  /// neural_tangents.
  Array nngp;
  Array ntk;                 ///< alike; empty unless asked for
  SeriesError series_error;  ///< beside rounding
};

/// The NNGP kernel K and the NTK Theta among the samples x1 (n1 x ..., float32, float64 or int64;
/// on the host with any strides, or on a GPU row-major). Each pair is computed once, the matrix is
/// exactly symmetric, its diagonal exact (pooled images: rounded). K begins as x x'/d, d numbers.
/// Formulas and their sources: docs/architecture.md, "Kernels". Throws DataError for NaN or Inf
/// (row and column named), UsageError for shapes that do not fit, MemoryError before anything large
/// is allocated, NumericalError for a kernel beyond its precision, DeviceError, Cancelled.
NTK_API Kernels gram(const Architecture& architecture, const ArrayView& x1,
                     const GramOptions& options = {});
/// The same between x1 (n1 x ...) and other samples x2 (n2 x ...) of one shape: n1 x n2.
NTK_API Kernels gram(const Architecture& architecture, const ArrayView& x1, const ArrayView& x2,
                     const GramOptions& options = {});

/// The caller's memory for kernels: n1 x n2 views on the host or on the device, float32 or float64,
/// row-major with any row stride (with pixel axes: without gaps); both alike. A view without data
/// is not computed.
struct KernelViews {
  MutableArrayView nngp = {};  ///< where K goes
  MutableArrayView ntk = {};   ///< where Theta goes
  /// With outputs on a GPU, a CUDA stream's handle that the work is ordered on; null: the call
  /// returns when the work is done.
  void* stream = nullptr;
};
/// gram() among x1 into the caller's memory. Throws the same, and UsageError for views that do not
/// fit; after an error the memory holds nothing of use.
NTK_API void gram_into(const Architecture& architecture, const ArrayView& x1,
                       const KernelViews& out, const GramOptions& options = {});
/// gram() between x1 and x2 into the caller's memory.
NTK_API void gram_into(const Architecture& architecture, const ArrayView& x1, const ArrayView& x2,
                       const KernelViews& out, const GramOptions& options = {});

/// Only the diagonals K(x, x) and Theta(x, x) of the samples x (n x ...): float64, n long (and the
/// pixel axes of a network that ends on images). Throws as gram() does.
NTK_API Kernels gram_diagonal(const Architecture& architecture, const ArrayView& x,
                              const GramOptions& options = {});

/// A classical kernel's matrix, in the place of the NNGP kernel's; it has no NTK, and to ask for it
/// alone is a UsageError. A kernel without gamma or length gets it from x2, or from x1 alone
/// (complete_kernel).
NTK_API Kernels gram(const ClassicalKernel& kernel, const ArrayView& x1,
                     const GramOptions& options = {});
/// The same between x1 and x2.
NTK_API Kernels gram(const ClassicalKernel& kernel, const ArrayView& x1, const ArrayView& x2,
                     const GramOptions& options = {});
/// Only the diagonal, float64, n long.
NTK_API Kernels gram_diagonal(const ClassicalKernel& kernel, const ArrayView& x,
                              const GramOptions& options = {});
/// Into the caller's memory, out.nngp.
NTK_API void gram_into(const ClassicalKernel& kernel, const ArrayView& x1, const KernelViews& out,
                       const GramOptions& options = {});
/// The same between x1 and x2.
NTK_API void gram_into(const ClassicalKernel& kernel, const ArrayView& x1, const ArrayView& x2,
                       const KernelViews& out, const GramOptions& options = {});

}  // namespace ntk
