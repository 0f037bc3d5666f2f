// Mean and covariance on test samples from the kernels between them and the training samples.
#pragma once

#include "ntk/predict.h"
#include "src/predict/train_kernel.h"

namespace ntk::internal {

// Throws UsageError unless the kernel is M x n; M.
std::int64_t test_count(const ArrayView& k_test_train, std::int64_t n, const std::string& what);

// K_** (M x M for Cov::full, its diagonal for Cov::diag), checked, in float64.
Array prior_covariance(const ArrayView& k_test_test, std::int64_t m, Cov cov,
                       const SolveOptions& options, const std::string& what);

// K_** - K_* K'^-1 (I - e^{-2 K' s}) K_*^T
Array nngp_covariance(const TrainKernel& k, const FlowTime& time, const ArrayView& k_test_train,
                      Array prior, Cov cov, const SolveOptions& options);

// K_** + B K B^T - (B K_*^T + h.c.) with B = Theta_* Theta'^-1 (I - E)
Array ntk_covariance(const TrainKernel& theta, const FlowTime& time, const ArrayView& nngp_train,
                     const ArrayView& nngp_test_train, const ArrayView& ntk_test_train, Array prior,
                     Cov cov, const SolveOptions& options);

// The options with float64 arithmetic.
SolveOptions in_double(const SolveOptions& options);

void symmetrize(Array& a);

}  // namespace ntk::internal
