// Measuring: times with their spread, memory, and data to measure with.
#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "ntk/array.h"

namespace ntk::cli {

struct Timing {
  std::vector<double> seconds;  // of each repetition, in order
  double median() const;
  double shortest() const;
  double longest() const;
  double spread() const;  // (longest - shortest) / median
};

// Calls `work` once to warm up, then `repeats` times with the clock running. Ctrl-C stops between.
Timing measure(std::int64_t repeats, const std::function<void()>& work);

// NAME, NAME_min, NAME_max, NAME_spread and NAME_samples.
void add_timing(nlohmann::ordered_json& result, const std::string& name, const Timing& timing);
std::string timing_text(const Timing& timing);  // "12.3 ms  (12.1 ms to 13.0 ms)"

// Standard-normal numbers, the same ones for a seed on every machine.
Array random_normal(DType dtype, Shape shape, std::uint64_t seed);

std::size_t peak_memory();  // bytes this process has held at most so far

}  // namespace ntk::cli
