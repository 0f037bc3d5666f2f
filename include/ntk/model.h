// A fitted model: fit once, ask many questions, keep it in a file.
//
//   ntk::Model model = ntk::fit(net, x, y, {.kernel = ntk::KernelKind::ntk, .diag_reg = 1e-4});
//   ntk::Prediction p = model.predict(x_test, {.time = 100.0, .cov = ntk::Cov::full});
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ntk/architecture.h"
#include "ntk/array.h"
#include "ntk/classical.h"
#include "ntk/device.h"
#include "ntk/predict.h"
#include "ntk/progress.h"

namespace ntk {

enum class KernelKind { nngp, ntk };
// automatic: an integer y is class labels, anything else is targets of a regression.
enum class Task { automatic, classification, regression };
// What is done to samples before the kernel sees them, when a model is fitted and when it predicts.
// unit: each is divided by its Euclidean norm (zeros stay). standard: of each feature the mean over
// the training samples is subtracted, and it is divided by their standard deviation (over N); a
// feature that is constant there becomes 0.
enum class Normalize { none, unit, standard };

struct FitOptions {
  KernelKind kernel = KernelKind::ntk;
  double diag_reg = 0;
  bool diag_reg_absolute = false;
  Task task = Task::automatic;
  Normalize normalize = Normalize::none;
  Solver solver = Solver::automatic;
  // The ridgeless limit, asked for by name; see PredictorOptions.
  std::optional<double> pseudo_inverse_cutoff = std::nullopt;
  double max_jitter = 0;
  // Of the kernel's arithmetic; default: that of x. Solves are in float64.
  std::optional<DType> dtype = std::nullopt;
  Device device = Device::automatic;
  int threads = 0;
  std::size_t memory_limit = 0;
  ProgressCallback progress = nullptr;
  // Called with sentences worth knowing: the task that was chosen, jitter, ...
  std::function<void(const std::string&)> log = nullptr;
};

struct PredictOptions {
  std::optional<double> time = std::nullopt;  // nullopt: infinity
  double learning_rate = 1;
  Cov cov = Cov::none;
  // Both or none: the mean is then the gradient flow from these outputs at t = 0. A covariance that
  // is asked for along with it remains the ensemble's.
  ArrayView f0_train = {}, f0_test = {};
  Device device = Device::automatic;
  int threads = 0;
  std::size_t memory_limit = 0;
  ProgressCallback progress = nullptr;
  std::function<void(const std::string&)> log = nullptr;
};

// Copies share what they hold. Const calls may run concurrently: what a question needs beyond the
// fitted factor is computed once, kept for the next one, and told to its `log`.
class Model {
 public:
  // `x` is M x ..., as the training inputs. The mean and covariance of the ensemble of infinitely
  // wide networks (see Ensemble). For a model fitted from a Gram matrix: predict_from_gram.
  Prediction predict(const ArrayView& x, const PredictOptions& options = {}) const;
  // For a model of a given Gram matrix: test_train M x N, test_test M x M or its diagonal (needed
  // for a covariance only). The kernel regression of that matrix, at any time.
  Prediction predict_from_gram(const ArrayView& test_train, const ArrayView& test_test = {},
                               const PredictOptions& options = {}) const;

  bool is_classifier() const;
  const std::vector<std::int64_t>& classes() const;  // ascending; empty for regression
  // Of a model fitted to labels of text: these, sorted; class c has the name class_names()[c].
  const std::vector<std::string>& class_names() const;
  // Class of each row of a classifier's mean.
  std::vector<std::int64_t> classify(const Array& mean) const;

  std::int64_t training_count() const;
  std::int64_t output_count() const;
  KernelKind kernel() const;
  DType dtype() const;         // of the kernel's arithmetic
  Shape sample_shape() const;  // of one sample; empty for a model of a Gram matrix
  Normalize normalize() const;
  // None for a model of a classical kernel or of a Gram matrix.
  const std::optional<Architecture>& architecture() const;
  /// Of a model of a classical kernel: that kernel, with its gamma or length.
  const std::optional<ClassicalKernel>& classical_kernel() const;
  double ridge() const;         // on the diagonal, absolute
  std::string summary() const;  // a few lines for people

  // One file, written whole or not at all; versioned, with a checksum over everything in it.
  // Loading throws DataError for a file that is torn, changed, or of another version.
  void save(const std::string& path) const;
  static Model load(const std::string& path);

 private:
  friend Model fit(const Architecture&, const ArrayView&, const ArrayView&, const FitOptions&);
  friend Model fit(const Architecture&, const ArrayView&, const std::vector<std::string>&,
                   const FitOptions&);
  friend Model fit(const ClassicalKernel&, const ArrayView&, const ArrayView&, const FitOptions&);
  friend Model fit(const ClassicalKernel&, const ArrayView&, const std::vector<std::string>&,
                   const FitOptions&);
  friend Model fit_gram(const ArrayView&, const ArrayView&, const FitOptions&);
  friend Model fit_gram(const ArrayView&, const std::vector<std::string>&, const FitOptions&);
  struct Impl;
  std::shared_ptr<const Impl> impl_;
};

// x: N x ... inputs; y: N or N x O targets, or N integer labels, which become one-hot rows less
// 1/k.
Model fit(const Architecture& architecture, const ArrayView& x, const ArrayView& y,
          const FitOptions& options = {});
// A classification of N labels of text (UTF-8); the classes are their distinct values, sorted.
Model fit(const Architecture& architecture, const ArrayView& x,
          const std::vector<std::string>& labels, const FitOptions& options = {});
/// Of a classical kernel, whose gamma or length, if it has none, is found from the (normalized)
/// samples; options.log is told. Of the options `kernel` is not looked at.
Model fit(const ClassicalKernel& kernel, const ArrayView& x, const ArrayView& y,
          const FitOptions& options = {});
Model fit(const ClassicalKernel& kernel, const ArrayView& x, const std::vector<std::string>& labels,
          const FitOptions& options = {});
// From a symmetric N x N kernel matrix of any origin. It cannot be normalized.
Model fit_gram(const ArrayView& gram, const ArrayView& y, const FitOptions& options = {});
Model fit_gram(const ArrayView& gram, const std::vector<std::string>& labels,
               const FitOptions& options = {});

}  // namespace ntk
