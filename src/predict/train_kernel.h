// The kernel of the training set, factored as a question needs it: what all predictors stand on.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>

#include "ntk/array.h"
#include "ntk/predict.h"
#include "ntk/solve.h"
#include "src/predict/flow_time.h"

namespace ntk::internal {

// Throws UsageError for options out of range or at odds with each other.
void require_options(const PredictorOptions& options);

// What diag_reg puts on the diagonal of this N x N kernel.
double absolute_ridge(const PredictorOptions& options, const ArrayView& kernel);

// Theta' = Theta + ridge I of N samples. Safe to use from several threads.
class TrainKernel {
 public:
  using Source = std::function<Array()>;  // gives Theta, N x N

  // Of the options: the solver, the cut-off and the jitter. `cholesky` and `eigen` are factors that
  // are there already, or null.
  TrainKernel(std::int64_t n, double ridge, const PredictorOptions& options,
              std::shared_ptr<const Cholesky> cholesky = nullptr,
              std::shared_ptr<const Eigen> eigen = nullptr);

  std::int64_t n() const { return n_; }
  double ridge() const;  // jitter included

  // Makes the factor that questions about this time need, unless it is there, on the device that
  // `how` says. Throws NotPositiveDefinite for a singular kernel at t = infinity, UsageError if the
  // solver that was asked for cannot answer.
  void prepare(const FlowTime& time, const ArrayView& kernel, const SolveOptions& how);
  void prepare(const FlowTime& time, const Source& source, const SolveOptions& how);
  bool is_prepared(const FlowTime& time) const;
  // The precision of questions about this time: float64 in the eigenbasis, else as asked.
  SolveOptions arithmetic(const FlowTime& time, const SolveOptions& how) const;

  // Functions of Theta' at a time that was prepared for, with E = e^{-Theta' s}.
  Array gain(const FlowTime& time, const ArrayView& b) const;  // Theta'^-1 (I - E) B
  // The same to float64 accuracy whatever the factor's precision, with the help of Theta. A float32
  // factor that is too coarse for refinement is replaced by a float64 one, which is logged.
  Array refined_gain(const FlowTime& time, const ArrayView& kernel, const ArrayView& b,
                     const SolveOptions& how);
  Array gain_right(const FlowTime& time, const ArrayView& b) const;  // B Theta'^-1 (I - E)
  // A root of that: R with R R^T = B Theta'^-1 (I - E) B^T.
  Array root_gain_right(const FlowTime& time, const ArrayView& b) const;
  Array drive(const FlowTime& time, const Array& b) const;                 // (I - E) B
  Array decay_both_sides(const FlowTime& time, const ArrayView& k) const;  // E K E
  // Theta E^2, or its diagonal.
  Array decayed_kernel(const FlowTime& time, Cov cov, const SolveOptions& how) const;

  std::shared_ptr<const Cholesky> cholesky() const;  // null if not made
  std::shared_ptr<const Eigen> eigen() const;

 private:
  bool needs_eigen(const FlowTime& time) const;
  void require_solver_for(const FlowTime& time) const;
  void make_factor(const FlowTime& time, const ArrayView& kernel, const SolveOptions& how);
  void make_cholesky(const ArrayView& kernel, const SolveOptions& how);
  void replace_coarse_factor(const ArrayView& kernel, const SolveOptions& how);
  void make_eigen(const ArrayView& kernel, const SolveOptions& how);
  void require_invertible(const Eigen& eigen) const;
  bool counts_as_zero(const Eigen& eigen, double w) const;
  using Mode = double (FlowTime::*)(double) const;
  std::function<double(double)> in_modes(const Eigen& eigen, const FlowTime& time, Mode mode,
                                         double of_zero) const;

  std::int64_t n_;
  double ridge_;
  PredictorOptions options_;
  mutable std::mutex making_;  // held while a factor is made
  mutable std::mutex mutex_;   // guards the pointers
  std::shared_ptr<const Cholesky> cholesky_;
  std::shared_ptr<const Eigen> eigen_;
};

}  // namespace ntk::internal
