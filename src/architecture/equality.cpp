#include <algorithm>

#include "ntk/architecture.h"

namespace ntk {
namespace {

bool equal(const Layers& a, const Layers& b);

bool equal(const DenseLayer& a, const DenseLayer& b) {
  return a.out_dim == b.out_dim && a.options.W_std == b.options.W_std &&
         a.options.b_std == b.options.b_std && a.options.s == b.options.s &&
         a.options.trainable == b.options.trainable;
}

// All strides of a checked network are 1.
bool equal(const ConvLayer& a, const ConvLayer& b) {
  return a.out_chan == b.out_chan && a.filter_shape == b.filter_shape &&
         a.options.padding == b.options.padding && a.options.W_std == b.options.W_std &&
         a.options.b_std == b.options.b_std && a.options.s == b.options.s &&
         a.options.trainable == b.options.trainable;
}

bool equal(const std::shared_ptr<const ScalarFunction>& a,
           const std::shared_ptr<const ScalarFunction>& b) {
  if (a == b) return true;
  return a && b && !a->x.empty() && a->x == b->x && a->phi == b->phi && a->dphi == b->dphi;
}

bool equal(const ActivationLayer& a, const ActivationLayer& b) {
  return a.name == b.name && a.parameters == b.parameters && a.coefficients == b.coefficients &&
         equal(a.function, b.function);
}

bool equal(const LayerNormLayer& a, const LayerNormLayer& b) {
  return a.axis == b.axis && a.eps == b.eps;
}
bool equal(const DropoutLayer& a, const DropoutLayer& b) {
  return a.rate == b.rate && a.mode == b.mode;
}

bool equal(const IdentityLayer&, const IdentityLayer&) { return true; }
bool equal(const FlattenLayer&, const FlattenLayer&) { return true; }
bool equal(const GlobalAvgPoolLayer&, const GlobalAvgPoolLayer&) { return true; }

bool equal(const ResidualLayer& a, const ResidualLayer& b) { return equal(a.layers, b.layers); }

bool equal(const ParallelLayer& a, const ParallelLayer& b) {
  return a.join == b.join &&
         std::equal(a.branches.begin(), a.branches.end(), b.branches.begin(), b.branches.end(),
                    [](const Layers& x, const Layers& y) { return equal(x, y); });
}

bool equal(const RepeatLayer& a, const RepeatLayer& b) {
  return a.times == b.times && equal(a.layers, b.layers);
}

bool equal(const Layer& a, const Layer& b) {
  return a.value.index() == b.value.index() &&
         std::visit(
             [&](const auto& x) { return equal(x, std::get<std::decay_t<decltype(x)>>(b.value)); },
             a.value);
}

bool equal(const Layers& a, const Layers& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const Layer& x, const Layer& y) { return equal(x, y); });
}

}  // namespace

bool operator==(const Architecture& a, const Architecture& b) {
  return a.parameterization() == b.parameterization() && equal(a.layers(), b.layers());
}

}  // namespace ntk
