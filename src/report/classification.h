// What a classifier got right and wrong, counted.
#pragma once

#include <cstdint>
#include <vector>

#include "ntk/array.h"

namespace ntk::report {

struct Verdict {       // on one sample
  std::int64_t truth;  // place of the class in `classes`
  std::int64_t predicted;
  double margin;  // the winner's output less the runner-up's; 0 for a single class
  bool right() const { return truth == predicted; }
};

// One verdict a row of `mean` (M x k, float64). `labels` holds the true class of each row, an int64
// that is in `classes` (ascending, k of them); throws UsageError for one that is not.
std::vector<Verdict> judge(const ArrayView& mean, const ArrayView& labels,
                           const std::vector<std::int64_t>& classes);

double accuracy(const std::vector<Verdict>& verdicts);  // NaN for none
// Counts, k x k: row is the true class, column the predicted one.
std::vector<std::int64_t> confusion(const std::vector<Verdict>& verdicts, std::size_t classes);

}  // namespace ntk::report
