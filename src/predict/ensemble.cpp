#include <utility>

#include "src/predict/kept_kernel.h"
#include "src/predict/posterior.h"
#include "src/predict/targets.h"
#include "src/solve/operand.h"

namespace ntk {

using internal::FlowTime;

struct Ensemble::Impl {
  SolveOptions how;
  internal::KeptKernel nngp_train, ntk_train;  // ntk_train: absent for the NNGP ensemble
  mutable internal::TrainKernel kernel;
  internal::Targets targets;
  double learning_rate;

  Impl(const ArrayView& nngp, const ArrayView& ntk, const ArrayView& y, double rate,
       const PredictorOptions& options)
      : how(options),
        nngp_train(nngp, options, "nngp_train"),
        ntk_train(ntk, options, "ntk_train"),
        kernel(internal::order_of(dynamics(), "the training kernel"),
               internal::absolute_ridge(options, dynamics()), options),
        targets(internal::targets_of(y, kernel.n(), how)),
        learning_rate(rate) {
    if (is_ntk() && nngp_train.is_there() && nngp.shape != ntk.shape)
      throw UsageError("nngp_train is " + to_string(nngp.shape) + ", but ntk_train is " +
                       to_string(ntk.shape) + "; both must be over the same samples");
    time_at(std::nullopt);
  }

  bool is_ntk() const { return ntk_train.is_there(); }
  const ArrayView& dynamics() const { return (is_ntk() ? ntk_train : nngp_train).view(); }
  FlowTime time_at(std::optional<double> t) const {
    return FlowTime::at(t, learning_rate, targets.size());
  }
  void require_nngp_train() const {
    if (!nngp_train.is_there())
      throw UsageError("the covariance of the NTK ensemble needs nngp_train, which was not given");
  }
};

Ensemble::Ensemble(const ArrayView& nngp_train, const ArrayView& ntk_train,
                   const ArrayView& y_train, double learning_rate,
                   const PredictorOptions& options) {
  internal::require_options(options);
  impl_ = std::make_shared<const Impl>(nngp_train, ntk_train, y_train, learning_rate, options);
}

Prediction Ensemble::train(std::optional<double> t, Cov cov) const {
  const Impl& impl = *impl_;
  const FlowTime time = impl.time_at(t);
  if (cov != Cov::none && impl.is_ntk()) impl.require_nngp_train();
  impl.kernel.prepare(time, impl.dynamics(), impl.how);
  const std::int64_t n = impl.targets.count();
  Prediction prediction;
  prediction.mean = impl.kernel.drive(time, impl.targets.values).reshaped(impl.targets.shape_of(n));
  if (cov == Cov::none) return prediction;
  if (!impl.is_ntk()) {
    prediction.cov = impl.kernel.decayed_kernel(time, cov, internal::in_double(impl.how));
    return prediction;
  }
  Array full = impl.kernel.decay_both_sides(time, impl.nngp_train.view());
  if (cov == Cov::full) {
    internal::symmetrize(full);
    prediction.cov = std::move(full);
    return prediction;
  }
  prediction.cov = Array(DType::float64, {n});
  for (std::int64_t i = 0; i < n; ++i)
    prediction.cov.as<double>()[i] = full.as<double>()[i * n + i];
  return prediction;
}

Prediction Ensemble::test(std::optional<double> t, const ArrayView& nngp_test_train,
                          const ArrayView& ntk_test_train, Cov cov,
                          const ArrayView& nngp_test_test) const {
  const Impl& impl = *impl_;
  const FlowTime time = impl.time_at(t);
  const SolveOptions options = impl.kernel.arithmetic(time, impl.how);
  const ArrayView& cross = impl.is_ntk() ? ntk_test_train : nngp_test_train;
  const std::int64_t m = internal::test_count(cross, impl.kernel.n(),
                                              impl.is_ntk() ? "ntk_test_train" : "nngp_test_train");
  Array prior;
  if (cov != Cov::none) {
    prior = internal::prior_covariance(nngp_test_test, m, cov, options, "nngp_test_test");
    if (impl.is_ntk()) impl.require_nngp_train();
    if (internal::test_count(nngp_test_train, impl.kernel.n(), "nngp_test_train") != m)
      throw UsageError("nngp_test_train is " + to_string(nngp_test_train.shape) +
                       ", but ntk_test_train is " + to_string(ntk_test_train.shape));
  }
  impl.kernel.prepare(time, impl.dynamics(), impl.how);
  Prediction prediction;
  const Array coefficients =
      impl.kernel.refined_gain(time, impl.dynamics(), impl.targets.values, options);
  prediction.mean = matmul(cross, coefficients, false, false, internal::in_double(options))
                        .reshaped(impl.targets.shape_of(m));
  if (cov == Cov::none) return prediction;
  prediction.cov = impl.is_ntk() ? internal::ntk_covariance(
                                       impl.kernel, time, impl.nngp_train.view(), nngp_test_train,
                                       ntk_test_train, std::move(prior), cov, options)
                                 : internal::nngp_covariance(impl.kernel, time, nngp_test_train,
                                                             std::move(prior), cov, options);
  return prediction;
}

}  // namespace ntk
