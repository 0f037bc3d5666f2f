#include "src/architecture/activations.h"

namespace ntk {

const std::vector<Activation>& activations() {
  using P = const double*;
  static const std::vector<Activation> table = {
      {"Relu",
       {},
       [](P) {
         return DualForm{Op::ab_relu, {0, 1}};
       },
       {},
       "do_stabilize"},
      {"LeakyRelu",
       {{"alpha", std::nullopt}},
       [](P p) {
         return DualForm{Op::ab_relu, {p[0], 1}};
       },
       {},
       "do_stabilize"},
      {"ABRelu",
       {{"a", std::nullopt}, {"b", std::nullopt}},
       [](P p) {
         return DualForm{Op::ab_relu, {p[0], p[1]}};
       },
       {},
       "do_stabilize"},
      {"Abs",
       {},
       [](P) {
         return DualForm{Op::ab_relu, {-1, 1}};
       },
       {},
       "do_stabilize"},
      {"Sign", {}, [](P) { return DualForm{Op::sign}; }},
      {"Erf",
       {{"a", 1.0}, {"b", 1.0}, {"c", 0.0}},
       [](P p) {
         return DualForm{Op::erf, {p[0], p[1]}, p[2]};
       }},
      {"Gelu",
       {},
       [](P) { return DualForm{Op::gelu}; },
       {{"approximate", false, "the tanh form is not yet supported; false is x Phi(x), exactly"}}},
  };
  return table;
}

const Activation* find_activation(std::string_view name) {
  for (const Activation& row : activations())
    if (name == row.name) return &row;
  return nullptr;
}

DualForm dual_form(const ActivationLayer& layer) {
  const Activation* row = find_activation(layer.name);
  if (!row || row->parameters.size() != layer.parameters.size())
    throw UsageError("architecture: " + layer.name + " is not a nonlinearity with " +
                     std::to_string(layer.parameters.size()) + " parameters");
  return row->dual_form(layer.parameters.data());
}

}  // namespace ntk
