/// \file
/// A fitted model: fit once, ask many questions, keep it in a file. Formulas and their sources:
/// docs/predict.md.
///
///     ntk::Model model = ntk::fit(net, x, y, {.kernel = ntk::KernelKind::ntk, .diag_reg = 1e-4});
///     ntk::Prediction p = model.predict(x_test, {.time = 100.0, .cov = ntk::Cov::full});
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ntk/api.h"
#include "ntk/architecture.h"
#include "ntk/array.h"
#include "ntk/classical.h"
#include "ntk/device.h"
#include "ntk/predict.h"
#include "ntk/progress.h"

namespace ntk {

/// Which kernel moves the outputs.
enum class KernelKind {
  nngp,  ///< only the last layer is trained
  ntk    ///< all layers are
};
/// What y is.
enum class Task {
  automatic,       ///< an integer y is class labels, anything else is targets of a regression
  classification,  ///< a label for each sample: integers, in any type
  regression       ///< numbers to be fitted as they are
};
/// What is done to samples before the kernel sees them, when a model is fitted and when it
/// predicts.
enum class Normalize {
  none,  ///< nothing
  unit,  ///< each is divided by its Euclidean norm; zeros stay
  /// Of each feature the mean over the training samples is subtracted, and it is divided by their
  /// standard deviation (over N); a feature that is constant there becomes 0.
  standard
};

/// How a model is fitted.
struct FitOptions {
  KernelKind kernel = KernelKind::ntk;    ///< of fit_gram only a name: the matrix is the kernel
  double diag_reg = 0;                    ///< ridge, relative to the mean of the kernel's diagonal
  bool diag_reg_absolute = false;         ///< true: the ridge is diag_reg as it is
  Task task = Task::automatic;            ///< what y is
  Normalize normalize = Normalize::none;  ///< of the samples; of fit_gram none
  /// Of networks of images or sequences, as GramOptions::mask_constant; kept in the model. Not with
  /// `normalize`, which would change the numbers.
  std::optional<double> mask_constant = std::nullopt;
  Solver solver = Solver::automatic;  ///< what is held of the kernel
  /// The ridgeless limit, asked for by name; see PredictorOptions.
  std::optional<double> pseudo_inverse_cutoff = std::nullopt;
  double max_jitter = 0;  ///< see CholeskyOptions; 0: none
  /// Of the kernel's arithmetic; default: that of x.
  std::optional<DType> dtype = std::nullopt;
  /// Of the Cholesky factor. float32: half the memory, and covariances (at t = infinity) to float32
  /// accuracy; the mean is refined to float64 accuracy. Where that does not converge (the condition
  /// number is past 1/epsilon of float32, about), the kernel is factored in float64 as well, which
  /// is logged. The eigenbasis is float64's whatever is asked.
  DType solve_dtype = DType::float64;
  Device device = Device::automatic;    ///< where
  int threads = 0;                      ///< of the CPU; 0: all cores
  std::size_t memory_limit = 0;         ///< bytes this call may use; 0: what is free
  ProgressCallback progress = nullptr;  ///< of the stages "gram" and "factorization"
  /// Called with sentences worth knowing: the task that was chosen, jitter, ... Must not call the
  /// model.
  std::function<void(const std::string&)> log = nullptr;
};

/// What is asked of a model, and how it is computed.
struct PredictOptions {
  /// Of gradient flow, in steps of size learning_rate, 0 or more; nullopt: infinity.
  std::optional<double> time = std::nullopt;
  double learning_rate = 1;  ///< a step's size, positive
  Cov cov = Cov::none;       ///< which covariance is wanted
  /// Outputs at t = 0 of the training samples (as y), both or none: the mean is then the gradient
  /// flow from these. A covariance that is asked for along with it remains the ensemble's.
  ArrayView f0_train = {};
  ArrayView f0_test = {};               ///< the same of the samples asked about (M x O)
  Device device = Device::automatic;    ///< where
  int threads = 0;                      ///< of the CPU; 0: all cores
  std::size_t memory_limit = 0;         ///< bytes this call may use; 0: what is free
  ProgressCallback progress = nullptr;  ///< of the stage "gram", once for each block of samples
  /// As in FitOptions.
  std::function<void(const std::string&)> log = nullptr;
};

/// A fitted model of N training samples and O outputs. Copies share what they hold. Const calls may
/// run concurrently, on one model or its copies: what a question needs beyond the fitted factor is
/// computed once, kept for the next one, and told to its `log`. A model that was not given by fit,
/// fit_gram or load may only be assigned to.
class NTK_API Model {
 public:
  /// Mean (M x O) and covariance of the ensemble of infinitely wide networks (see Ensemble) at
  /// samples x (M x ..., as the training inputs). Throws UsageError for shapes that do not fit and
  /// for a model of a Gram matrix, DataError for NaN or Inf, NumericalError where the kernel is
  /// singular, MemoryError, DeviceError, Cancelled.
  Prediction predict(const ArrayView& x, const PredictOptions& options = {}) const;
  /// For a model of a Gram matrix: test_train M x N, test_test M x M or its diagonal (needed for a
  /// covariance only). The kernel regression of that matrix, at any time. Throws as predict does.
  Prediction predict_from_gram(const ArrayView& test_train, const ArrayView& test_test = {},
                               const PredictOptions& options = {}) const;

  /// Whether it was fitted to class labels.
  bool is_classifier() const;
  /// The labels, ascending; 0, 1, ... if they are text, and empty for a regression.
  const std::vector<std::int64_t>& classes() const;
  /// Of a model fitted to labels of text: these, sorted; class c has the name class_names()[c].
  /// Empty for all others.
  const std::vector<std::string>& class_names() const;
  /// Of each row of a classifier's mean (M x classes) the class with the largest entry. Throws
  /// UsageError for a regression and for another shape.
  std::vector<std::int64_t> classify(const Array& mean) const;

  /// N.
  std::int64_t training_count() const;
  /// O; of a classifier the number of classes.
  std::int64_t output_count() const;
  /// Which kernel moves the outputs.
  KernelKind kernel() const;
  /// Of the kernel's arithmetic.
  DType dtype() const;
  /// Of the factor that is held: float32 if FitOptions::solve_dtype asked for it and it sufficed.
  DType solve_dtype() const;
  /// Of one sample; empty for a model of a Gram matrix.
  Shape sample_shape() const;
  /// What is done to samples.
  Normalize normalize() const;
  /// None for a model of a classical kernel or of a Gram matrix.
  const std::optional<Architecture>& architecture() const;
  /// Of a model of a classical kernel: that kernel, with its gamma or length.
  const std::optional<ClassicalKernel>& classical_kernel() const;
  /// What stands on the kernel's diagonal: ridge and jitter, absolute.
  double ridge() const;
  /// A few lines for people.
  std::string summary() const;

  /// One file, written whole or not at all; versioned, with a checksum over everything in it.
  /// Throws DataError where it cannot be written.
  void save(const std::string& path) const;
  /// What save wrote. Throws DataError for a file that is torn, changed, or of another version.
  static Model load(const std::string& path);

 private:
  friend NTK_API Model fit(const Architecture&, const ArrayView&, const ArrayView&,
                           const FitOptions&);
  friend NTK_API Model fit(const Architecture&, const ArrayView&, const std::vector<std::string>&,
                           const FitOptions&);
  friend NTK_API Model fit(const ClassicalKernel&, const ArrayView&, const ArrayView&,
                           const FitOptions&);
  friend NTK_API Model fit(const ClassicalKernel&, const ArrayView&,
                           const std::vector<std::string>&, const FitOptions&);
  friend NTK_API Model fit_gram(const ArrayView&, const ArrayView&, const FitOptions&);
  friend NTK_API Model fit_gram(const ArrayView&, const std::vector<std::string>&,
                                const FitOptions&);
  struct NTK_LOCAL Impl;
  std::shared_ptr<const Impl> impl_;
};

/// Fits to samples x (N x ..., a float's or int64) and targets y: N or N x O numbers, or N integer
/// labels, which become one-hot rows less 1/k. Throws DataError (NaN or Inf, labels that are none),
/// UsageError (shapes, options), NotPositiveDefinite where the kernel is singular, MemoryError
/// before the work begins, DeviceError, Cancelled.
NTK_API Model fit(const Architecture& architecture, const ArrayView& x, const ArrayView& y,
                  const FitOptions& options = {});
/// A classification of N labels of text (UTF-8 without control characters, else a DataError); the
/// classes are their distinct values, sorted. Task::regression is a UsageError.
NTK_API Model fit(const Architecture& architecture, const ArrayView& x,
                  const std::vector<std::string>& labels, const FitOptions& options = {});
/// Of a classical kernel, whose gamma or length, if it has none, is found from the (normalized)
/// samples; options.log is told. Of the options `kernel` is not looked at.
NTK_API Model fit(const ClassicalKernel& kernel, const ArrayView& x, const ArrayView& y,
                  const FitOptions& options = {});
/// The same for labels of text.
NTK_API Model fit(const ClassicalKernel& kernel, const ArrayView& x,
                  const std::vector<std::string>& labels, const FitOptions& options = {});
/// From a symmetric N x N kernel matrix of any origin; one that is not symmetric is a DataError.
/// Nothing can be normalized: another `normalize` than none is a UsageError.
NTK_API Model fit_gram(const ArrayView& gram, const ArrayView& y, const FitOptions& options = {});
/// The same for labels of text.
NTK_API Model fit_gram(const ArrayView& gram, const std::vector<std::string>& labels,
                       const FitOptions& options = {});

}  // namespace ntk
