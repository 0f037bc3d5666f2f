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
#include "ntk/function.h"

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
  /// Numbers; flags as 0 and 1. Without what follows.
  std::vector<double> parameters = {};
  /// Polynomial's coef, from degree 0; empty for all others.
  std::vector<double> coefficients = {};
  /// Elementwise's function; null for all others.
  std::shared_ptr<const ScalarFunction> function = nullptr;
};

struct IdentityLayer {};
struct FlattenLayer {};

/// Each sample's features with their mean square taken to 1: x / sqrt(mean(x^2) + eps).
struct LayerNormLayer {
  std::int64_t axis = -1;  ///< that of the features: -1 or 1
  double eps = 1e-12;
};

enum class DropoutMode { train, test };
/// Each unit is kept with probability `rate`, in (0, 1], and then divided by it; in mode test it is
/// the identity.
struct DropoutLayer {
  double rate;
  DropoutMode mode = DropoutMode::train;
};

struct ResidualLayer {  // x + layers(x)
  Layers layers;
};

/// What becomes of the outputs of branches: their sum, their product unit by unit, or all units of
/// one beside all units of the others.
enum class Join { fan_in_sum, fan_in_prod, fan_in_concat };
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
               ParallelLayer, RepeatLayer, LayerNormLayer, DropoutLayer>
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

  // The JSON text, version 1; parse_architecture of it gives an equal value. Throws UsageError for
  // an Elementwise whose function was given in C++, as does to_expression: such a one has no text.
  std::string to_json(bool pretty = false) const;
  // serial(Dense(512, W_std=1.5), Relu(), Dense(1))
  std::string to_expression() const;
  /// The expression for people to read: a function of Elementwise stands by its name or its number
  /// of points. It need not parse.
  std::string describe() const;

 private:
  std::shared_ptr<const Layers> layers_;
  Parameterization parameterization_;
};
/// Functions of Elementwise are equal if their tables are, or if they are the same object.
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
/// x Phi(x), Phi the normal distribution function. `approximate` is the tanh form of it in finite
/// networks; as in neural_tangents the infinite kernel is that of x Phi(x) either way.
Layer Gelu(bool approximate = false);
Layer Sigmoid_like();  ///< Erf(0.5, 1 / 2.4020563531719796, 0.5), which is close to Sigmoid
Layer Sin(double a = 1, double b = 1, double c = 0);  ///< a sin(b x + c)
Layer Cos(double a = 1, double b = 1, double c = 0);  ///< a cos(b x + c)
Layer Rbf(double gamma = 1);                          ///< sqrt(2) sin(sqrt(2 gamma) x + pi/4)
Layer Gaussian(double a = 1, double b = -1);          ///< a exp(b x^2)
Layer Exp(double a = 1, double b = 1);                ///< a exp(b x)
/// The kernel sqrt(q1 q2) exp(gamma (rho + shift)), which is that of no single function. `do_clip`
/// keeps rho within -1 and 1, where libntk's is anyway.
Layer ExpNormalized(double gamma = 1, double shift = -1, bool do_clip = false);
Layer Gabor();                                 ///< exp(-x^2) sin(x)
Layer Hermite(std::int64_t degree);            ///< normalized; the kernel is K^degree. 0 to 64
Layer Monomial(std::int64_t degree);           ///< x^degree, 0 to 64
Layer RectifiedMonomial(std::int64_t degree);  ///< x^degree for x > 0, else 0. 0 to 64
Layer Polynomial(std::vector<double> coef);    ///< sum of coef[k] x^k, 1 to 65 of them
Layer Tanh();
Layer Sigmoid();              ///< 1 / (1 + exp(-x))
Layer Softplus();             ///< log(1 + exp(x))
Layer Swish();                ///< x / (1 + exp(-x))
Layer Mish();                 ///< x tanh(log(1 + exp(x)))
Layer Elu(double alpha = 1);  ///< x for x > 0, else alpha (exp(x) - 1)
Layer Selu();  ///< l x for x > 0, else l a (exp(x) - 1): l = 1.0507..., a = 1.6732...
/// A function of your own, and its derivative. `kinks` are where the derivative jumps, in ascending
/// order; kernels are as exact as that list is complete. The name stands in messages.
Layer Elementwise(std::string name, std::function<double(double)> phi,
                  std::function<double(double)> dphi, std::vector<double> kinks = {});
/// The function through a table: cubic between neighbouring x, with the values phi and the
/// derivatives dphi at each x, and linear beyond the first and the last. x ascends, 2 points or
/// more. Throws UsageError naming the first number that is wrong ("x[3]").
Layer ElementwiseTable(std::vector<double> x, std::vector<double> phi, std::vector<double> dphi);
Layer LayerNorm(std::int64_t axis = -1, double eps = 1e-12);
Layer Dropout(double rate, DropoutMode mode = DropoutMode::train);
Layer Residual(Layers layers);
Layer Parallel(std::vector<Layers> branches, Join join = Join::fan_in_sum);
Layer Repeat(std::int64_t times, Layers layers);

Architecture serial(Layers layers, Parameterization parameterization = Parameterization::ntk);
template <class... L>
requires(std::is_same_v<L, Layer>&&...) Architecture serial(Layer first, L... rest) {
  return serial(Layers{std::move(first), std::move(rest)...});
}

}  // namespace ntk
