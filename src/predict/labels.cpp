#include "src/predict/labels.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "src/io/utf8.h"

namespace ntk::internal {
namespace {

std::int64_t label_at(const ArrayView& y, std::int64_t i) {
  const std::int64_t at = y.strides.empty() ? i : i * y.strides[0];
  if (y.dtype == DType::int64) return y.as<std::int64_t>()[at];
  const double value =
      y.dtype == DType::float32 ? static_cast<double>(y.as<float>()[at]) : y.as<double>()[at];
  constexpr double kExact = 9007199254740992;  // 2^53
  if (!(std::abs(value) <= kExact) || value != std::floor(value))
    throw DataError("y: row " + std::to_string(i) + ", column 0 (counted from 0) is " +
                    std::to_string(value) +
                    ", which is no class label; labels are integers, or use task regression");
  return static_cast<std::int64_t>(value);
}

}  // namespace

bool is_classification(Task task, const ArrayView& y,
                       const std::function<void(const std::string&)>& log) {
  if (task != Task::automatic) return task == Task::classification;
  const bool labels = y.dtype == DType::int64;
  if (labels && log) log("y holds integers: they are taken as class labels (task classification)");
  return labels;
}

Labels labels_of(const ArrayView& y) {
  const bool column = y.shape.size() == 2 && y.shape[1] == 1;
  if (y.shape.size() != 1 && !column)
    throw UsageError("y must be one label for each sample, but its shape is " + to_string(y.shape) +
                     "; for numbers to be fitted as they are, use task regression");
  if (y.space != MemorySpace::host) throw UsageError("y: labels must be in host memory");
  const std::int64_t n = y.shape[0];
  std::vector<std::int64_t> labels(static_cast<std::size_t>(n));
  for (std::int64_t i = 0; i < n; ++i) labels[static_cast<std::size_t>(i)] = label_at(y, i);

  Labels result;
  result.classes = labels;
  std::sort(result.classes.begin(), result.classes.end());
  result.classes.erase(std::unique(result.classes.begin(), result.classes.end()),
                       result.classes.end());
  const auto k = static_cast<std::int64_t>(result.classes.size());
  if (k < 2)
    throw DataError("y: all labels are the same; a classification needs two classes at least");
  result.one_hot = Array(DType::float64, {n, k});
  double* const rows = result.one_hot.as<double>();
  std::fill_n(rows, n * k, -1.0 / static_cast<double>(k));
  for (std::int64_t i = 0; i < n; ++i) {
    const auto place = std::lower_bound(result.classes.begin(), result.classes.end(),
                                        labels[static_cast<std::size_t>(i)]);
    rows[i * k + (place - result.classes.begin())] += 1;
  }
  return result;
}

NamedLabels named_labels_of(const std::vector<std::string>& labels, Task task,
                            const std::function<void(const std::string&)>& log) {
  if (task == Task::regression)
    throw UsageError("y holds text, which no regression can be fitted to; use task classification");
  for (std::size_t i = 0; i < labels.size(); ++i)
    if (!is_plain_text(labels[i]))
      throw DataError("y: row " + std::to_string(i) +
                      " (counted from 0) is no label; expected UTF-8 text without control "
                      "characters");
  if (task == Task::automatic && log)
    log("y holds text: it is taken as class labels (task classification)");
  NamedLabels result;
  result.names = labels;
  std::sort(result.names.begin(), result.names.end());
  result.names.erase(std::unique(result.names.begin(), result.names.end()), result.names.end());
  result.places = Array(DType::int64, {static_cast<std::int64_t>(labels.size())});
  std::int64_t* place = result.places.as<std::int64_t>();
  for (const std::string& label : labels)
    *place++ =
        std::lower_bound(result.names.begin(), result.names.end(), label) - result.names.begin();
  return result;
}

std::vector<std::int64_t> largest_class(const Array& mean,
                                        const std::vector<std::int64_t>& classes) {
  const auto k = static_cast<std::int64_t>(classes.size());
  if (mean.shape().size() != 2 || mean.shape()[1] != k)
    throw UsageError("classify: the mean must be M x " + std::to_string(k) +
                     ", one column for each class, but its shape is " + to_string(mean.shape()));
  std::vector<std::int64_t> result;
  for (std::int64_t i = 0; i < mean.shape()[0]; ++i) {
    const double* const row = mean.as<double>() + i * k;
    result.push_back(classes[static_cast<std::size_t>(std::max_element(row, row + k) - row)]);
  }
  return result;
}

}  // namespace ntk::internal
