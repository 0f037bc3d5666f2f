// Whether numbers are where they should be.
#pragma once

#include <string>
#include <vector>

#include "src/architecture/source.h"

namespace ntk {

// Throws UsageError "<place>: must be a number from 0 to 1, is 2"; NaN is in no range.
void require_range(double value, double lowest, double highest, const std::string& place,
                   const Source& source);
// Throws UsageError "<place>: must be at least 1, is 0".
void require_at_least_one(std::int64_t value, const std::string& place, const Source& source);
// Throws UsageError naming the first number that is not larger than the one before it.
void require_ascending(const std::vector<double>& numbers, const std::string& place,
                       const Source& source);

}  // namespace ntk
