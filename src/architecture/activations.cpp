#include "src/architecture/activations.h"

#include <algorithm>

namespace ntk {
namespace {

using L = const ActivationLayer&;

// A nonlinearity whose kernel is still to come.
[[noreturn]] DualForm pending(L layer) {
  throw UsageError("architecture: the kernel of " + layer.name + " is not yet supported");
}

DualForm ab_relu(double a, double b) { return {Op::ab_relu, {a, b}}; }
DualForm erf(double a, double b, double c) { return {Op::erf, {a, b}, c}; }

// --- parameters ---

Parameter at_least(double lowest, const char* name, std::optional<double> default_value) {
  return {name, default_value, lowest};
}
Parameter flag(const char* name) { return {name, 0.0, 0, 1, ParameterKind::flag}; }
Parameter degree() { return {"degree", std::nullopt, 0, kHighestDegree, ParameterKind::whole}; }
Parameter list(const char* name) {
  return {name, std::nullopt, -kLargestParameter, kLargestParameter, ParameterKind::list};
}
Parameter column(const char* name) {
  return {name, std::nullopt, -kLargestParameter, kLargestParameter, ParameterKind::column};
}

const char* const kStabilize = "do_stabilize";

}  // namespace

const std::vector<Activation>& activations() {
  static const std::vector<Activation> table = {
      {"Relu", {}, [](L) { return ab_relu(0, 1); }, kStabilize},
      {"LeakyRelu",
       {{"alpha", std::nullopt}},
       [](L l) { return ab_relu(l.parameters[0], 1); },
       kStabilize},
      {"ABRelu",
       {{"a", std::nullopt}, {"b", std::nullopt}},
       [](L l) { return ab_relu(l.parameters[0], l.parameters[1]); },
       kStabilize},
      {"Abs", {}, [](L) { return ab_relu(-1, 1); }, kStabilize},
      {"Sign", {}, [](L) { return DualForm{Op::sign}; }},
      {"Erf",
       {{"a", 1.0}, {"b", 1.0}, {"c", 0.0}},
       [](L l) { return erf(l.parameters[0], l.parameters[1], l.parameters[2]); }},
      {"Sigmoid_like", {}, [](L) { return erf(0.5, 1 / 2.4020563531719796, 0.5); }},
      {"Gelu", {flag("approximate")}, [](L) { return DualForm{Op::gelu}; }},
      {"Sin", {{"a", 1.0}, {"b", 1.0}, {"c", 0.0}}, pending},
      {"Cos", {{"a", 1.0}, {"b", 1.0}, {"c", 0.0}}, pending},
      {"Rbf", {at_least(0, "gamma", 1.0)}, pending},
      {"Gaussian", {{"a", 1.0}, {"b", -1.0}}, pending},
      {"Exp", {{"a", 1.0}, {"b", 1.0}}, pending},
      {"ExpNormalized", {at_least(0, "gamma", 1.0), {"shift", -1.0}, flag("do_clip")}, pending},
      {"Gabor", {}, pending},
      {"Hermite", {degree()}, pending},
      {"Monomial", {degree()}, pending},
      {"RectifiedMonomial", {degree()}, pending},
      {"Polynomial", {list("coef")}, pending},
      {"Tanh", {}, pending},
      {"Sigmoid", {}, pending},
      {"Softplus", {}, pending},
      {"Swish", {}, pending},
      {"Mish", {}, pending},
      {"Elu", {{"alpha", 1.0}}, pending},
      {"Selu", {}, pending},
      {"Elementwise", {column("x"), column("phi"), column("dphi")}, pending},
  };
  return table;
}

bool is_scalar(const Parameter& parameter) {
  return parameter.kind != ParameterKind::list && parameter.kind != ParameterKind::column;
}

std::size_t scalar_count(const Activation& row) {
  return static_cast<std::size_t>(
      std::count_if(row.parameters.begin(), row.parameters.end(), is_scalar));
}

bool has_parameter(const Activation& row, ParameterKind kind) {
  return std::any_of(row.parameters.begin(), row.parameters.end(),
                     [&](const Parameter& parameter) { return parameter.kind == kind; });
}

const Activation* find_activation(std::string_view name) {
  for (const Activation& row : activations())
    if (name == row.name) return &row;
  return nullptr;
}

DualForm dual_form(const ActivationLayer& layer) {
  const Activation* row = find_activation(layer.name);
  if (!row || scalar_count(*row) != layer.parameters.size())
    throw UsageError("architecture: " + layer.name + " is not a nonlinearity with " +
                     std::to_string(layer.parameters.size()) + " parameters");
  return row->dual_form(layer);
}

}  // namespace ntk
