#include "src/cli/measure.h"

#include <sys/resource.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "src/cli/console.h"
#include "src/cli/interrupt.h"
#include "src/report/number.h"

namespace ntk::cli {
namespace {

// SplitMix64: a counter through a mixing function, so that every state is a good one.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  double uniform() {  // in (0, 1]
    constexpr double kUnit = 0x1p-53;
    return static_cast<double>((next() >> 11) + 1) * kUnit;
  }

 private:
  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  std::uint64_t state_;
};

// Box and Muller: two uniform numbers give two normal ones.
template <class T>
void fill_normal(T* data, std::int64_t count, Random random) {
  for (std::int64_t i = 0; i < count; i += 2) {
    const double radius = std::sqrt(-2 * std::log(random.uniform()));
    const double angle = 2 * std::numbers::pi * random.uniform();
    data[i] = static_cast<T>(radius * std::cos(angle));
    if (i + 1 < count) data[i + 1] = static_cast<T>(radius * std::sin(angle));
  }
}

}  // namespace

double Timing::median() const {
  std::vector<double> sorted = seconds;
  std::sort(sorted.begin(), sorted.end());
  const std::size_t half = sorted.size() / 2;
  return sorted.size() % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}
double Timing::shortest() const { return *std::min_element(seconds.begin(), seconds.end()); }
double Timing::longest() const { return *std::max_element(seconds.begin(), seconds.end()); }
double Timing::spread() const { return (longest() - shortest()) / median(); }

Timing measure(std::int64_t repeats, const std::function<void()>& work) {
  work();
  Timing timing;
  for (std::int64_t r = 0; r < repeats; ++r) {
    throw_if_interrupted();
    const Stopwatch watch;
    work();
    timing.seconds.push_back(watch.seconds());
  }
  return timing;
}

void add_timing(nlohmann::ordered_json& result, const std::string& name, const Timing& timing) {
  result[name] = timing.median();
  result[name + "_min"] = timing.shortest();
  result[name + "_max"] = timing.longest();
  result[name + "_spread"] = timing.spread();
  result[name + "_samples"] = timing.seconds;
}

std::string timing_text(const Timing& timing) {
  return report::format_seconds(timing.median()) + "  (" +
         report::format_seconds(timing.shortest()) + " to " +
         report::format_seconds(timing.longest()) + ")";
}

Array random_normal(DType dtype, Shape shape, std::uint64_t seed) {
  Array array(dtype, std::move(shape));
  if (dtype == DType::float32)
    fill_normal(array.as<float>(), array.size(), Random(seed));
  else
    fill_normal(array.as<double>(), array.size(), Random(seed));
  return array;
}

std::size_t peak_memory() {
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::size_t>(usage.ru_maxrss) * 1024;  // Linux counts in KiB
}

}  // namespace ntk::cli
