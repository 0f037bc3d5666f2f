#include "src/report/number.h"

#include <array>
#include <cmath>
#include <cstdio>

namespace ntk::report {
namespace {

template <class... Args>
std::string print(const char* format, Args... args) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), format, args...);
  return text.data();
}

// 3 significant digits of a value in [0, 1000), never with an exponent.
std::string three_digits(double value) {
  if (value < 9.995) return format_fixed(value, 2);
  if (value < 99.95) return format_fixed(value, 1);
  return format_fixed(value, 0);
}

}  // namespace

std::string format_count(std::int64_t n) {
  std::string digits = std::to_string(n);
  const std::size_t first = digits[0] == '-' ? 1 : 0;
  for (std::size_t end = digits.size(); end > first + 3; end -= 3) digits.insert(end - 3, ",");
  return digits;
}

std::string format_fixed(double value, int decimals) {
  // 1e9 and more do not fit the fixed form's few columns.
  if (!std::isfinite(value) || std::abs(value) >= 1e9) return format_significant(value, 4);
  return print("%.*f", decimals, value);
}

std::string format_significant(double value, int digits) {
  if (value == 0 || !std::isfinite(value)) return print("%g", value);
  std::string scientific = print("%.*e", digits - 1, value);
  const int exponent = std::stoi(scientific.substr(scientific.find('e') + 1));  // after rounding
  if (exponent < -4 || exponent >= 6) return scientific;
  if (exponent >= 3 && exponent >= digits - 1)
    return format_count(std::llround(std::stod(scientific)));
  return print("%.*f", std::max(0, digits - 1 - exponent), value);
}

std::string format_seconds(double seconds) {
  if (!std::isfinite(seconds) || seconds < 0) return "–";
  if (seconds < 999.5e-6) return three_digits(seconds * 1e6) + " µs";
  if (seconds < 999.5e-3) return three_digits(seconds * 1e3) + " ms";
  if (seconds < 99.95) return three_digits(seconds) + " s";
  const auto whole = static_cast<long long>(std::llround(seconds));
  if (whole < 3600) return print("%lld min %02lld s", whole / 60, whole % 60);
  return print("%lld h %02lld min", whole / 3600, whole / 60 % 60);
}

std::string format_rate(double per_second, const std::string& of) {
  constexpr std::array<const char*, 6> kPrefixes = {"", "k", "M", "G", "T", "P"};
  if (!std::isfinite(per_second) || per_second < 0) return "–";
  std::size_t prefix = 0;
  while (per_second >= 999.5 && prefix + 1 < kPrefixes.size()) {
    per_second /= 1000;
    ++prefix;
  }
  return three_digits(per_second) + ' ' + kPrefixes[prefix] +
         (of.empty() || prefix == 0 ? of : ' ' + of) + "/s";
}

std::string format_percent(double fraction, int decimals) {
  return format_fixed(100 * fraction, decimals) + " %";
}

}  // namespace ntk::report
