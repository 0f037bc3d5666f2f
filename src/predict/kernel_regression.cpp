#include <utility>

#include "src/predict/posterior.h"
#include "src/predict/targets.h"
#include "src/solve/operand.h"

namespace ntk {

using internal::FlowTime;

struct KernelRegression::Impl {
  SolveOptions how;
  internal::TrainKernel kernel;
  internal::Targets targets;
  Array coefficients;  // (K + r I)^-1 y

  Impl(const ArrayView& k, const ArrayView& y, const PredictorOptions& options)
      : how(options),
        kernel(internal::order_of(k, "the training kernel"), internal::absolute_ridge(options, k),
               options),
        targets(internal::targets_of(y, kernel.n(), how)) {
    kernel.prepare(FlowTime::infinity(), k, how);
    how = kernel.arithmetic(FlowTime::infinity(), how);
    coefficients = kernel.refined_gain(FlowTime::infinity(), k, targets.values, how);
  }
};

KernelRegression::KernelRegression(const ArrayView& k_train, const ArrayView& y_train,
                                   const PredictorOptions& options) {
  internal::require_options(options);
  impl_ = std::make_shared<const Impl>(k_train, y_train, options);
}

double KernelRegression::ridge() const { return impl_->kernel.ridge(); }

Prediction KernelRegression::predict(const ArrayView& k_test_train, Cov cov,
                                     const ArrayView& k_test_test) const {
  const auto& [how, kernel, targets, coefficients] = *impl_;
  const std::int64_t m = internal::test_count(k_test_train, kernel.n(), "the test-train kernel");
  Prediction prediction;
  prediction.mean = matmul(k_test_train, coefficients, false, false, internal::in_double(how))
                        .reshaped(targets.shape_of(m));
  if (cov == Cov::none) return prediction;
  Array prior = internal::prior_covariance(k_test_test, m, cov, how, "the test-test kernel");
  prediction.cov = internal::nngp_covariance(kernel, FlowTime::infinity(), k_test_train,
                                             std::move(prior), cov, how);
  return prediction;
}

}  // namespace ntk
