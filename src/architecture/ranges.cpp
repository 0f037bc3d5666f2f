#include "src/architecture/ranges.h"

namespace ntk {

void require_range(double value, double lowest, double highest, const std::string& place,
                   const Source& source) {
  if (!(value >= lowest && value <= highest))
    source.fail(place, "must be a number from " + number_text(lowest) + " to " +
                           number_text(highest) + ", is " + number_text(value));
}

void require_at_least_one(std::int64_t value, const std::string& place, const Source& source) {
  if (value < 1) source.fail(place, "must be at least 1, is " + std::to_string(value));
}

void require_ascending(const std::vector<double>& numbers, const std::string& place,
                       const Source& source) {
  for (std::size_t i = 1; i < numbers.size(); ++i)
    if (!(numbers[i] > numbers[i - 1]))
      source.fail(join_index(place, i), "must be larger than the number before it, " +
                                            number_text(numbers[i - 1]) + ", is " +
                                            number_text(numbers[i]));
}

}  // namespace ntk
