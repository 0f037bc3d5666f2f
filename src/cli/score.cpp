#include "src/cli/score.h"

#include <cmath>

#include "src/report/number.h"

namespace ntk::cli {
namespace {

Score accuracy_of(const Model& model, const Array& mean, const Array& y) {
  if (y.dtype() != DType::int64)
    throw UsageError("--y: the labels of a classifier are integers, found " +
                     std::string(name_of(y.dtype())));
  const std::vector<std::int64_t> labels = model.classify(mean);
  const auto count = static_cast<std::int64_t>(labels.size());
  if (y.shape() != Shape{count})
    throw UsageError("--y: expected " + std::to_string(count) +
                     " labels, found an array of shape " + to_string(y.shape()));
  std::int64_t correct = 0;
  for (std::int64_t i = 0; i < count; ++i)
    correct += labels[static_cast<std::size_t>(i)] == y.as<std::int64_t>()[i] ? 1 : 0;
  const double accuracy = static_cast<double>(correct) / static_cast<double>(count);
  return {{{"accuracy", accuracy}, {"correct", correct}},
          "accuracy " + report::format_percent(accuracy) + ": " + report::format_count(correct) +
              " of " + report::format_count(count) + " are right\n"};
}

// Of targets about the mean of their own column.
double total_variation(const double* y, std::int64_t rows, std::int64_t columns) {
  double total = 0;
  for (std::int64_t c = 0; c < columns; ++c) {
    double mean = 0;
    for (std::int64_t r = 0; r < rows; ++r) mean += y[r * columns + c];
    mean /= static_cast<double>(rows);
    for (std::int64_t r = 0; r < rows; ++r)
      total += (y[r * columns + c] - mean) * (y[r * columns + c] - mean);
  }
  return total;
}

Score errors_of(const Array& mean, const Array& y) {
  if (y.size() != mean.size() || y.shape().at(0) != mean.shape().at(0))
    throw UsageError("--y: expected targets of shape " + to_string(mean.shape()) + ", found " +
                     to_string(y.shape()));
  const Array targets = y.converted_to(DType::float64);
  const double* truth = targets.as<double>();
  double squares = 0;
  for (std::int64_t i = 0; i < mean.size(); ++i) {
    const double difference = mean.as<double>()[i] - truth[i];
    squares += difference * difference;
  }
  const std::int64_t rows = mean.shape().at(0);
  const double rmse = std::sqrt(squares / static_cast<double>(mean.size()));
  const double r2 = 1 - squares / total_variation(truth, rows, mean.size() / rows);
  return {{{"rmse", rmse}, {"r2", r2}},
          "RMSE " + report::format_significant(rmse, 4) + ", R² " +
              report::format_significant(r2, 4) + '\n'};
}

}  // namespace

Score score_of(const Model& model, const Array& mean, const Array& y) {
  if (mean.empty()) throw UsageError("--y: there are no predictions to compare with");
  return model.is_classifier() ? accuracy_of(model, mean, y) : errors_of(mean, y);
}

}  // namespace ntk::cli
