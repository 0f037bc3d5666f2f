// Texts such as `matern:nu=2.5,length=3`.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <string_view>

#include "ntk/classical.h"
#include "ntk/error.h"
#include "src/architecture/kernel_names.h"
#include "src/architecture/names.h"

namespace ntk {
namespace {

[[noreturn]] void refuse(std::string_view text, const std::string& what) {
  throw UsageError("kernel " + in_quotes(text) + ": " + what);
}

ClassicalKind kind_of(std::string_view text, std::string_view name) {
  const std::vector<std::string>& names = classical_names();
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) refuse(text, unknown_name("kernel", name, names));
  return static_cast<ClassicalKind>(found - names.begin());
}

const std::vector<std::string>& keys_of(ClassicalKind kind) {
  static const std::vector<std::string> keys[] = {
      {"gamma", "length"}, {"length"}, {"nu", "length"}, {"degree", "gamma", "coef0"}};
  return keys[static_cast<std::size_t>(kind)];
}

double number_of(std::string_view text, std::string_view key, std::string_view value) {
  double number = 0;
  const char* const end = value.data() + value.size();
  const auto [stopped, error] = std::from_chars(value.data(), end, number);
  if (error != std::errc() || stopped != end || value.empty() || !std::isfinite(number))
    refuse(text, std::string(key) + " must be a finite number, found " + in_quotes(value));
  return number;
}

using Numbers = std::map<std::string, double, std::less<>>;

// `key=value,key=value`
Numbers numbers_of(std::string_view text, std::string_view list, ClassicalKind kind) {
  const std::vector<std::string>& known = keys_of(kind);
  Numbers numbers;
  for (bool more = true; more;) {
    const std::size_t comma = list.find(',');
    const std::string_view item = list.substr(0, comma);
    more = comma != std::string_view::npos;
    list = more ? list.substr(comma + 1) : std::string_view();
    const std::size_t equals = item.find('=');
    if (equals == std::string_view::npos)
      refuse(text,
             "expected key=value, found " + in_quotes(item) + "; keys: " + comma_separated(known));
    const std::string key(item.substr(0, equals));
    if (std::find(known.begin(), known.end(), key) == known.end())
      refuse(text, unknown_name("key", key, known));
    if (!numbers.emplace(key, number_of(text, key, item.substr(equals + 1))).second)
      refuse(text, key + " stands twice");
  }
  return numbers;
}

std::optional<double> find(const Numbers& numbers, const char* key) {
  const auto found = numbers.find(key);
  if (found == numbers.end()) return std::nullopt;
  return found->second;
}

ClassicalKernel rbf_of(std::string_view text, const Numbers& numbers) {
  const std::optional<double> length = find(numbers, "length"), gamma = find(numbers, "gamma");
  if (length && gamma) refuse(text, "gamma and length say the same; give one of them");
  if (!length) return rbf_kernel(gamma);
  laplace_kernel(length);  // for the range of lengths
  return rbf_kernel(1 / (2 * *length * *length));
}

ClassicalKernel polynomial_of(std::string_view text, const Numbers& numbers) {
  constexpr double kDegree = 3, kCoef0 = 1, kSafe = 1e9;
  const double degree = find(numbers, "degree").value_or(kDegree);
  if (degree != std::floor(degree) || std::abs(degree) > kSafe)
    refuse(text, "degree must be a whole number, 1 to 64");
  return polynomial_kernel(static_cast<std::int64_t>(degree), find(numbers, "gamma"),
                           find(numbers, "coef0").value_or(kCoef0));
}

}  // namespace

ClassicalKernel parse_kernel(const std::string& text) {
  constexpr double kNu = 1.5;
  const std::string_view all = text;
  const std::size_t colon = all.find(':');
  const ClassicalKind kind = kind_of(all, all.substr(0, colon));
  Numbers numbers;
  if (colon != std::string_view::npos) numbers = numbers_of(all, all.substr(colon + 1), kind);
  switch (kind) {
    case ClassicalKind::rbf:
      return rbf_of(all, numbers);
    case ClassicalKind::laplace:
      return laplace_kernel(find(numbers, "length"));
    case ClassicalKind::matern:
      return matern_kernel(find(numbers, "nu").value_or(kNu), find(numbers, "length"));
    case ClassicalKind::polynomial:
      return polynomial_of(all, numbers);
  }
  refuse(all, "no kernel");  // every kind is above
}

}  // namespace ntk
