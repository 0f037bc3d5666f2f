// Class labels as targets of a regression.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "ntk/array.h"
#include "ntk/model.h"

namespace ntk::internal {

// Whether y is labels; `log` is told when that was decided by its type.
bool is_classification(Task task, const ArrayView& y,
                       const std::function<void(const std::string&)>& log);

struct Labels {
  std::vector<std::int64_t> classes;  // ascending
  Array one_hot;                      // N x k, less 1/k, so that every row has the sum zero
};
// y: N (or N x 1) labels, integers or floats with integral values. Throws UsageError for another
// shape, DataError for labels that are no integers or all the same.
Labels labels_of(const ArrayView& y);

// Labels of text as places in the list of their distinct values.
struct NamedLabels {
  Array places;                    // N, int64
  std::vector<std::string> names;  // ascending
};
// Throws UsageError for a task that is no classification, DataError for what is no text (UTF-8
// without control characters); `log` is told when the task was decided by the labels' type.
NamedLabels named_labels_of(const std::vector<std::string>& labels, Task task,
                            const std::function<void(const std::string&)>& log);

// The class of the largest entry of each row; the first of several equal ones.
std::vector<std::int64_t> largest_class(const Array& mean,
                                        const std::vector<std::int64_t>& classes);

}  // namespace ntk::internal
