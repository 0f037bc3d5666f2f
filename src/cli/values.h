// The values of flags, from text. Each function throws UsageError naming the flag, what stands
// there and what was expected.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ntk/array.h"

namespace ntk::cli {

double parse_number(const std::string& flag, const std::string& text);  // finite
std::int64_t parse_integer(const std::string& flag, const std::string& text, std::int64_t lowest);
// 4096, 512M, 1.5GiB, 2GB: K, M, G, T (with or without iB) count in 1024s, KB, MB, GB, TB in 1000s.
std::size_t parse_bytes(const std::string& flag, const std::string& text);
// 8192,784 or 8x8: extents of at least 1.
Shape parse_shape(const std::string& flag, const std::string& text);
// "inf" is nullopt: without end.
std::optional<double> parse_time(const std::string& flag, const std::string& text);
// The place of `text` in `choices`; the nearest one is offered otherwise.
std::size_t parse_choice(const std::string& flag, const std::string& text,
                         const std::vector<std::string>& choices);
std::vector<std::string> split(const std::string& text, const std::string& separators);

}  // namespace ntk::cli
