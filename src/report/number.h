// Numbers as people read them: few digits, a unit, thousands apart.
#pragma once

#include <cstdint>
#include <string>

namespace ntk::report {

std::string format_count(std::int64_t n);                      // 1,297
std::string format_significant(double value, int digits = 3);  // 0.0123, 12.3, 20,900, 1.23e-07
std::string format_fixed(double value, int decimals);          // 0.992
std::string format_seconds(double seconds);  // 840 µs, 12.3 ms, 1.24 s, 3 min 05 s
std::string format_rate(double per_second, const std::string& of = "");  // 412 M/s, 412 M entries/s
std::string format_percent(double fraction, int decimals = 1);           // 99.2 %

}  // namespace ntk::report
