#include <cmath>

#include "ntk/classical.h"
#include "ntk/error.h"
#include "src/architecture/kernel_names.h"
#include "src/architecture/value.h"

namespace ntk {
namespace {

constexpr double kLargest = 1e100, kSmallest = 1e-100;
constexpr std::int64_t kHighestDegree = 64;

[[noreturn]] void refuse(ClassicalKind kind, const std::string& key, const std::string& expected,
                         double found) {
  throw UsageError("kernel " + name_of(kind) + ": " + key + " must be " + expected + ", found " +
                   number_text(found));
}

void require_length(ClassicalKind kind, const std::optional<double>& length) {
  if (length && !(*length >= kSmallest && *length <= kLargest))
    refuse(kind, "length", "1e-100 to 1e100", *length);
}

// Wide enough for 1 / (2 length^2).
void require_gamma(const std::optional<double>& gamma) {
  constexpr double kSmallestGamma = 1e-300, kLargestGamma = 1e300;
  if (gamma && !(*gamma >= kSmallestGamma && *gamma <= kLargestGamma))
    refuse(ClassicalKind::rbf, "gamma", "1e-300 to 1e300", *gamma);
}

void require_amount(ClassicalKind kind, const char* key, double value) {
  if (!(value >= 0 && value <= kLargest)) refuse(kind, key, "0 to 1e100", value);
}

}  // namespace

const std::vector<std::string>& classical_names() {
  static const std::vector<std::string> names = {"rbf", "laplace", "matern", "polynomial"};
  return names;
}

const std::string& name_of(ClassicalKind kind) {
  return classical_names()[static_cast<std::size_t>(kind)];
}

ClassicalKernel rbf_kernel(std::optional<double> gamma) {
  require_gamma(gamma);
  return ClassicalKernel(ClassicalKind::rbf, gamma);
}

ClassicalKernel laplace_kernel(std::optional<double> length) {
  require_length(ClassicalKind::laplace, length);
  return ClassicalKernel(ClassicalKind::laplace, length);
}

ClassicalKernel matern_kernel(double nu, std::optional<double> length) {
  if (nu != 0.5 && nu != 1.5 && nu != 2.5)
    refuse(ClassicalKind::matern, "nu", "0.5, 1.5 or 2.5", nu);
  require_length(ClassicalKind::matern, length);
  ClassicalKernel kernel(ClassicalKind::matern, length);
  kernel.nu_ = nu;
  return kernel;
}

ClassicalKernel polynomial_kernel(std::int64_t degree, std::optional<double> gamma, double coef0) {
  if (degree < 1 || degree > kHighestDegree)
    refuse(ClassicalKind::polynomial, "degree", "1 to 64", static_cast<double>(degree));
  if (gamma) require_amount(ClassicalKind::polynomial, "gamma", *gamma);
  require_amount(ClassicalKind::polynomial, "coef0", coef0);
  ClassicalKernel kernel(ClassicalKind::polynomial, gamma);
  kernel.degree_ = degree;
  kernel.coef0_ = coef0;
  return kernel;
}

std::string ClassicalKernel::to_text() const {
  std::vector<std::string> parts;
  const bool has_gamma = kind_ == ClassicalKind::rbf || kind_ == ClassicalKind::polynomial;
  if (kind_ == ClassicalKind::matern) parts.push_back("nu=" + number_text(nu_));
  if (kind_ == ClassicalKind::polynomial) parts.push_back("degree=" + std::to_string(degree_));
  if (scale_) parts.push_back((has_gamma ? "gamma=" : "length=") + number_text(*scale_));
  if (kind_ == ClassicalKind::polynomial) parts.push_back("coef0=" + number_text(coef0_));
  std::string text = name_of(kind_);
  for (std::size_t i = 0; i < parts.size(); ++i) text += (i == 0 ? ":" : ",") + parts[i];
  return text;
}

bool operator==(const ClassicalKernel& a, const ClassicalKernel& b) {
  return a.kind() == b.kind() && a.scale() == b.scale() && a.nu() == b.nu() &&
         a.degree() == b.degree() && a.coef0() == b.coef0();
}

}  // namespace ntk
