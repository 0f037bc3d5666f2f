// A neural network as a value. It has no parameters: it says which layers follow each other. The
// names and defaults are those of neural_tangents.stax; see docs/architecture.md.
//
//   auto net = ntk::serial(ntk::Dense(512, {.W_std = 1.5, .b_std = 0.1}), ntk::Relu(),
//   ntk::Dense(1));
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "ntk/array.h"

namespace ntk {

// ntk: z = W_std/sqrt(n) W x + b_std b with W, b ~ N(0, 1).
// standard: z = 1/sqrt(s0) W x + b with W ~ N(0, W_std^2 s0/n), b ~ N(0, b_std^2).
enum class Parameterization { ntk, standard };

struct DenseOptions {
  double W_std = 1.0;
  std::optional<double> b_std = std::nullopt;  // nullopt: no bias. 0: a bias that starts at zero
  std::array<double, 2> s = {1, 1};            // width scales (in, out), standard parameterization
  bool trainable = true;                       // false: the weights stay as drawn (NTK' = W^2 NTK)
};

struct Layer;
using Layers = std::vector<Layer>;

struct DenseLayer {
  std::int64_t out_dim;
  DenseOptions options;
};

// A nonlinearity, by its name in the table of src/architecture/activations.h; `parameters` in the
// order of that table.
struct ActivationLayer {
  std::string name;
  std::vector<double> parameters;
};

struct IdentityLayer {};
struct FlattenLayer {};

struct ResidualLayer {  // x + layers(x)
  Layers layers;
};

enum class Join { fan_in_sum };
struct ParallelLayer {
  std::vector<Layers> branches;
  Join join = Join::fan_in_sum;
};

struct RepeatLayer {  // layers, `times` times one after the other
  std::int64_t times;
  Layers layers;
};

struct Layer {
  std::variant<DenseLayer, ActivationLayer, IdentityLayer, FlattenLayer, ResidualLayer,
               ParallelLayer, RepeatLayer>
      value;
};

// A checked network: it was built by `serial` or by parsing, so every parameter is in its range and
// every layer may follow the one before it. Copies are cheap and share nothing that can change.
class Architecture {
 public:
  // Throws UsageError naming the place of the first layer that is wrong ("layers[2].W_std").
  explicit Architecture(Layers layers, Parameterization parameterization = Parameterization::ntk);

  const Layers& layers() const { return *layers_; }
  Parameterization parameterization() const { return parameterization_; }

  // Width of the output for samples of this shape (the shape of one sample, without the batch
  // axis). Throws UsageError naming the layer that cannot take it.
  Shape output_shape(const Shape& sample) const;

  // The JSON text, version 1; parse_architecture of it gives an equal value.
  std::string to_json(bool pretty = false) const;
  // serial(Dense(512, W_std=1.5), Relu(), Dense(1))
  std::string to_expression() const;

 private:
  std::shared_ptr<const Layers> layers_;
  Parameterization parameterization_;
};
bool operator==(const Architecture& a, const Architecture& b);

// From JSON text, from an expression, or from a file that holds one of them: text that begins with
// `{` is JSON, text that begins with a layer's name and `(` is an expression, anything else is a
// file's name. Throws UsageError for text that is no architecture, DataError for a file that cannot
// be read.
Architecture parse_architecture(const std::string& text_or_file);

// Builders. Each throws UsageError for parameters out of range when `serial` puts them together.
Layer Dense(std::int64_t out_dim, DenseOptions options = {});
Layer Identity();
Layer Flatten();
Layer Relu();
Layer LeakyRelu(double alpha);
Layer ABRelu(double a, double b);  // a min(x, 0) + b max(x, 0)
Layer Abs();
Layer Sign();
Layer Erf(double a = 1, double b = 1, double c = 0);  // a erf(b x) + c
Layer Gelu();                                         // x Phi(x)
Layer Residual(Layers layers);
Layer Parallel(std::vector<Layers> branches, Join join = Join::fan_in_sum);
Layer Repeat(std::int64_t times, Layers layers);

Architecture serial(Layers layers, Parameterization parameterization = Parameterization::ntk);
template <class... L>
requires(std::is_same_v<L, Layer>&&...) Architecture serial(Layer first, L... rest) {
  return serial(Layers{std::move(first), std::move(rest)...});
}

}  // namespace ntk
