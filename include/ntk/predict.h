/// \file
/// Closed-form predictions from kernel matrices, with the conventions of neural_tangents.predict:
/// loss 1/2 mean over y.size, so time enters as exp(-learning_rate t Theta / y.size); outputs share
/// one kernel (Theta x I); diag_reg is relative to the mean of the kernel's diagonal unless
/// absolute; no time means t = infinity. Formulas and their sources: docs/predict.md.
///
/// N training samples, M test samples, O outputs. Kernels are N x N (train), M x N (test_train) and
/// M x M (test_test, or its diagonal), float32 or float64, on the host with any strides or on the
/// device with contiguous rows; y is N or N x O. Solves and results are in float64. All throw
/// UsageError for shapes that do not fit, DataError for NaN or Inf (row and column named),
/// NotPositiveDefinite where t = infinity needs the inverse of a singular kernel, MemoryError,
/// DeviceError.
///
/// Copies of a predictor share what they hold. Const calls may run concurrently, on one predictor
/// or its copies: the factor that two need is made once. `log` is kept for as long as the
/// predictor.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "ntk/api.h"
#include "ntk/array.h"
#include "ntk/device.h"
#include "ntk/solve.h"

namespace ntk {

/// Which covariance is wanted.
enum class Cov {
  none,  ///< no covariance
  diag,  ///< the variances: M numbers
  full   ///< M x M, exactly symmetric
};

/// A ridge r on the diagonal of the training kernel.
struct Regularization {
  double diag_reg = 0;    ///< 0 or more; relative to the mean of the kernel's diagonal
  bool absolute = false;  ///< true: r is diag_reg as it is
};

/// A Gaussian for every test sample and output.
struct Prediction {
  Array mean;  ///< M x O (or M when y was N), float64
  Array cov;   ///< M x M (full), M (diag) or empty; float64, shared by all outputs
};

/// Of the kernel matrix the predictor holds what the questions need.
enum class Solver {
  automatic,  ///< a factor for t = infinity, the eigenbasis once a finite time is asked for
  cholesky,   ///< the Cholesky factor; a finite time is then a UsageError
  eigen       ///< the eigenbasis, for all times
};

/// How a predictor is made. SolveOptions' dtype is float64 unless asked: float32 makes factors and
/// covariances float32's, at t = infinity; the mean's solution is refined to float64 accuracy (for
/// a float32 kernel, whose entries are off by 6e-8, to a residual of 1e-12 of the targets) and,
/// where that does not converge (an ill-conditioned kernel), the factor is replaced by a float64
/// one, which is logged. Jitter is for that one alone. Finite times and the ridgeless limit are
/// float64's whatever is asked.
struct PredictorOptions : SolveOptions {
  Regularization regularization = {};  ///< default: no ridge
  Solver solver = Solver::automatic;   ///< what is held of the kernel
  /// The ridgeless limit: eigenvalues at most this times the largest count as zero
  /// (pseudo-inverse); at least 0, below 1. Without it, a singular kernel with diag_reg 0 is an
  /// error.
  std::optional<double> pseudo_inverse_cutoff = std::nullopt;
  double max_jitter = 0;  ///< see CholeskyOptions; for t = infinity only
  /// Of GradientFlow and Ensemble: false, training kernels are copied, because a time that was not
  /// asked for before may need them; true, they are not, and the caller keeps them alive and as
  /// they are for as long as the predictor and its copies.
  bool borrow_kernels = false;
};

/// Ridge regression with a kernel, which is also the posterior mean of a Gaussian process
/// (Rasmussen & Williams 2006, eq. 2.25 and 2.26).
///
///     mean = K_* (K + r I)^-1 y,  cov = K_** - K_* (K + r I)^-1 K_*^T
///
/// In neural_tangents: gp_inference, 'nngp', and 'ntkgp' for K = Theta.
class NTK_API KernelRegression {
 public:
  /// Factors k_train (N x N); y_train is N or N x O.
  KernelRegression(const ArrayView& k_train, const ArrayView& y_train,
                   const PredictorOptions& options = {});
  /// k_test_train: M x N. k_test_test: M x M for Cov::full, the diagonal (M) for Cov::diag.
  Prediction predict(const ArrayView& k_test_train, Cov cov = Cov::none,
                     const ArrayView& k_test_test = {}) const;
  /// What stands on the diagonal, absolute (regularization and jitter).
  double ridge() const;

 private:
  struct NTK_LOCAL Impl;
  std::shared_ptr<const Impl> impl_;
};

/// Gradient flow of the squared loss in function space from given outputs at t = 0 (Jacot et al.
/// 2018; Lee et al. 2019, section 2.2; neural_tangents: gradient_descent_mse).
///
///     f_train(t) = f0 + (e^{-Theta' tau/n} - I)(f0 - y)
///     f_test(t)  = g0 + Theta_* Theta'^-1 (e^{-Theta' tau/n} - I)(f0 - y)
///
/// where Theta' = Theta + r I, tau = learning_rate t and n = y.size.
class NTK_API GradientFlow {
 public:
  /// ntk_train: N x N. y_train: N or N x O. learning_rate: the size of a step, in which time
  /// counts.
  GradientFlow(const ArrayView& ntk_train, const ArrayView& y_train, double learning_rate = 1,
               const PredictorOptions& options = {});
  /// Outputs of the training samples at time t (0 or more; nullopt: infinity), in the shape of y.
  /// f0_train: those at t = 0, in the shape of y; empty: zero.
  Array train(std::optional<double> t, const ArrayView& f0_train = {}) const;
  /// Outputs of M test samples at time t, M x O (M when y was N). ntk_test_train: M x N. f0_train,
  /// f0_test: outputs at t = 0; empty: zero.
  Array test(std::optional<double> t, const ArrayView& ntk_test_train,
             const ArrayView& f0_train = {}, const ArrayView& f0_test = {}) const;

 private:
  struct NTK_LOCAL Impl;
  std::shared_ptr<const Impl> impl_;
};

/// The Gaussian that an ensemble of infinitely wide networks is at time t of gradient flow, random
/// in its initialization (Lee et al. 2019, section 2.3; He et al. 2020; neural_tangents:
/// gradient_descent_mse_ensemble). With E = e^{-Theta' tau/n} and B = Theta_* Theta'^-1 (I - E):
///
///     ntk:  mean B y, cov K_** + B K B^T - (B K_*^T + h.c.)
///     nngp: only the last layer trained, Theta = K: mean K_* K'^-1 (I - E) y,
///           cov K_** - K_* K'^-1 (I - e^{-2 K' tau/n}) K_*^T
///     on the training set: mean (I - E) y, cov E K E (ntk), K e^{-2 K' tau/n} (nngp).
class NTK_API Ensemble {
 public:
  /// For the NTK ensemble both kernels (N x N); for the NNGP ensemble ntk_train stays empty.
  /// y_train: N or N x O. learning_rate: the size of a step, in which time counts.
  Ensemble(const ArrayView& nngp_train, const ArrayView& ntk_train, const ArrayView& y_train,
           double learning_rate = 1, const PredictorOptions& options = {});
  /// At the training samples and time t (0 or more; nullopt: infinity).
  Prediction train(std::optional<double> t, Cov cov = Cov::none) const;
  /// At M test samples and time t. nngp_test_train (M x N) is needed for the NNGP ensemble, and for
  /// the NTK's covariance; ntk_test_train (M x N) for the NTK ensemble; nngp_test_test for any
  /// covariance (M x M, or the diagonal for Cov::diag).
  Prediction test(std::optional<double> t, const ArrayView& nngp_test_train,
                  const ArrayView& ntk_test_train, Cov cov = Cov::none,
                  const ArrayView& nngp_test_test = {}) const;

 private:
  struct NTK_LOCAL Impl;
  std::shared_ptr<const Impl> impl_;
};

/// The largest learning rate at which discrete gradient descent on the squared loss converges (the
/// heavy ball's bound; neural_tangents: max_learning_rate):
///
///     2 (1 + momentum) y_size / (lambda_max + 1e-12)
///
/// ntk_train: N x N. y_size: number of elements of y (N O), positive. momentum: 0 to 1.
NTK_API double max_learning_rate(const ArrayView& ntk_train, std::int64_t y_size,
                                 double momentum = 0, const SolveOptions& options = {});

}  // namespace ntk
