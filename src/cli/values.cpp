#include "src/cli/values.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>

#include "src/architecture/names.h"

namespace ntk::cli {
namespace {

[[noreturn]] void refuse(const std::string& flag, const std::string& text,
                         const std::string& expected) {
  throw UsageError(flag + ": expected " + expected + ", found " + in_quotes(text));
}

template <class T>
bool read(const std::string& text, T& value) {
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, value);
  return error == std::errc() && stopped == end && !text.empty();
}

double unit_of(const std::string& flag, const std::string& text, const std::string& suffix) {
  constexpr double k = 1024, d = 1000;
  static const std::map<std::string, double> units = {{"", 1},
                                                      {"B", 1},
                                                      {"K", k},
                                                      {"KiB", k},
                                                      {"KB", d},
                                                      {"M", k * k},
                                                      {"MiB", k * k},
                                                      {"MB", d * d},
                                                      {"G", k * k * k},
                                                      {"GiB", k * k * k},
                                                      {"GB", d * d * d},
                                                      {"T", k * k * k * k},
                                                      {"TiB", k * k * k * k},
                                                      {"TB", d * d * d * d}};
  const auto found = units.find(suffix);
  if (found == units.end())
    refuse(flag, text,
           "a number of bytes with K, M, G or T (KiB, MiB, ... or KB, MB, ...) after it");
  return found->second;
}

}  // namespace

double parse_number(const std::string& flag, const std::string& text) {
  double value = 0;
  if (!read(text, value) || !std::isfinite(value)) refuse(flag, text, "a finite number");
  return value;
}

std::int64_t parse_integer(const std::string& flag, const std::string& text, std::int64_t lowest) {
  std::int64_t value = 0;
  if (!read(text, value) || value < lowest)
    refuse(flag, text, "a whole number of at least " + std::to_string(lowest));
  return value;
}

std::size_t parse_bytes(const std::string& flag, const std::string& text) {
  const std::size_t digits = std::min(text.find_first_not_of("0123456789."), text.size());
  const double unit = unit_of(flag, text, text.substr(digits));
  const double bytes = std::floor(parse_number(flag, text.substr(0, digits)) * unit);
  constexpr double kMost = 9e18;
  if (!(bytes >= 1 && bytes <= kMost)) refuse(flag, text, "at least one byte and at most 8 EiB");
  return static_cast<std::size_t>(bytes);
}

Shape parse_shape(const std::string& flag, const std::string& text) {
  Shape shape;
  for (const std::string& extent : split(text, ",x"))
    shape.push_back(parse_integer(flag, extent, 1));
  return shape;
}

std::optional<double> parse_time(const std::string& flag, const std::string& text) {
  if (text == "inf" || text == "infinity") return std::nullopt;
  double time = 0;
  if (!read(text, time) || !std::isfinite(time) || time < 0)
    refuse(flag, text, "a time of at least 0, or inf");
  return time;
}

std::size_t parse_choice(const std::string& flag, const std::string& text,
                         const std::vector<std::string>& choices) {
  const auto found = std::find(choices.begin(), choices.end(), text);
  if (found != choices.end()) return static_cast<std::size_t>(found - choices.begin());
  const std::string near = nearest_name(text, choices);
  const std::string offer = near.empty() ? "" : " (did you mean " + near + "?)";
  refuse(flag, text, "one of " + comma_separated(choices) + offer);
}

std::vector<std::string> split(const std::string& text, const std::string& separators) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  for (;;) {
    const std::size_t end = text.find_first_of(separators, begin);
    parts.push_back(text.substr(begin, end - begin));
    if (end == std::string::npos) return parts;
    begin = end + 1;
  }
}

}  // namespace ntk::cli
