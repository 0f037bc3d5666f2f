#include "ntk/architecture.h"

namespace ntk {

Layer Dense(std::int64_t out_dim, DenseOptions options) { return {DenseLayer{out_dim, options}}; }
Layer Identity() { return {IdentityLayer{}}; }
Layer Flatten() { return {FlattenLayer{}}; }
Layer Relu() { return {ActivationLayer{"Relu", {}}}; }
Layer LeakyRelu(double alpha) { return {ActivationLayer{"LeakyRelu", {alpha}}}; }
Layer ABRelu(double a, double b) { return {ActivationLayer{"ABRelu", {a, b}}}; }
Layer Abs() { return {ActivationLayer{"Abs", {}}}; }
Layer Sign() { return {ActivationLayer{"Sign", {}}}; }
Layer Erf(double a, double b, double c) { return {ActivationLayer{"Erf", {a, b, c}}}; }
Layer Gelu() { return {ActivationLayer{"Gelu", {}}}; }
Layer Residual(Layers layers) { return {ResidualLayer{std::move(layers)}}; }
Layer Parallel(std::vector<Layers> branches, Join join) {
  return {ParallelLayer{std::move(branches), join}};
}
Layer Repeat(std::int64_t times, Layers layers) { return {RepeatLayer{times, std::move(layers)}}; }

Architecture serial(Layers layers, Parameterization parameterization) {
  return Architecture(std::move(layers), parameterization);
}

}  // namespace ntk
