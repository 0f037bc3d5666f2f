#include "src/io/number_text.h"

#include <locale.h>
#include <stdlib.h>

#include <array>
#include <charconv>
#include <cmath>
#include <type_traits>

namespace ntk {
namespace {

bool equals_lower(std::string_view text, std::string_view lower) {
  if (text.size() != lower.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if ((c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c) != lower[i]) return false;
  }
  return true;
}

// std::from_chars says of a number out of range neither whether it is too large or too small: the
// C library does, in its own locale.
template <class T>
NumberText parse_out_of_range(std::string_view text, T& value) {
  static const locale_t plain = newlocale(LC_ALL_MASK, "C", nullptr);
  const std::string copy(text);
  T parsed = 0;
  if constexpr (std::is_same_v<T, float>)
    parsed = strtof_l(copy.c_str(), nullptr, plain);
  else
    parsed = strtod_l(copy.c_str(), nullptr, plain);
  if (!std::isfinite(parsed)) return NumberText::too_large;
  value = parsed;
  return NumberText::number;
}

// What is no number: NaN and Inf are words to std::from_chars, too.
NumberText kind_of_word(std::string_view text) {
  if (is_missing(text)) return NumberText::missing;
  if (!text.empty() && (text[0] == '+' || text[0] == '-')) text.remove_prefix(1);
  if (equals_lower(text, "inf") || equals_lower(text, "infinity")) return NumberText::infinite;
  if (equals_lower(text, "nan")) return NumberText::missing;
  return NumberText::other;
}

}  // namespace

bool is_missing(std::string_view text) {
  static constexpr std::array<std::string_view, 5> words = {"?", "na", "n/a", "nan", "null"};
  if (text.empty()) return true;
  for (const std::string_view word : words)
    if (equals_lower(text, word)) return true;
  return false;
}

template <class T>
NumberText parse_number_text(std::string_view text, T& value) {
  std::string_view digits = text;
  if (digits.size() > 1 && digits[0] == '+' && digits[1] != '-') digits.remove_prefix(1);
  T parsed = 0;
  const auto [stopped, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), parsed);
  const bool whole = stopped == digits.data() + digits.size();
  if (!whole || error == std::errc::invalid_argument || digits.empty()) return kind_of_word(text);
  if (error == std::errc::result_out_of_range) return parse_out_of_range(digits, value);
  if (!std::isfinite(parsed)) return kind_of_word(text);
  value = parsed;
  return NumberText::number;
}

template NumberText parse_number_text<float>(std::string_view, float&);
template NumberText parse_number_text<double>(std::string_view, double&);

std::string complaint_about(NumberText kind, std::string_view text) {
  const std::string quoted = quoted_for_message(text);
  switch (kind) {
    case NumberText::missing:
      return "is missing (" + quoted + "); fill it in, or leave the row out";
    case NumberText::infinite:
      return "is infinite (" + quoted + "); expected a finite number";
    case NumberText::too_large:
      return "is too large (" + quoted + "); expected a number that the element type can hold";
    case NumberText::number:
      return "is a number (" + quoted + ")";
    case NumberText::other:
      break;
  }
  return "is no number (" + quoted + "); expected one such as 3, -1.5 or 2e-3";
}

std::string quoted_for_message(std::string_view text) {
  constexpr std::size_t kMost = 40;
  std::string quoted = "'";
  for (const char c : text.substr(0, kMost)) quoted += c < ' ' || c == 127 ? '.' : c;
  return quoted + (text.size() > kMost ? "...'" : "'");
}

}  // namespace ntk
