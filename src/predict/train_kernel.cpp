#include "src/predict/train_kernel.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <string>
#include <utility>

#include "src/solve/operand.h"

namespace ntk::internal {
namespace {

const char* const kWaysOut =
    "give a diag_reg (1e-6, say), remove duplicate training samples, or ask for the ridgeless "
    "limit "
    "with pseudo_inverse_cutoff";

std::string short_number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3g", value);
  return text;
}

}  // namespace

void require_options(const PredictorOptions& options) {
  const double diag_reg = options.regularization.diag_reg;
  if (!(diag_reg >= 0) || !std::isfinite(diag_reg))
    throw UsageError("diag_reg must be 0 or positive, not " + short_number(diag_reg));
  if (!(options.max_jitter >= 0) || !std::isfinite(options.max_jitter))
    throw UsageError("max_jitter must be 0 or positive, not " + short_number(options.max_jitter));
  if (options.max_jitter > 0 && options.solver == Solver::eigen)
    throw UsageError(
        "max_jitter is for the Cholesky factorization; solver eigen has no use for it");
  if (!options.pseudo_inverse_cutoff) return;
  const double cutoff = *options.pseudo_inverse_cutoff;
  if (!(cutoff >= 0 && cutoff < 1))
    throw UsageError("pseudo_inverse_cutoff must be at least 0 and below 1, not " +
                     short_number(cutoff));
  if (diag_reg > 0)
    throw UsageError("pseudo_inverse_cutoff asks for the ridgeless limit, but diag_reg is " +
                     short_number(diag_reg) + "; give one of them");
  if (options.solver == Solver::cholesky || options.max_jitter > 0)
    throw UsageError(
        "pseudo_inverse_cutoff needs the eigenbasis; give neither solver cholesky nor max_jitter");
}

double absolute_ridge(const PredictorOptions& options, const ArrayView& kernel) {
  const auto [diag_reg, absolute] = options.regularization;
  if (absolute || diag_reg == 0) return diag_reg;
  return diag_reg * mean_diagonal(backend_of(options), kernel);
}

TrainKernel::TrainKernel(std::int64_t n, double ridge, const PredictorOptions& options,
                         std::shared_ptr<const Cholesky> cholesky,
                         std::shared_ptr<const Eigen> eigen)
    : n_(n),
      ridge_(ridge),
      options_(options),
      cholesky_(std::move(cholesky)),
      eigen_(std::move(eigen)) {}

double TrainKernel::ridge() const {
  const auto factor = cholesky();
  return ridge_ + (factor ? factor->jitter() : 0);
}

std::shared_ptr<const Cholesky> TrainKernel::cholesky() const {
  const std::lock_guard lock(mutex_);
  return cholesky_;
}

std::shared_ptr<const Eigen> TrainKernel::eigen() const {
  const std::lock_guard lock(mutex_);
  return eigen_;
}

bool TrainKernel::needs_eigen(const FlowTime& time) const {
  return !time.is_infinite() || options_.solver == Solver::eigen || options_.pseudo_inverse_cutoff;
}

bool TrainKernel::is_prepared(const FlowTime& time) const {
  return needs_eigen(time) ? eigen() != nullptr : cholesky() != nullptr;
}

void TrainKernel::require_solver_for(const FlowTime& time) const {
  if (needs_eigen(time) && options_.solver == Solver::cholesky)
    throw UsageError(
        "a finite time needs the eigenbasis of the kernel, but solver cholesky was asked for; use "
        "solver automatic or eigen");
}

SolveOptions TrainKernel::arithmetic(const FlowTime& time, const SolveOptions& how) const {
  SolveOptions result = how;
  if (needs_eigen(time)) result.dtype = DType::float64;
  return result;
}

void TrainKernel::prepare(const FlowTime& time, const ArrayView& kernel, const SolveOptions& how) {
  require_solver_for(time);
  const std::lock_guard lock(making_);
  if (!is_prepared(time)) make_factor(time, kernel, how);
}

void TrainKernel::prepare(const FlowTime& time, const Source& source, const SolveOptions& how) {
  require_solver_for(time);
  const std::lock_guard lock(making_);
  if (!is_prepared(time)) make_factor(time, source(), how);
}

void TrainKernel::make_factor(const FlowTime& time, const ArrayView& kernel,
                              const SolveOptions& how) {
  needs_eigen(time) ? make_eigen(kernel, arithmetic(time, how)) : make_cholesky(kernel, how);
}

void TrainKernel::make_cholesky(const ArrayView& kernel, const SolveOptions& how) {
  CholeskyOptions options;
  static_cast<SolveOptions&>(options) = how;
  // What float32 cannot factor, float64 may without jitter.
  if (how.dtype == DType::float64) options.max_jitter = options_.max_jitter;
  try {
    auto factor = std::make_shared<const Cholesky>(kernel, ridge_, options);
    const std::lock_guard lock(mutex_);
    cholesky_ = std::move(factor);
  } catch (const NotPositiveDefinite& error) {
    if (how.dtype == DType::float32) {
      if (how.log)
        how.log("the kernel is not positive definite in float32; it is factored in float64");
      SolveOptions in_double = how;
      in_double.dtype = DType::float64;
      return make_cholesky(kernel, in_double);
    }
    throw NotPositiveDefinite(
        "the kernel of the " + std::to_string(n_) + " training samples is singular (diag_reg " +
            short_number(options_.regularization.diag_reg) + "): the leading minor of order " +
            std::to_string(error.minor()) + " is not positive, that is, sample " +
            std::to_string(error.minor() - 1) +
            " (counted from 0) adds nothing to those before it; " + kWaysOut,
        error.minor());
  }
}

void TrainKernel::make_eigen(const ArrayView& kernel, const SolveOptions& how) {
  auto basis = std::make_shared<const Eigen>(kernel, how);
  if (options_.pseudo_inverse_cutoff && how.log) {
    const auto zeros = std::count_if(basis->eigenvalues().begin(), basis->eigenvalues().end(),
                                     [&](double w) { return counts_as_zero(*basis, w); });
    how.log("pseudo-inverse: " + std::to_string(zeros) + " of " + std::to_string(n_) +
            " eigenvalues, at most " + short_number(*options_.pseudo_inverse_cutoff) +
            " times the largest, count as zero");
  }
  const std::lock_guard lock(mutex_);
  eigen_ = std::move(basis);
}

bool TrainKernel::counts_as_zero(const Eigen& eigen, double w) const {
  return options_.pseudo_inverse_cutoff &&
         w <= *options_.pseudo_inverse_cutoff * std::max(eigen.eigenvalues().back(), 0.0);
}

// As strict as a Cholesky factorization would be: below n eps of the largest all is rounding.
void TrainKernel::require_invertible(const Eigen& eigen) const {
  const double smallest = eigen.eigenvalues().front() + ridge_;
  const double largest = eigen.eigenvalues().back() + ridge_;
  const double rounding =
      static_cast<double>(n_) * std::numeric_limits<double>::epsilon() * std::abs(largest);
  if (smallest > rounding) return;
  throw NotPositiveDefinite("the kernel of the " + std::to_string(n_) +
                                " training samples is singular: its smallest eigenvalue is " +
                                short_number(smallest) + ", its largest " + short_number(largest) +
                                "; " + kWaysOut,
                            n_);
}

// `mode` for the eigenvalues of Theta'; of_zero for those that the pseudo-inverse leaves out:
// nothing moves along their eigenvectors, at any time.
std::function<double(double)> TrainKernel::in_modes(const Eigen& eigen, const FlowTime& time,
                                                    Mode mode, double of_zero) const {
  if (time.is_infinite() && !options_.pseudo_inverse_cutoff) require_invertible(eigen);
  return [this, &eigen, time, mode, of_zero](double w) {
    return counts_as_zero(eigen, w) ? of_zero : (time.*mode)(w + ridge_);
  };
}

Array TrainKernel::gain(const FlowTime& time, const ArrayView& b) const {
  if (!needs_eigen(time)) return cholesky()->solve(b);
  const auto basis = eigen();
  return basis->apply(in_modes(*basis, time, &FlowTime::gain, 0), b);
}

Array TrainKernel::refined_gain(const FlowTime& time, const ArrayView& kernel, const ArrayView& b,
                                const SolveOptions& how) {
  if (needs_eigen(time)) return gain(time, b);
  const auto factor = cholesky();
  if (factor->dtype() == DType::float64) return factor->solve(b);
  // What float32 entries stand for is not solved better by going on.
  const double enough = kernel.dtype == DType::float32 ? 1e-12 : 0;
  Refinement refined = refined_solve(*factor, kernel, ridge_, b, enough);
  if (refined.converged) return std::move(refined.solution);
  if (how.log)
    how.log("the float32 factor is too coarse for this kernel (the residual stays at " +
            short_number(refined.residual) + " of the targets); it is factored in float64");
  replace_coarse_factor(kernel, how);
  return cholesky()->solve(b);
}

void TrainKernel::replace_coarse_factor(const ArrayView& kernel, const SolveOptions& how) {
  const std::lock_guard lock(making_);
  if (cholesky()->dtype() == DType::float64) return;  // another thread was here
  SolveOptions in_double = how;
  in_double.dtype = DType::float64;
  make_cholesky(kernel, in_double);
}

Array TrainKernel::gain_right(const FlowTime& time, const ArrayView& b) const {
  if (!needs_eigen(time)) return cholesky()->solve_right(b);
  const auto basis = eigen();
  return basis->apply_right(in_modes(*basis, time, &FlowTime::gain, 0), b);
}

Array TrainKernel::root_gain_right(const FlowTime& time, const ArrayView& b) const {
  if (!needs_eigen(time)) return cholesky()->half_solve_right(b);
  const auto basis = eigen();
  const auto gain = in_modes(*basis, time, &FlowTime::gain, 0);
  return basis->apply_right([&](double w) { return std::sqrt(std::max(gain(w), 0.0)); }, b);
}

Array TrainKernel::drive(const FlowTime& time, const Array& b) const {
  if (!needs_eigen(time)) return b.converted_to(DType::float64);
  const auto basis = eigen();
  return basis->apply(in_modes(*basis, time, &FlowTime::drive, 0), b);
}

Array TrainKernel::decay_both_sides(const FlowTime& time, const ArrayView& k) const {
  if (!needs_eigen(time)) return Array(DType::float64, k.shape);
  const auto basis = eigen();
  const auto decay = in_modes(*basis, time, &FlowTime::decay, 1);
  return basis->apply_right(decay, basis->apply(decay, k));
}

Array TrainKernel::decayed_kernel(const FlowTime& time, Cov cov, const SolveOptions& how) const {
  const Shape shape = cov == Cov::full ? Shape{n_, n_} : Shape{n_};
  Array result(DType::float64, shape);
  if (!needs_eigen(time)) return result;
  const auto basis = eigen();
  const auto decay = in_modes(*basis, time.doubled(), &FlowTime::decay, 1);
  Array root =
      basis->eigenvectors();  // V sqrt(w e^{-2 w' s}): the result is this times its transpose
  double* const v = root.as<double>();
  for (std::int64_t i = 0; i < n_; ++i)
    for (std::int64_t j = 0; j < n_; ++j) {
      const double w = basis->eigenvalues()[static_cast<std::size_t>(j)];
      v[i * n_ + j] *= counts_as_zero(*basis, w) ? 0 : std::sqrt(std::max(w, 0.0) * decay(w));
    }
  if (cov == Cov::full) return matmul(root, root, false, true, how);
  for (std::int64_t i = 0; i < n_; ++i)
    for (std::int64_t j = 0; j < n_; ++j) result.as<double>()[i] += v[i * n_ + j] * v[i * n_ + j];
  return result;
}

}  // namespace ntk::internal
