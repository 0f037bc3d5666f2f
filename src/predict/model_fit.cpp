#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "src/base/large_memory.h"
#include "src/io/exact_integers.h"
#include "src/predict/labels.h"
#include "src/predict/model_impl.h"
#include "src/predict/posterior.h"
#include "src/solve/operand.h"
#include "src/tiles/samples.h"

namespace ntk {
namespace {

using internal::FlowTime;

SolveOptions solve_options(const FitOptions& options) {
  SolveOptions solve;
  solve.device = options.device;
  solve.threads = options.threads;
  solve.log = options.log;
  solve.memory_limit = options.memory_limit;
  solve.dtype = options.solve_dtype;
  solve.backend = &internal::backend_of(solve);
  return solve;
}

PredictorOptions predictor_options(const FitOptions& options) {
  PredictorOptions predictor;
  predictor.regularization = {options.diag_reg, options.diag_reg_absolute};
  predictor.solver = options.solver;
  predictor.pseudo_inverse_cutoff = options.pseudo_inverse_cutoff;
  predictor.max_jitter = options.max_jitter;
  internal::require_options(predictor);
  return predictor;
}

void tell(const ProgressCallback& progress, std::int64_t done) {
  if (progress && !progress({"factorization", done, 1})) throw Cancelled("the fit was cancelled");
}

bool wants_eigen(const FitOptions& options) {
  return options.solver == Solver::eigen || options.pseudo_inverse_cutoff;
}

// Factor and kernel live side by side while the one is made from the other. The float64 factor that
// may have to take a float32 one's place is not foreseen: it asks for its memory itself.
void require_memory_to_fit(std::int64_t n, std::int64_t kernel_copies, DType dtype,
                           const FitOptions& options, const Backend& backend) {
  const std::size_t factor =
      wants_eigen(options) ? 2 * sizeof(double) : size_of(options.solve_dtype);
  const std::size_t per_pair = static_cast<std::size_t>(kernel_copies) * size_of(dtype) +
                               (backend.space() == MemorySpace::host ? factor : 0);
  const std::size_t bound = options.memory_limit ? options.memory_limit : available_memory();
  const double fits = std::floor(std::sqrt(
      static_cast<double>(bound) / static_cast<double>(std::max<std::size_t>(per_pair, 1))));
  const auto pairs = static_cast<std::size_t>(element_count({n, n}));
  require_memory(pairs * per_pair, options.memory_limit,
                 "fitting " + std::to_string(n) + " samples",
                 "about " + std::to_string(static_cast<std::int64_t>(fits)) + " samples would fit");
}

void set_targets(internal::ModelState& impl, const ArrayView& y, std::int64_t n,
                 const FitOptions& options, const SolveOptions& solve) {
  if (y.shape.empty() || y.shape[0] != n) internal::targets_of(y, n, solve);  // says what is wrong
  if (!internal::is_classification(options.task, y, options.log)) {
    impl.targets = internal::targets_of(y, n, solve);
    return;
  }
  internal::Labels labels = internal::labels_of(y);
  impl.classes = std::move(labels.classes);
  impl.targets = {std::move(labels.one_hot), false};
}

// While the kernel is there to take residuals with.
void refine(internal::ModelState& impl, internal::TrainKernel& kernel, const ArrayView& gram,
            const SolveOptions& solve) {
  const auto is_single = [&] {
    const auto factor = kernel.cholesky();
    return factor && factor->dtype() == DType::float32;
  };
  if (!is_single()) return;
  Array coefficients = kernel.refined_gain(FlowTime::infinity(), gram, impl.targets.values, solve);
  if (is_single()) impl.refined = std::make_shared<const Array>(std::move(coefficients));
}

void factorize(internal::ModelState& impl, const ArrayView& gram, const FitOptions& options,
               const SolveOptions& solve) {
  PredictorOptions predictor = impl.options;
  predictor.backend = solve.backend;
  impl.ridge = internal::absolute_ridge(predictor, gram);
  if (wants_eigen(options) && solve.dtype == DType::float32 && options.log)
    options.log("the eigenbasis is computed in float64: solve_dtype float32 is for the factor");
  auto kernel = std::make_shared<internal::TrainKernel>(impl.n(), impl.ridge, impl.options);
  tell(options.progress, 0);
  kernel->prepare(FlowTime::infinity(), gram, solve);
  refine(impl, *kernel, gram, solve);
  tell(options.progress, 1);
  impl.kernels.emplace(solve.backend, std::move(kernel));
}

// Entries (i, j) and (j, i) that differ by more than rounding mean another kind of matrix.
template <class T>
void require_symmetric(const ArrayView& gram, double tolerance) {
  constexpr std::int64_t kTile = 64;
  const internal::Strides strides = internal::strides_of(gram);
  const std::int64_t n = gram.shape[0];
  const T* const a = gram.as<T>();
  const auto at = [&](std::int64_t i, std::int64_t j) {
    return static_cast<double>(a[i * strides.row + j * strides.column]);
  };
  double scale = 0;
  for (std::int64_t i = 0; i < n; ++i) scale = std::max(scale, std::abs(at(i, i)));
  for (std::int64_t ti = 0; ti < n; ti += kTile)
    for (std::int64_t tj = 0; tj <= ti; tj += kTile)
      for (std::int64_t i = ti; i < std::min(ti + kTile, n); ++i)
        for (std::int64_t j = tj; j < std::min(tj + kTile, i); ++j)
          if (!(std::abs(at(i, j) - at(j, i)) <= tolerance * scale))
            throw DataError("gram: the matrix is not symmetric: row " + std::to_string(i) +
                            ", column " + std::to_string(j) + " (counted from 0) is " +
                            std::to_string(at(i, j)) + ", its mirror image " +
                            std::to_string(at(j, i)));
}

void require_symmetric(const ArrayView& gram) {
  constexpr double kRounding32 = 1e-5, kRounding64 = 1e-9;
  if (gram.dtype == DType::float32)
    require_symmetric<float>(gram, kRounding32);
  else
    require_symmetric<double>(gram, kRounding64);
}

// Sets the model's kernel: a classical one completed for its samples.
void set_kernel(internal::ModelState& impl, const KernelSpec& spec, const FitOptions& options) {
  if (const auto* architecture = std::get_if<Architecture>(&spec)) {
    impl.architecture = *architecture;
    impl.mask_constant = options.mask_constant;
    impl.kernel_kind = options.kernel;
    return;
  }
  if (options.mask_constant)
    throw UsageError("fit: a mask constant is for networks of images or sequences");
  impl.classical = complete_kernel(std::get<ClassicalKernel>(spec), impl.x, options.log);
  impl.kernel_kind = KernelKind::nngp;
}

void fit_to_samples(internal::ModelState& impl, const KernelSpec& spec, const ArrayView& x,
                    const ArrayView& y, const FitOptions& options) {
  if (options.mask_constant && options.normalize != Normalize::none)
    throw UsageError(
        "fit: masked samples cannot be normalized, which would change the mask "
        "constant: normalize the data first");
  impl.options = predictor_options(options);
  const SolveOptions solve = solve_options(options);
  impl.x = internal::samples_on_host(spec, x, *solve.backend, "x");
  impl.dtype = options.dtype.value_or(working_dtype(x));
  set_targets(impl, y, x.shape[0], options, solve);
  require_memory_to_fit(impl.n(), 1, impl.dtype, options, *solve.backend);
  impl.normalization = internal::learn_normalization(options.normalize, impl.x);
  internal::apply_normalization(impl.normalization, impl.x, "x");
  set_kernel(impl, spec, options);

  GramOptions gram_options;
  gram_options.get = impl.own_kernel();
  gram_options.device = options.device;
  gram_options.dtype = impl.dtype;
  gram_options.memory_limit = options.memory_limit;
  gram_options.threads = options.threads;
  gram_options.progress = options.progress;
  gram_options.log = options.log;
  const Kernels kernels = impl.gram_of(impl.x, gram_options);
  factorize(impl, impl.kernel_kind == KernelKind::ntk ? kernels.ntk : kernels.nngp, options, solve);
}

void fit_to_kernel(internal::ModelState& impl, const ArrayView& gram, const ArrayView& y,
                   const FitOptions& options) {
  if (options.normalize != Normalize::none)
    throw UsageError(
        "a kernel matrix cannot be normalized: normalize the samples that it is made of");
  impl.options = predictor_options(options);
  const SolveOptions solve = solve_options(options);
  const std::int64_t n = internal::order_of(gram, "gram");
  impl.kernel_kind = options.kernel;
  impl.dtype = gram.dtype == DType::float32 ? DType::float32 : DType::float64;
  set_targets(impl, y, n, options, solve);
  const bool as_it_is = gram.space == MemorySpace::host && gram.dtype == impl.dtype;
  require_memory_to_fit(n, as_it_is ? 0 : 1, impl.dtype, options, *solve.backend);
  require_exact_in_float64(gram, "gram");
  Array copy;
  if (!as_it_is) copy = internal::host_copy(*solve.backend, gram, impl.dtype, "gram");
  const ArrayView kernel = as_it_is ? gram : copy.view();
  internal::require_finite_matrix(kernel, 0, "gram");
  require_symmetric(kernel);
  factorize(impl, kernel, options, solve);
}

FitOptions as_classification(FitOptions options) {
  options.task = Task::classification;
  return options;
}

template <class Impl>
std::shared_ptr<Impl> fitted(const KernelSpec& spec, const ArrayView& x, const ArrayView& y,
                             const FitOptions& options) {
  auto impl = std::make_shared<Impl>();
  fit_to_samples(*impl, spec, x, y, options);
  return impl;
}

template <class Impl>
std::shared_ptr<Impl> fitted(const KernelSpec& spec, const ArrayView& x,
                             const std::vector<std::string>& labels, const FitOptions& options) {
  internal::NamedLabels named = internal::named_labels_of(labels, options.task, options.log);
  auto impl = fitted<Impl>(spec, x, named.places, as_classification(options));
  impl->class_names = std::move(named.names);
  return impl;
}

}  // namespace

Model fit(const Architecture& architecture, const ArrayView& x, const ArrayView& y,
          const FitOptions& options) {
  Model model;
  model.impl_ = fitted<Model::Impl>(architecture, x, y, options);
  return model;
}

Model fit(const Architecture& architecture, const ArrayView& x,
          const std::vector<std::string>& labels, const FitOptions& options) {
  Model model;
  model.impl_ = fitted<Model::Impl>(architecture, x, labels, options);
  return model;
}

Model fit(const ClassicalKernel& kernel, const ArrayView& x, const ArrayView& y,
          const FitOptions& options) {
  Model model;
  model.impl_ = fitted<Model::Impl>(kernel, x, y, options);
  return model;
}

Model fit(const ClassicalKernel& kernel, const ArrayView& x, const std::vector<std::string>& labels,
          const FitOptions& options) {
  Model model;
  model.impl_ = fitted<Model::Impl>(kernel, x, labels, options);
  return model;
}

Model fit_gram(const ArrayView& gram, const ArrayView& y, const FitOptions& options) {
  auto impl = std::make_shared<Model::Impl>();
  fit_to_kernel(*impl, gram, y, options);
  Model model;
  model.impl_ = std::move(impl);
  return model;
}

Model fit_gram(const ArrayView& gram, const std::vector<std::string>& labels,
               const FitOptions& options) {
  internal::NamedLabels named = internal::named_labels_of(labels, options.task, options.log);
  auto impl = std::make_shared<Model::Impl>();
  fit_to_kernel(*impl, gram, named.places, as_classification(options));
  impl->class_names = std::move(named.names);
  Model model;
  model.impl_ = std::move(impl);
  return model;
}

}  // namespace ntk
