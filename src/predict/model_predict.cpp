#include <algorithm>
#include <utility>

#include "src/base/large_memory.h"
#include "src/predict/model_impl.h"
#include "src/predict/posterior.h"
#include "src/solve/operand.h"

namespace ntk {
namespace {

using internal::FlowTime;
using internal::TrainKernel;

// Rows [first, first + count) of a row-major array on the host.
ArrayView rows_of(const Array& a, std::int64_t first, std::int64_t count) {
  ArrayView view = a.view();
  const std::int64_t row = a.shape()[0] > 0 ? a.size() / a.shape()[0] : 0;
  view.shape[0] = count;
  view.data = static_cast<const char*>(a.data()) +
              first * row * static_cast<std::int64_t>(size_of(a.dtype()));
  return view;
}

// Copies `part` (float64) to where row `first` of `whole` begins.
void put_rows(const Array& part, std::int64_t first, Array& whole) {
  const std::int64_t row = whole.shape()[0] > 0 ? whole.size() / whole.shape()[0] : 0;
  std::copy_n(part.as<double>(), part.size(), whole.as<double>() + first * row);
}

// One call of predict: the model, what was asked, and what is computed once for all test samples.
class Question {
 public:
  Question(const internal::ModelState& model, const PredictOptions& options)
      : model_(model), options_(options) {
    if (internal::is_absent(options.f0_train) != internal::is_absent(options.f0_test))
      throw UsageError(std::string("f0_train and f0_test go together, but only ") +
                       (internal::is_absent(options.f0_test) ? "f0_train" : "f0_test") +
                       " was given");
    solve_.device = options.device;
    solve_.threads = options.threads;
    solve_.log = options.log;
    solve_.memory_limit = options.memory_limit;
    solve_.backend = &internal::backend_of(solve_);
    time_ = FlowTime::at(options.time, options.learning_rate, model.targets.size());
    kernel_ = model.kernel_on(*solve_.backend);
    const auto source = [this] {
      say_that_the_eigenbasis_is_made();
      return train_kernel();
    };
    kernel_->prepare(time_, source, solve_);
    coefficients_ = coefficients();
  }

  Backend& backend() const { return *solve_.backend; }
  const SolveOptions& solve() const { return solve_; }

  // The mean but for the outputs at t = 0.
  Array change(const ArrayView& cross) const {
    return matmul(cross, *coefficients_, false, false, solve_);
  }
  Array start(std::int64_t m) const {
    return internal::outputs_at_start(options_.f0_test, model_.targets, m, solve_, "f0_test");
  }
  Array kernel_covariance(const ArrayView& cross, Array prior) const {
    return internal::nngp_covariance(*kernel_, time_, cross, std::move(prior), options_.cov,
                                     solve_);
  }
  // Of test samples given by the kernels between them and the training samples.
  Array covariance(const Kernels& cross, Array prior) const {
    if (model_.kernel_kind == KernelKind::nngp)
      return kernel_covariance(cross.nngp, std::move(prior));
    return internal::ntk_covariance(*kernel_, time_, *nngp_train(), cross.nngp, cross.ntk,
                                    std::move(prior), options_.cov, solve_);
  }

  GramOptions gram_options(Get get) const {
    GramOptions gram;
    gram.get = get;
    gram.device = options_.device;
    gram.dtype = model_.dtype;
    gram.memory_limit = options_.memory_limit;
    gram.threads = options_.threads;
    gram.progress = options_.progress;
    return gram;
  }

  // The NNGP kernel of the training set, which a model of the NTK does not hold; kept from then on.
  std::shared_ptr<const Array> nngp_train() const {
    const std::lock_guard lock(model_.mutex);
    if (!model_.nngp_train) {
      say("the covariance of the NTK ensemble needs the NNGP kernel of the training set: it is "
          "computed, and kept for the next question");
      model_.nngp_train =
          std::make_shared<const Array>(model_.gram_of(model_.x, gram_options(Get::nngp)).nngp);
    }
    return model_.nngp_train;
  }

 private:
  void say(const std::string& sentence) const {
    if (options_.log) options_.log(sentence);
  }
  void say_that_the_eigenbasis_is_made() const {
    const std::string n = std::to_string(model_.n());
    say(std::string("a finite time needs the eigenbasis of the ") + n + " x " + n +
        " kernel, which is computed " +
        (model_.has_samples() ? "anew" : "from the " + precision_of_factor() + "Cholesky factor") +
        " and kept for the next question (a model fitted with solver eigen holds it)");
  }

  // Said where it decides what the answer is worth.
  std::string precision_of_factor() const {
    return kernel_->cholesky()->dtype() == DType::float32 ? "float32 " : "";
  }

  // The kernel that was factored, computed once more, or put together again.
  Array train_kernel() const {
    if (model_.has_samples()) {
      Kernels kernels = model_.gram_of(model_.x, gram_options(model_.own_kernel()));
      return std::move(model_.kernel_kind == KernelKind::ntk ? kernels.ntk : kernels.nngp);
    }
    const Array l = kernel_->cholesky()->factor();
    Array kernel = matmul(l, l, false, true, solve_);
    const std::int64_t n = model_.n();
    for (std::int64_t i = 0; i < n; ++i) kernel.as<double>()[i * n + i] -= kernel_->ridge();
    return kernel;
  }

  // Theta'^-1 (I - E) B for another B than the model was fitted to.
  Array gain(const Array& b) const {
    const auto factor = kernel_->cholesky();
    if (!time_.is_infinite() || !factor || factor->dtype() == DType::float64)
      return kernel_->gain(time_, b);
    if (!model_.has_samples()) {
      say("outputs at t = 0 are solved for with the float32 factor as it is: a model of a Gram "
          "matrix does not keep the matrix, which refinement needs");
      return kernel_->gain(time_, b);
    }
    say("outputs at t = 0 need the kernel of the training set, to refine the float32 factor's "
        "solution: it is computed anew");
    return kernel_->refined_gain(time_, train_kernel(), b, solve_);
  }

  // Theta'^-1 (I - E) (y - f0).
  std::shared_ptr<const Array> coefficients() const {
    const internal::Targets& targets = model_.targets;
    if (!internal::is_absent(options_.f0_train)) {
      Array residual = targets.values.clone();
      internal::add_scaled(residual, -1,
                           internal::outputs_at_start(options_.f0_train, targets, targets.count(),
                                                      solve_, "f0_train"));
      return std::make_shared<const Array>(gain(residual));
    }
    if (!time_.is_infinite())
      return std::make_shared<const Array>(kernel_->gain(time_, targets.values));
    if (model_.refined) return model_.refined;
    const std::lock_guard lock(model_.mutex);
    auto& kept = model_.coefficients[solve_.backend];
    if (!kept) kept = std::make_shared<const Array>(kernel_->gain(time_, targets.values));
    return kept;
  }

  const internal::ModelState& model_;
  const PredictOptions& options_;
  SolveOptions solve_;
  FlowTime time_ = FlowTime::infinity();
  std::shared_ptr<TrainKernel> kernel_;
  std::shared_ptr<const Array> coefficients_;
};

// Test samples that are worked on at a time: their kernels with the training samples take a quarter
// of the memory at most.
std::int64_t block_rows(std::int64_t m, std::int64_t n, std::size_t memory_limit) {
  constexpr std::size_t kMost = std::size_t{1} << 30, kMatrices = 4;
  const std::size_t available = memory_limit > 0 ? memory_limit : available_memory();
  const std::size_t row_bytes = static_cast<std::size_t>(n) * kMatrices * sizeof(double);
  const auto rows = static_cast<std::int64_t>(std::min(kMost, available / 4) / row_bytes);
  constexpr std::int64_t kAligned = Backend::kBlockAlignment;
  return std::min(std::max<std::int64_t>(m, 1), std::max(kAligned, rows / kAligned * kAligned));
}

void require_same_sample_shape(const Shape& training, const Shape& test) {
  const auto same = test.size() == training.size() &&
                    std::equal(training.begin() + 1, training.end(), test.begin() + 1);
  if (!same)
    throw UsageError("x has the shape " + to_string(test) + ", but the model was fitted to " +
                     to_string(training) + "; the samples must have the same shape");
}

}  // namespace

Prediction Model::predict(const ArrayView& x, const PredictOptions& options) const {
  const Impl& model = *impl_;
  if (!model.has_samples())
    throw UsageError(
        "the model was fitted from a Gram matrix; predict from the kernel between test and "
        "training "
        "samples (predict_from_gram)");
  require_same_sample_shape(model.x.shape(), x.shape);
  const Question question(model, options);
  Array test = internal::samples_on_host(model.spec(), x, question.backend(), "x");
  internal::apply_normalization(model.normalization, test, "x");
  const std::int64_t m = test.shape()[0];
  const bool full = options.cov == Cov::full;
  const Get get = options.cov == Cov::none               ? model.own_kernel()
                  : model.kernel_kind == KernelKind::ntk ? Get::both
                                                         : Get::nngp;
  if (full)
    require_memory(
        static_cast<std::size_t>(element_count({m, m + 2 * model.n()})) * 2 * sizeof(double),
        options.memory_limit, "the covariance of " + std::to_string(m) + " samples",
        "ask for the variances alone (Cov::diag), or predict fewer samples at a time");

  Prediction prediction;
  const Array start = question.start(m);
  prediction.mean = Array(DType::float64, {m, model.targets.outputs()});
  if (options.cov != Cov::none)
    prediction.cov = Array(DType::float64, full ? Shape{m, m} : Shape{m});
  const std::int64_t step =
      full ? std::max<std::int64_t>(m, 1) : block_rows(m, model.n(), options.memory_limit);
  for (std::int64_t first = 0; first < m; first += step) {
    const std::int64_t count = std::min(step, m - first);
    const ArrayView rows = rows_of(test, first, count);
    const Kernels cross = model.gram_of(rows, model.x, question.gram_options(get));
    const Array& own = model.kernel_kind == KernelKind::ntk ? cross.ntk : cross.nngp;
    put_rows(question.change(own), first, prediction.mean);
    if (options.cov == Cov::none) continue;
    const GramOptions prior_options = question.gram_options(Get::nngp);
    Array prior = full ? model.gram_of(rows, prior_options).nngp.converted_to(DType::float64)
                       : model.diagonal_of(rows, prior_options).nngp;
    put_rows(question.covariance(cross, std::move(prior)), first, prediction.cov);
  }
  internal::add_scaled(prediction.mean, 1, start);
  prediction.mean = std::move(prediction.mean).reshaped(model.targets.shape_of(m));
  return prediction;
}

Prediction Model::predict_from_gram(const ArrayView& test_train, const ArrayView& test_test,
                                    const PredictOptions& options) const {
  const Impl& model = *impl_;
  if (model.has_samples())
    throw UsageError("the model was fitted to samples; predict from samples (predict)");
  const std::int64_t m = internal::test_count(test_train, model.n(), "the test-train kernel");
  const Question question(model, options);
  Prediction prediction;
  Array mean = question.start(m);
  internal::add_scaled(mean, 1, question.change(test_train));
  prediction.mean = std::move(mean).reshaped(model.targets.shape_of(m));
  if (options.cov == Cov::none) return prediction;
  prediction.cov = question.kernel_covariance(
      test_train, internal::prior_covariance(test_test, m, options.cov, question.solve(),
                                             "the test-test kernel"));
  return prediction;
}

}  // namespace ntk
