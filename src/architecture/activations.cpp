#include "src/architecture/activations.h"

#include <algorithm>

#include "src/architecture/dual_forms.h"

namespace ntk {
namespace {

using namespace dual_forms;

constexpr double kPi = 3.14159265358979323846;
// Klambauer et al. 2017.
constexpr double kSeluAlpha = 1.6732632423543772848170429916717;
constexpr double kSeluScale = 1.0507009873554804934193349852946;

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
      {"Sin",
       {{"a", 1.0}, {"b", 1.0}, {"c", 0.0}},
       [](L l) { return sine(l.parameters[0], l.parameters[1], l.parameters[2]); }},
      {"Cos",
       {{"a", 1.0}, {"b", 1.0}, {"c", 0.0}},
       [](L l) { return sine(l.parameters[0], l.parameters[1], l.parameters[2] + kPi / 2); }},
      {"Rbf", {at_least(0, "gamma", 1.0)}, rbf},
      {"Gaussian", {{"a", 1.0}, {"b", -1.0}}, gaussian},
      {"Exp", {{"a", 1.0}, {"b", 1.0}}, exponential},
      {"ExpNormalized",
       {at_least(0, "gamma", 1.0), {"shift", -1.0}, flag("do_clip")},
       exp_normalized},
      {"Gabor", {}, [](L) { return DualForm{Op::gabor}; }},
      {"Hermite", {degree()}, hermite},
      {"Monomial", {degree()}, monomial},
      {"RectifiedMonomial", {degree()}, rectified_monomial},
      {"Polynomial", {list("coef")}, polynomial},
      {"Tanh", {}, [](L) { return named(NamedFunction::tanh); }},
      {"Sigmoid", {}, [](L) { return named(NamedFunction::sigmoid); }},
      {"Softplus", {}, [](L) { return named(NamedFunction::softplus); }},
      {"Swish", {}, [](L) { return named(NamedFunction::swish); }},
      {"Mish", {}, [](L) { return named(NamedFunction::mish); }},
      {"Elu", {{"alpha", 1.0}}, [](L l) { return elu(l.parameters[0], 1); }},
      {"Selu", {}, [](L) { return elu(kSeluAlpha, kSeluScale); }},
      {"Elementwise", {column("x"), column("phi"), column("dphi")}, elementwise},
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
