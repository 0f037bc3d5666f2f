// What a model holds: first what its file holds, then what it has computed for questions since.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "kernels/backend.h"
#include "ntk/gram.h"
#include "ntk/model.h"
#include "src/infinite/kernel_spec.h"
#include "src/io/sealed.h"
#include "src/predict/normalize.h"
#include "src/predict/targets.h"
#include "src/predict/train_kernel.h"

namespace ntk {

namespace internal {

struct ModelState {
  std::optional<double> mask_constant;
  std::optional<Architecture> architecture;  // neither: fitted from a Gram matrix
  std::optional<ClassicalKernel> classical;
  KernelKind kernel_kind = KernelKind::ntk;
  DType dtype = DType::float64;  // of the kernel's arithmetic
  Array x;                       // N x ..., empty for a Gram matrix
  Targets targets;
  std::vector<std::int64_t> classes;
  std::vector<std::string> class_names;  // of labels that are text
  Normalization normalization;           // that x has gone through
  PredictorOptions options;              // regularization, solver, cut-off, jitter
  double ridge = 0;                      // absolute, without jitter
  // Theta'^-1 y at t = infinity, refined while the kernel was at hand; null for a float64 factor,
  // which gives it at any time.
  std::shared_ptr<const Array> refined;

  mutable std::mutex mutex;
  mutable std::map<Backend*, std::shared_ptr<TrainKernel>> kernels;
  mutable std::map<Backend*, std::shared_ptr<const Array>> coefficients;  // at t = infinity
  mutable std::shared_ptr<const Array> nngp_train;

  std::int64_t n() const { return targets.count(); }
  bool has_samples() const { return architecture || classical; }
  KernelSpec spec() const;  // of a model that has samples
  // Kernels of the model between these samples, or among x1.
  GramOptions with_mask(GramOptions how) const;
  Kernels gram_of(const ArrayView& x1, const GramOptions& how) const;
  Kernels gram_of(const ArrayView& x1, const ArrayView& x2, const GramOptions& how) const;
  Kernels diagonal_of(const ArrayView& samples, const GramOptions& how) const;
  Get own_kernel() const { return kernel_kind == KernelKind::ntk ? Get::ntk : Get::nngp; }
  const char* kernel_name() const { return kernel_kind == KernelKind::ntk ? "ntk" : "nngp"; }

  // The factored kernel on this backend; brought there from another one if need be.
  std::shared_ptr<TrainKernel> kernel_on(Backend& backend) const;
  // The one factored kernel that fitting or loading made.
  std::shared_ptr<TrainKernel> any_kernel() const;
};

// What a model's file holds. Throws DataError, with `name` for the file, for what is no model.
void load_state(ModelState& model, SealedArchive archive, const std::string& name);

// The arrays of samples a model works with: row-major on the host, float32 or float64.
Array samples_on_host(const KernelSpec& spec, const ArrayView& x, Backend& backend,
                      const std::string& what);

}  // namespace internal

struct Model::Impl : internal::ModelState {};

}  // namespace ntk
