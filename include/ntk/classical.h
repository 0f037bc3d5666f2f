/// \file
/// Classical kernels, which are no networks': they go where an Architecture goes.
///
///     ntk::Kernels k = ntk::gram(ntk::rbf_kernel(0.5), x1, x2);  // k.nngp is the kernel
///     ntk::Model model = ntk::fit(ntk::parse_kernel("matern:nu=2.5,length=3"), x, y);
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "ntk/api.h"
#include "ntk/array.h"

namespace ntk {

/// Which formula.
enum class ClassicalKind {
  rbf,        ///< exp(-gamma |x - y|^2)
  laplace,    ///< exp(-|x - y| / length)
  matern,     ///< of order nu
  polynomial  ///< (gamma x.y + coef0)^degree
};

/// A checked value, made by the functions below. Formulas: docs/architecture.md.
class NTK_API ClassicalKernel {
 public:
  /// Its formula.
  ClassicalKind kind() const { return kind_; }
  /// gamma of rbf and polynomial, length of laplace and matern; nullopt: not given, to be found
  /// from the samples (complete_kernel).
  const std::optional<double>& scale() const { return scale_; }
  /// Of matern: 0.5, 1.5 or 2.5.
  double nu() const { return nu_; }
  /// Of polynomial.
  std::int64_t degree() const { return degree_; }
  /// Of polynomial.
  double coef0() const { return coef0_; }

  /// "rbf:gamma=0.5", which parse_kernel makes this value of again, to the last bit.
  std::string to_text() const;

 private:
  friend NTK_API ClassicalKernel rbf_kernel(std::optional<double>);
  friend NTK_API ClassicalKernel laplace_kernel(std::optional<double>);
  friend NTK_API ClassicalKernel matern_kernel(double, std::optional<double>);
  friend NTK_API ClassicalKernel polynomial_kernel(std::int64_t, std::optional<double>, double);
  ClassicalKernel(ClassicalKind kind, std::optional<double> scale) : kind_(kind), scale_(scale) {}

  ClassicalKind kind_;
  std::optional<double> scale_;
  double nu_ = 0;
  std::int64_t degree_ = 0;
  double coef0_ = 0;
};
/// Whether they are the same formula with exactly the same parameters.
NTK_API bool operator==(const ClassicalKernel& a, const ClassicalKernel& b);

/// exp(-gamma |x - y|^2). gamma: 1e-300 to 1e300; without it 1 / (2 length^2) for the median
/// length. Throws UsageError for parameters out of range, as do all of these.
NTK_API ClassicalKernel rbf_kernel(std::optional<double> gamma = std::nullopt);
/// exp(-|x - y| / length) with the Euclidean distance. length: 1e-100 to 1e100; without it the
/// median length.
NTK_API ClassicalKernel laplace_kernel(std::optional<double> length = std::nullopt);
/// Matern's kernel, as scikit-learn has it: nu is 0.5, 1.5 or 2.5; length as above.
NTK_API ClassicalKernel matern_kernel(double nu, std::optional<double> length = std::nullopt);
/// (gamma x.y + coef0)^degree. degree: 1 to 64; gamma, coef0: 0 to 1e100; gamma without a value is
/// 1 / d for samples of d numbers.
NTK_API ClassicalKernel polynomial_kernel(std::int64_t degree,
                                          std::optional<double> gamma = std::nullopt,
                                          double coef0 = 1);

/// From `name:key=value,key=value`:
///
///     rbf:gamma=G or rbf:length=L (gamma = 1/(2 L^2))     laplace:length=L
///     matern:nu=N,length=L (nu: 1.5)     polynomial:degree=D,gamma=G,coef0=C (3, 1/d, 1)
///
/// What is left out has the value in brackets, or comes from the samples. Throws UsageError naming
/// what is wrong, and the nearest known name.
NTK_API ClassicalKernel parse_kernel(const std::string& text);

/// The kernel with a gamma or a length: its own, or one made for the samples x (N x ...). That is
/// the median of the Euclidean distances, those that are 0 left out, between all samples, or, of
/// more than 1000, between the samples floor(k N / 1000), k = 0 ... 999 (counted from 0); 1 / d for
/// the polynomial. `log` is told; `what` names x in errors. Throws DataError if x has no two
/// samples that differ.
NTK_API ClassicalKernel complete_kernel(
    const ClassicalKernel& kernel, const ArrayView& x,
    const std::function<void(const std::string&)>& log = nullptr, const std::string& what = "x");

}  // namespace ntk
