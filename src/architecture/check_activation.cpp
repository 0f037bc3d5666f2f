#include "src/architecture/check_activation.h"

#include <cmath>

#include "src/architecture/activations.h"
#include "src/architecture/function_table.h"
#include "src/architecture/names.h"
#include "src/architecture/ranges.h"

namespace ntk {
namespace {

constexpr std::size_t kMostCoefficients = kHighestDegree + 1;

void check_scalar(double value, const Parameter& parameter, const std::string& place,
                  const Source& source) {
  const bool is_whole = value == std::floor(value);  // NaN is not
  const bool in_range = value >= parameter.lowest && value <= parameter.highest;
  if (parameter.kind == ParameterKind::flag && !(is_whole && in_range))
    source.fail(place, "is a flag and must be 0 or 1, is " + number_text(value));
  if (parameter.kind == ParameterKind::whole && !(is_whole && in_range))
    source.fail(place, "must be a whole number from " + number_text(parameter.lowest) + " to " +
                           number_text(parameter.highest) + ", is " + number_text(value));
  require_range(value, parameter.lowest, parameter.highest, place, source);
}

void check_scalars(const ActivationLayer& layer, const Activation& row, const std::string& place,
                   const Source& source) {
  if (layer.parameters.size() != scalar_count(row))
    source.fail(place, layer.name + " has " + std::to_string(scalar_count(row)) +
                           " parameters, is given " + std::to_string(layer.parameters.size()));
  std::size_t next = 0;
  for (const Parameter& parameter : row.parameters)
    if (is_scalar(parameter))
      check_scalar(layer.parameters[next++], parameter, join_key(place, parameter.name), source);
}

void check_list(const std::vector<double>& list, const Parameter& parameter,
                const std::string& place, const Source& source) {
  if (list.empty() || list.size() > kMostCoefficients)
    source.fail(place, "must have 1 to " + std::to_string(kMostCoefficients) + " numbers, has " +
                           std::to_string(list.size()));
  for (std::size_t i = 0; i < list.size(); ++i)
    require_range(list[i], parameter.lowest, parameter.highest, join_index(place, i), source);
}

void check_lists(const ActivationLayer& layer, const Activation& row, const std::string& place,
                 const Source& source) {
  if (!has_parameter(row, ParameterKind::list) && !layer.coefficients.empty())
    source.fail(place, layer.name + " has no coefficients, is given " +
                           std::to_string(layer.coefficients.size()));
  for (const Parameter& parameter : row.parameters)
    if (parameter.kind == ParameterKind::list)
      check_list(layer.coefficients, parameter, join_key(place, parameter.name), source);
}

void check_kinks(const std::vector<double>& kinks, const std::string& place, const Source& source) {
  for (std::size_t i = 0; i < kinks.size(); ++i)
    require_range(kinks[i], -kLargestParameter, kLargestParameter, join_index(place, i), source);
  require_ascending(kinks, place, source);
}

void check_function(const ActivationLayer& layer, const Activation& row, const std::string& place,
                    const Source& source) {
  const ScalarFunction* function = layer.function.get();
  if (!has_parameter(row, ParameterKind::column)) {
    if (function) source.fail(place, layer.name + " takes no function; Elementwise does");
    return;
  }
  if (!function) source.fail(place, layer.name + " has no function");
  if (!function->value || !function->derivative)
    source.fail(place, layer.name + " needs the function and its derivative, but " +
                           (function->value ? "the derivative" : "the function") + " is empty");
  check_kinks(function->kinks, join_key(place, "kinks"), source);
  const bool has_table = !function->x.empty() || !function->phi.empty() || !function->dphi.empty();
  if (has_table) check_table(*function, place, source);
}

}  // namespace

void check_activation(const ActivationLayer& layer, const std::string& place,
                      const Source& source) {
  const Activation* row = find_activation(layer.name);
  if (!row) source.fail(place, unusable_op(layer.name));
  check_scalars(layer, *row, place, source);
  check_lists(layer, *row, place, source);
  check_function(layer, *row, place, source);
}

}  // namespace ntk
