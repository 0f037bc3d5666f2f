/// \file
/// A neural network as a value. It has no parameters: it says which layers follow each other. The
/// names and defaults are those of neural_tangents.stax; formulas and sources:
/// docs/architecture.md.
///
///     auto net =
///         ntk::serial(ntk::Dense(512, {.W_std = 1.5, .b_std = 0.1}), ntk::Relu(), ntk::Dense(1));
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "ntk/api.h"
#include "ntk/array.h"

namespace ntk {

/// How weights and biases are scaled (Jacot et al. 2018; Sohl-Dickstein et al. 2020).
enum class Parameterization {
  ntk,      ///< z = W_std/sqrt(n) W x + b_std b with W, b ~ N(0, 1)
  standard  ///< z = 1/sqrt(s0) W x + b with W ~ N(0, W_std^2 s0/n), b ~ N(0, b_std^2)
};

/// The parameters of a Dense layer.
struct DenseOptions {
  double W_std = 1.0;                          ///< 0 to 1e100
  std::optional<double> b_std = std::nullopt;  ///< nullopt: no bias. 0: a bias that starts at zero
  std::array<double, 2> s = {1, 1};  ///< width scales (in, out), standard parameterization
  bool trainable = true;             ///< false: the weights stay as drawn (NTK' = W^2 NTK)
};

struct Layer;
/// Layers, one after the other.
using Layers = std::vector<Layer>;

/// Fully connected.
struct DenseLayer {
  std::int64_t out_dim;  ///< width of the output; of hidden layers nothing depends on it
  DenseOptions options;  ///< standard deviations and scales
};

/// A nonlinearity, as a row of the table in docs/architecture.md.
struct ActivationLayer {
  std::string name;                ///< "ABRelu", "Sign", "Erf", "Gelu"
  std::vector<double> parameters;  ///< in the order of that table
};

/// Nothing happens.
struct IdentityLayer {};
/// Images to vectors; the first layer only.
struct FlattenLayer {};

/// x + layers(x).
struct ResidualLayer {
  Layers layers;  ///< the branch beside the identity
};

/// How branches come together.
enum class Join {
  fan_in_sum  ///< their sum
};
/// Branches of one input.
struct ParallelLayer {
  std::vector<Layers> branches;  ///< an empty one is the identity
  Join join = Join::fan_in_sum;  ///< what becomes of their outputs
};

/// The same layers again and again, each time with weights of their own.
struct RepeatLayer {
  std::int64_t times;  ///< at least 1
  Layers layers;       ///< they must take their own output
};

/// One layer of any kind.
struct Layer {
  /// The kind, with its parameters.
  std::variant<DenseLayer, ActivationLayer, IdentityLayer, FlattenLayer, ResidualLayer,
               ParallelLayer, RepeatLayer>
      value;
};

/// A checked network: it was built by `serial` or by parsing, so every parameter is in its range
/// and every layer may follow the one before it. Copies are cheap and share nothing that can
/// change: a network may be used from any number of threads.
class NTK_API Architecture {
 public:
  /// Throws UsageError naming the place of the first layer that is wrong ("layers[2].W_std").
  explicit Architecture(Layers layers, Parameterization parameterization = Parameterization::ntk);

  /// As they were given.
  const Layers& layers() const { return *layers_; }
  /// Of all its layers.
  Parameterization parameterization() const { return parameterization_; }

  /// Shape of the output for samples of this shape (of one sample, without the batch axis). Throws
  /// UsageError naming the layer that cannot take it.
  Shape output_shape(const Shape& sample) const;

  /// The JSON text, version 1; parse_architecture of it gives an equal value.
  std::string to_json(bool pretty = false) const;
  /// "serial(Dense(512, W_std=1.5), Relu(), Dense(1))"; parse_architecture takes it, too.
  std::string to_expression() const;

 private:
  std::shared_ptr<const Layers> layers_;
  Parameterization parameterization_;
};
/// Whether they are the same layer by layer, with exactly the same parameters.
NTK_API bool operator==(const Architecture& a, const Architecture& b);

/// From JSON text, from an expression, or from a file that holds one of them: text that begins with
/// `{` is JSON, text that begins with a layer's name and `(` is an expression, anything else is a
/// file's name. Throws UsageError for text that is no architecture, DataError for a file that
/// cannot be read.
NTK_API Architecture parse_architecture(const std::string& text_or_file);

/// Fully connected, `out_dim` units. As for all builders, a parameter out of its range is a
/// UsageError of the `serial` that puts the layers together.
NTK_API Layer Dense(std::int64_t out_dim, DenseOptions options = {});
/// x.
NTK_API Layer Identity();
/// Samples of any shape to vectors; the first layer only.
NTK_API Layer Flatten();
/// max(x, 0) (Cho & Saul 2009, as are LeakyRelu, ABRelu, Abs and Sign).
NTK_API Layer Relu();
/// alpha min(x, 0) + max(x, 0).
NTK_API Layer LeakyRelu(double alpha);
/// a min(x, 0) + b max(x, 0).
NTK_API Layer ABRelu(double a, double b);
/// |x|.
NTK_API Layer Abs();
/// The sign of x; its NTK factor is 0.
NTK_API Layer Sign();
/// a erf(b x) + c (Williams 1997).
NTK_API Layer Erf(double a = 1, double b = 1, double c = 0);
/// x Phi(x), Phi the normal distribution function (Tsuchida et al. 2021).
NTK_API Layer Gelu();
/// x + layers(x).
NTK_API Layer Residual(Layers layers);
/// The sum of the branches, which must be Gaussian and of one width.
NTK_API Layer Parallel(std::vector<Layers> branches, Join join = Join::fan_in_sum);
/// `layers`, `times` times one after the other.
NTK_API Layer Repeat(std::int64_t times, Layers layers);

/// The network of these layers; throws UsageError as the constructor of Architecture does.
NTK_API Architecture serial(Layers layers,
                            Parameterization parameterization = Parameterization::ntk);
/// The same in the ntk parameterization, with the layers as arguments.
template <class... L>
requires(std::is_same_v<L, Layer>&&...) Architecture serial(Layer first, L... rest) {
  return serial(Layers{std::move(first), std::move(rest)...});
}

}  // namespace ntk
