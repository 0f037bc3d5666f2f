#include "ntk/model.h"

#include <cstdio>
#include <utility>

#include "src/predict/labels.h"
#include "src/predict/model_impl.h"
#include "src/tiles/samples.h"

namespace ntk {

using internal::TrainKernel;

namespace {

// A model has one kernel, of what the samples alone say.
void require_one_kernel(const KernelSpec& spec, const ArrayView& x) {
  const auto* const architecture = std::get_if<Architecture>(&spec);
  if (!architecture || x.shape.size() < 2) return;
  if (architecture->needs_patterns())
    throw UsageError(
        "a model does not take the patterns that the network's Aggregate needs: "
        "compute its Gram matrices, and fit these");
  const Shape output = architecture->output_shape({x.shape.begin() + 1, x.shape.end()});
  if (output.size() > 1)
    throw UsageError("architecture: the network ends on images of " + to_string(output) +
                     "; a model needs one kernel of two samples: end with Flatten or "
                     "GlobalAvgPool, and a Dense layer");
}

}  // namespace

std::shared_ptr<TrainKernel> internal::ModelState::any_kernel() const {
  const std::lock_guard lock(mutex);
  return kernels.begin()->second;
}

std::shared_ptr<TrainKernel> internal::ModelState::kernel_on(Backend& backend) const {
  const std::lock_guard lock(mutex);
  const auto found = kernels.find(&backend);
  if (found != kernels.end()) return found->second;
  const auto from = kernels.begin()->second;
  SolveOptions there, there_single;
  there.backend = there_single.backend = &backend;
  there_single.dtype = DType::float32;
  std::shared_ptr<const Cholesky> cholesky;
  std::shared_ptr<const Eigen> eigen;
  if (const auto have = from->cholesky())
    cholesky = std::make_shared<const Cholesky>(
        Cholesky::from_packed_factor(have->packed_factor(), have->jitter(),
                                     have->dtype() == DType::float32 ? there_single : there));
  if (const auto have = from->eigen()) {
    const Array values = Array::of(have->eigenvalues(), {have->n()});
    eigen = std::make_shared<const Eigen>(Eigen::from_basis(values, have->eigenvectors(), there));
  }
  auto moved = std::make_shared<TrainKernel>(n(), ridge, options, cholesky, eigen);
  kernels.emplace(&backend, moved);
  return moved;
}

KernelSpec internal::ModelState::spec() const {
  if (architecture) return *architecture;
  return classical.value();
}

Kernels internal::ModelState::gram_of(const ArrayView& x1, const GramOptions& how) const {
  return architecture ? gram(*architecture, x1, how) : gram(classical.value(), x1, how);
}

Kernels internal::ModelState::gram_of(const ArrayView& x1, const ArrayView& x2,
                                      const GramOptions& how) const {
  return architecture ? gram(*architecture, x1, x2, how) : gram(classical.value(), x1, x2, how);
}

Kernels internal::ModelState::diagonal_of(const ArrayView& samples, const GramOptions& how) const {
  return architecture ? gram_diagonal(*architecture, samples, how)
                      : gram_diagonal(classical.value(), samples, how);
}

Array internal::samples_on_host(const KernelSpec& spec, const ArrayView& x, Backend& backend,
                                const std::string& what) {
  require_one_kernel(spec, x);
  const SampleMatrix samples(spec, x, what);
  Array copy(samples.view().dtype, samples.view().shape);
  if (copy.bytes() > 0) backend.copy(copy.data(), samples.view().data, copy.bytes());
  return std::move(copy).reshaped(x.shape);
}

bool Model::is_classifier() const { return !impl_->classes.empty(); }
const std::vector<std::int64_t>& Model::classes() const { return impl_->classes; }
const std::vector<std::string>& Model::class_names() const { return impl_->class_names; }

std::vector<std::int64_t> Model::classify(const Array& mean) const {
  if (!is_classifier()) throw UsageError("classify: the model was fitted as a regression");
  return internal::largest_class(mean, impl_->classes);
}

std::int64_t Model::training_count() const { return impl_->n(); }
std::int64_t Model::output_count() const { return impl_->targets.outputs(); }
KernelKind Model::kernel() const { return impl_->kernel_kind; }
DType Model::dtype() const { return impl_->dtype; }

DType Model::solve_dtype() const {
  const auto factor = impl_->any_kernel()->cholesky();
  return factor ? factor->dtype() : DType::float64;
}

Normalize Model::normalize() const { return impl_->normalization.kind; }

Shape Model::sample_shape() const {
  if (!impl_->has_samples()) return {};
  return Shape(impl_->x.shape().begin() + 1, impl_->x.shape().end());
}

const std::optional<Architecture>& Model::architecture() const { return impl_->architecture; }
const std::optional<ClassicalKernel>& Model::classical_kernel() const { return impl_->classical; }
double Model::ridge() const { return impl_->any_kernel()->ridge(); }

std::string Model::summary() const {
  char ridge_text[32];
  std::snprintf(ridge_text, sizeof ridge_text, "%.6g", ridge());
  std::string text;
  if (impl_->has_samples())
    text += "kernel      " +
            (impl_->classical
                 ? impl_->classical->to_text()
                 : std::string(impl_->kernel_name()) + " of " + impl_->architecture->describe()) +
            ", " + name_of(impl_->dtype) + "\n" + "inputs      " + to_string(impl_->x.shape()) +
            " " + name_of(impl_->x.dtype()) + "\n";
  else
    text += "kernel      a Gram matrix of " + std::to_string(impl_->n()) + " samples, " +
            name_of(impl_->dtype) + "\n";
  if (normalize() != Normalize::none)
    text += std::string("normalized  ") + internal::name_of(normalize()) + "\n";
  text += is_classifier()
              ? "task        classification, " + std::to_string(classes().size()) + " classes\n"
              : "task        regression, " + std::to_string(output_count()) +
                    (output_count() == 1 ? " output\n" : " outputs\n");
  text += "ridge       " + std::string(ridge_text) + "\n";
  text += std::string("solver      ") +
          (impl_->any_kernel()->cholesky() ? "Cholesky factor" : "eigenbasis");
  if (solve_dtype() == DType::float32) text += ", float32, the mean refined";
  if (impl_->options.pseudo_inverse_cutoff) {
    char cutoff[32];
    std::snprintf(cutoff, sizeof cutoff, "%.3g", *impl_->options.pseudo_inverse_cutoff);
    text += std::string(", pseudo-inverse with cut-off ") + cutoff;
  }
  return text + "\n";
}

}  // namespace ntk
