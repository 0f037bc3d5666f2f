#include <utility>

#include "src/predict/kept_kernel.h"
#include "src/predict/posterior.h"
#include "src/predict/targets.h"
#include "src/solve/operand.h"

namespace ntk {

using internal::FlowTime;

struct GradientFlow::Impl {
  SolveOptions how;
  mutable internal::TrainKernel kernel;
  internal::Targets targets;
  double learning_rate;
  internal::KeptKernel ntk_train;

  Impl(const ArrayView& k, const ArrayView& y, double rate, const PredictorOptions& options)
      : how(internal::in_double(options)),
        kernel(internal::order_of(k, "the training kernel"), internal::absolute_ridge(options, k),
               options),
        targets(internal::targets_of(y, kernel.n(), how)),
        learning_rate(rate),
        ntk_train(k, options, "the training kernel") {
    time_at(std::nullopt);
  }

  FlowTime time_at(std::optional<double> t) const {
    return FlowTime::at(t, learning_rate, targets.size());
  }

  // y - f0, which the flow brings to zero.
  Array residual(const Array& f0) const {
    Array r = targets.values.clone();
    internal::add_scaled(r, -1, f0);
    return r;
  }
  Array train_outputs_at_start(const ArrayView& f0) const {
    return outputs_at_start(f0, targets, targets.count(), how, "f0_train");
  }
};

GradientFlow::GradientFlow(const ArrayView& ntk_train, const ArrayView& y_train,
                           double learning_rate, const PredictorOptions& options) {
  internal::require_options(options);
  impl_ = std::make_shared<const Impl>(ntk_train, y_train, learning_rate, options);
}

Array GradientFlow::train(std::optional<double> t, const ArrayView& f0_train) const {
  const auto& [how, kernel, targets, rate, ntk_train] = *impl_;
  const FlowTime time = impl_->time_at(t);
  const std::int64_t n = targets.count();
  Array f = impl_->train_outputs_at_start(f0_train);
  const Array residual = impl_->residual(f);
  kernel.prepare(time, ntk_train.view(), how);
  internal::add_scaled(f, 1, kernel.drive(time, residual));
  return std::move(f).reshaped(targets.shape_of(n));
}

Array GradientFlow::test(std::optional<double> t, const ArrayView& ntk_test_train,
                         const ArrayView& f0_train, const ArrayView& f0_test) const {
  const auto& [how, kernel, targets, rate, ntk_train] = *impl_;
  const FlowTime time = impl_->time_at(t);
  const std::int64_t m = internal::test_count(ntk_test_train, kernel.n(), "the test-train kernel");
  Array f = outputs_at_start(f0_test, targets, m, how, "f0_test");
  const Array residual = impl_->residual(impl_->train_outputs_at_start(f0_train));
  kernel.prepare(time, ntk_train.view(), how);
  const Array change = matmul(ntk_test_train, kernel.gain(time, residual), false, false, how);
  internal::add_scaled(f, 1, change);
  return std::move(f).reshaped(targets.shape_of(m));
}

double max_learning_rate(const ArrayView& ntk_train, std::int64_t y_size, double momentum,
                         const SolveOptions& options) {
  if (y_size < 1)
    throw UsageError("max_learning_rate: y_size must be positive, not " + std::to_string(y_size));
  if (!(momentum >= 0 && momentum <= 1))
    throw UsageError("max_learning_rate: momentum must be between 0 and 1, not " +
                     std::to_string(momentum));
  constexpr double kNoZeroDivisor = 1e-12;
  return 2 * (1 + momentum) * static_cast<double>(y_size) /
         (largest_eigenvalue(ntk_train, options) + kNoZeroDivisor);
}

}  // namespace ntk
