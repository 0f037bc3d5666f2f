#include "src/cli/score.h"

#include <algorithm>
#include <cmath>

#include "src/report/number.h"

namespace ntk::cli {
namespace {

// A label that the model does not know is nowhere in its classes.
std::vector<std::int64_t> places_of(const std::vector<std::string>& labels,
                                    const std::vector<std::string>& names) {
  std::vector<std::int64_t> places;
  for (const std::string& label : labels) {
    const auto found = std::lower_bound(names.begin(), names.end(), label);
    places.push_back(found != names.end() && *found == label ? found - names.begin() : -1);
  }
  return places;
}

std::vector<std::int64_t> integer_labels(const Array& y) {
  if (y.shape().size() > 2 || y.shape().empty() || y.size() != y.shape()[0])
    throw UsageError("--y: expected one label for each sample, found an array of shape " +
                     to_string(y.shape()));
  const Array numbers = y.converted_to(DType::int64);
  const std::int64_t* const labels = numbers.as<std::int64_t>();
  if (y.dtype() != DType::int64) {
    const Array back = numbers.converted_to(DType::float64), exact = y.converted_to(back.dtype());
    if (!std::equal(back.as<double>(), back.as<double>() + back.size(), exact.as<double>()))
      throw UsageError("--y: the labels of a classifier are integers, found fractions in " +
                       std::string(name_of(y.dtype())));
  }
  return {labels, labels + numbers.size()};
}

std::vector<std::int64_t> true_classes(const Model& model, const TargetValues& y) {
  const bool named = !model.class_names().empty();
  if (named != y.is_text())
    throw UsageError(std::string("--y: the model was fitted to labels that are ") +
                     (named ? "text, found numbers" : "integers, found text"));
  return named ? places_of(y.texts, model.class_names()) : integer_labels(y.numbers);
}

Score accuracy_of(const Model& model, const Array& mean, const TargetValues& y) {
  const std::vector<std::int64_t> labels = model.classify(mean), truth = true_classes(model, y);
  if (truth.size() != labels.size())
    throw UsageError("--y: expected " + std::to_string(labels.size()) + " labels, found " +
                     std::to_string(truth.size()));
  std::int64_t correct = 0, unknown = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    correct += labels[i] == truth[i] ? 1 : 0;
    const auto& classes = model.classes();
    unknown += std::binary_search(classes.begin(), classes.end(), truth[i]) ? 0 : 1;
  }
  const auto count = static_cast<std::int64_t>(labels.size());
  const double accuracy = static_cast<double>(correct) / static_cast<double>(count);
  Score score = {{{"accuracy", accuracy}, {"correct", correct}},
                 "accuracy " + report::format_percent(accuracy) + ": " +
                     report::format_count(correct) + " of " + report::format_count(count) +
                     " are right\n"};
  if (unknown > 0)
    score.notes.push_back(report::format_count(unknown) +
                          " of the true labels are none of the model's classes; they count as "
                          "wrongly predicted");
  return score;
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

Score score_of(const Model& model, const Array& mean, const TargetValues& y) {
  if (mean.empty()) throw UsageError("--y: there are no predictions to compare with");
  if (model.is_classifier()) return accuracy_of(model, mean, y);
  if (y.is_text())
    throw UsageError("--y: the model is a regression, whose targets are numbers, found text");
  return errors_of(mean, y.numbers);
}

}  // namespace ntk::cli
