#include "src/report/classification.h"

#include <algorithm>
#include <limits>

#include "ntk/error.h"

namespace ntk::report {
namespace {

std::int64_t place_of(std::int64_t label, const std::vector<std::int64_t>& classes) {
  const auto found = std::lower_bound(classes.begin(), classes.end(), label);
  if (found == classes.end() || *found != label)
    throw UsageError("labels: " + std::to_string(label) + " is not one of the " +
                     std::to_string(classes.size()) + " classes that the model was fitted to");
  return found - classes.begin();
}

Verdict judge_row(const double* outputs, std::int64_t count, std::int64_t truth) {
  std::int64_t best = 0;
  for (std::int64_t c = 1; c < count; ++c)
    if (outputs[c] > outputs[best]) best = c;
  double runner_up = -std::numeric_limits<double>::infinity();
  for (std::int64_t c = 0; c < count; ++c)
    if (c != best) runner_up = std::max(runner_up, outputs[c]);
  return {truth, best, count > 1 ? outputs[best] - runner_up : 0};
}

}  // namespace

std::vector<Verdict> judge(const ArrayView& mean, const ArrayView& labels,
                           const std::vector<std::int64_t>& classes) {
  const auto k = static_cast<std::int64_t>(classes.size());
  if (mean.shape.size() != 2 || mean.shape[1] != k || labels.size() != mean.shape[0])
    throw UsageError("labels: " + to_string(labels.shape) + " labels of " + std::to_string(k) +
                     " classes do not fit outputs of shape " + to_string(mean.shape));
  const double* outputs = mean.as<double>();
  const auto* truth = labels.as<std::int64_t>();
  std::vector<Verdict> verdicts;
  for (std::int64_t i = 0; i < mean.shape[0]; ++i)
    verdicts.push_back(judge_row(outputs + i * k, k, place_of(truth[i], classes)));
  return verdicts;
}

double accuracy(const std::vector<Verdict>& verdicts) {
  const auto right = std::count_if(verdicts.begin(), verdicts.end(),
                                   [](const Verdict& verdict) { return verdict.right(); });
  return static_cast<double>(right) / static_cast<double>(verdicts.size());
}

std::vector<std::int64_t> confusion(const std::vector<Verdict>& verdicts, std::size_t classes) {
  std::vector<std::int64_t> counts(classes * classes, 0);
  for (const Verdict& verdict : verdicts)
    ++counts[static_cast<std::size_t>(verdict.truth) * classes +
             static_cast<std::size_t>(verdict.predicted)];
  return counts;
}

}  // namespace ntk::report
