// Closed-form predictions from kernel matrices, with the conventions of neural_tangents.predict:
// loss 1/2 mean over y.size, so time enters as exp(-learning_rate t Theta / y.size); outputs share
// one kernel (Theta x I); diag_reg is relative to the mean of the kernel's diagonal unless
// absolute; no time means t = infinity. Formulas and their sources: docs/predict.md.
//
// N training samples, M test samples, O outputs. Kernels are N x N (train), M x N (test_train) and
// M x M (test_test, or its diagonal), float32 or float64; solves are in float64.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "ntk/array.h"
#include "ntk/device.h"
#include "ntk/solve.h"

namespace ntk {

enum class Cov { none, diag, full };

struct Regularization {
  double diag_reg = 0;
  bool absolute = false;
};

struct Prediction {
  Array mean;  // M x O (or M when y was N), float64
  Array cov;   // M x M (full), M (diag) or empty; shared by all outputs
};

// Of the kernel matrix the predictor holds what the questions need: a Cholesky factor for
// t = infinity, the eigenbasis for finite times and for the ridgeless limit.
enum class Solver { automatic, cholesky, eigen };

// SolveOptions' dtype is float64 unless asked: float32 halves the time at t = infinity. Then
// factors and covariances are float32's; the mean's solution is refined to float64 accuracy and,
// where that does not converge (an ill-conditioned kernel), done again from a float64 factor, which
// is logged. Finite times and the ridgeless limit are float64's whatever is asked.
struct PredictorOptions : SolveOptions {
  Regularization regularization = {};
  Solver solver = Solver::automatic;
  // The ridgeless limit: eigenvalues at most `cutoff` times the largest count as zero
  // (pseudo-inverse). Without it, a singular kernel with diag_reg 0 is an error.
  std::optional<double> pseudo_inverse_cutoff = std::nullopt;
  double max_jitter = 0;  // see CholeskyOptions; for t = infinity only
};

// Ridge regression with a kernel, which is also the posterior mean of a Gaussian process.
//   mean = K_* (K + r I)^-1 y,  cov = K_** - K_* (K + r I)^-1 K_*^T
// (neural_tangents: gp_inference, 'nngp', and 'ntkgp' for K = Theta).
class KernelRegression {
 public:
  KernelRegression(const ArrayView& k_train, const ArrayView& y_train,
                   const PredictorOptions& options = {});
  // `k_test_test`: M x M for Cov::full, the diagonal (M) for Cov::diag.
  Prediction predict(const ArrayView& k_test_train, Cov cov = Cov::none,
                     const ArrayView& k_test_test = {}) const;
  double ridge() const;  // what stands on the diagonal, absolute (regularization and jitter)

 private:
  struct Impl;
  std::shared_ptr<const Impl> impl_;
};

// Gradient flow of the squared loss in function space from given outputs at t = 0
// (neural_tangents: gradient_descent_mse).
//   f_train(t) = f0 + (e^{-Theta' tau/n} - I)(f0 - y)
//   f_test(t)  = g0 + Theta_* Theta'^-1 (e^{-Theta' tau/n} - I)(f0 - y)
// where Theta' = Theta + r I, tau = learning_rate t and n = y.size. The kernel is copied: a time
// that was not asked for before may need it.
class GradientFlow {
 public:
  GradientFlow(const ArrayView& ntk_train, const ArrayView& y_train, double learning_rate = 1,
               const PredictorOptions& options = {});
  // f0 empty: zero. t: nullopt is infinity.
  Array train(std::optional<double> t, const ArrayView& f0_train = {}) const;
  Array test(std::optional<double> t, const ArrayView& ntk_test_train,
             const ArrayView& f0_train = {}, const ArrayView& f0_test = {}) const;

 private:
  struct Impl;
  std::shared_ptr<const Impl> impl_;
};

// The Gaussian that an ensemble of infinitely wide networks is at time t of gradient flow, random
// in its initialization (neural_tangents: gradient_descent_mse_ensemble). With
// E = e^{-Theta' tau/n} and B = Theta_* Theta'^-1 (I - E):
//   ntk:  mean B y, cov K_** + B K B^T - (B K_*^T + h.c.)
//   nngp: only the last layer trained, Theta = K: mean K_* K'^-1 (I - E) y,
//         cov K_** - K_* K'^-1 (I - e^{-2 K' tau/n}) K_*^T
//   on the training set: mean (I - E) y, cov E K E (ntk), K e^{-2 K' tau/n} (nngp).
// The kernels are copied: a time that was not asked for before may need them.
class Ensemble {
 public:
  // For the NTK ensemble both kernels; for the NNGP ensemble ntk_train stays empty.
  Ensemble(const ArrayView& nngp_train, const ArrayView& ntk_train, const ArrayView& y_train,
           double learning_rate = 1, const PredictorOptions& options = {});
  Prediction train(std::optional<double> t, Cov cov = Cov::none) const;
  // nngp_test_train is needed for the NNGP ensemble, and for the NTK's covariance; nngp_test_test
  // for any covariance (M x M, or the diagonal for Cov::diag).
  Prediction test(std::optional<double> t, const ArrayView& nngp_test_train,
                  const ArrayView& ntk_test_train, Cov cov = Cov::none,
                  const ArrayView& nngp_test_test = {}) const;

 private:
  struct Impl;
  std::shared_ptr<const Impl> impl_;
};

// The largest learning rate at which discrete gradient descent on the squared loss converges:
// 2 (1 + momentum) y_size / (lambda_max + 1e-12). y_size: number of elements of y (N O).
double max_learning_rate(const ArrayView& ntk_train, std::int64_t y_size, double momentum = 0,
                         const SolveOptions& options = {});

}  // namespace ntk
