/// \file
/// A neural network as a value. It has no parameters: it says which layers follow each other. The
/// names and defaults are those of neural_tangents.stax; formulas and sources:
/// docs/architecture.md.
///
///     auto net =
///         ntk::serial(ntk::Dense(512, {.W_std = 1.5, .b_std = 0.1}), ntk::Relu(), ntk::Dense(1));
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "ntk/api.h"
#include "ntk/array.h"
#include "ntk/layers.h"

namespace ntk {

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

  /// Shape of the output for samples of this shape (of one sample, without the batch axis): d, or
  /// for networks whose layers know of pixels L x C, H x W x C or D x H x W x C (without C: one
  /// channel). Throws UsageError naming the layer that cannot take it.
  Shape output_shape(const Shape& sample) const;
  /// Whether kernels need a pattern of each sample: an Aggregate stands in the network.
  bool needs_patterns() const;

  /// The JSON text, version 1; parse_architecture of it gives an equal value. Throws UsageError for
  /// an Elementwise whose function was given in C++: such a one has no text.
  std::string to_json(bool pretty = false) const;
  /// "serial(Dense(512, W_std=1.5), Relu(), Dense(1))"; parse_architecture takes it, too.
  /// Throws as to_json does.
  std::string to_expression() const;
  /// The expression for people to read: a function of Elementwise stands by its name or its number
  /// of points. It need not parse.
  std::string describe() const;

 private:
  std::shared_ptr<const Layers> layers_;
  Parameterization parameterization_;
};
/// Whether they are the same layer by layer, with exactly the same parameters. Functions of
/// Elementwise are equal if their tables are, or if they are the same object.
NTK_API bool operator==(const Architecture& a, const Architecture& b);

/// From JSON text, from an expression, or from a file that holds one of them: text that begins with
/// `{` is JSON, text that begins with a layer's name and `(` is an expression, anything else is a
/// file's name. Throws UsageError for text that is no architecture, DataError for a file that
/// cannot be read.
NTK_API Architecture parse_architecture(const std::string& text_or_file);

/// Fully connected, `out_dim` units. As for all builders, a parameter out of its range is a
/// UsageError of the `serial` that puts the layers together.
NTK_API Layer Dense(std::int64_t out_dim, DenseOptions options = {});
/// Convolution with filters of filter_shape pixels (1, 2 or 3 axes), as neural_tangents.stax.Conv:
/// mean over the filter's taps in the kernel (Novak et al. 2019).
NTK_API Layer Conv(std::int64_t out_chan, std::vector<std::int64_t> filter_shape,
                   ConvOptions options = {});
/// Transposed convolution, as neural_tangents.stax.ConvTranspose: strides make images larger.
NTK_API Layer ConvTranspose(std::int64_t out_chan, std::vector<std::int64_t> filter_shape,
                            ConvOptions options = {});
/// Convolution with a filter of its own at each pixel, as neural_tangents.stax.ConvLocal.
NTK_API Layer ConvLocal(std::int64_t out_chan, std::vector<std::int64_t> filter_shape,
                        ConvOptions options = {});
/// Each window of window_shape pixels to its mean, as neural_tangents.stax.AvgPool. strides empty:
/// 1 along each axis. normalize_edges: with Padding::same the mean is over the pixels in the
/// window.
NTK_API Layer AvgPool(std::vector<std::int64_t> window_shape,
                      std::vector<std::int64_t> strides = {}, Padding padding = Padding::valid,
                      bool normalize_edges = false);
/// The same with sums in the place of means.
NTK_API Layer SumPool(std::vector<std::int64_t> window_shape,
                      std::vector<std::int64_t> strides = {}, Padding padding = Padding::valid);
/// The mean over all pixels: images to vectors.
NTK_API Layer GlobalAvgPool();
/// The sum over all pixels: images to vectors.
NTK_API Layer GlobalSumPool();
/// Attention of each pixel to all pixels (Hron et al. 2020), as
/// neural_tangents.stax.GlobalSelfAttention. In the limit nothing depends on the numbers of
/// channels and heads but the next layer's fan-in, which is n_chan_out.
NTK_API Layer GlobalSelfAttention(std::int64_t n_chan_out, std::int64_t n_chan_key,
                                  std::int64_t n_chan_val, std::int64_t n_heads,
                                  AttentionOptions options = {});
/// Each pixel to the weighted sum of its predecessors in a graph (Du et al. 2019), as
/// neural_tangents.stax.Aggregate: aggregate_axis are the pixel axes (1 is the first) that the
/// graph's vertices are; empty: all. The weights are a pattern for each sample, given in the call.
NTK_API Layer Aggregate(std::vector<std::int64_t> aggregate_axis = {}, std::int64_t batch_axis = 0,
                        std::int64_t channel_axis = -1);
/// Images to the size `shape`, in which batch and channels are -1, as every axis that stays; as
/// neural_tangents.stax.ImageResize.
NTK_API Layer ImageResize(std::vector<std::int64_t> shape, ResizeMethod method,
                          bool antialias = true);
/// A part of an image: a range for the batch (all of it), then one for each pixel axis; axes not
/// listed stay as they are. neural_tangents.stax.Index.
NTK_API Layer Slice(std::vector<SliceRange> slices);
/// x.
NTK_API Layer Identity();
/// Samples of any shape to vectors, as the first layer; after layers on images, their pixels and
/// channels to one vector.
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
/// Erf(0.5, 1 / 2.4020563531719796, 0.5), which is close to Sigmoid (neural_tangents.stax).
NTK_API Layer Sigmoid_like();
/// x Phi(x), Phi the normal distribution function (Tsuchida et al. 2021). `approximate` is the tanh
/// form of it in finite networks; as in neural_tangents the kernel is that of x Phi(x) either way.
NTK_API Layer Gelu(bool approximate = false);
/// a sin(b x + c) (neural_tangents.stax, as are Cos to Polynomial).
NTK_API Layer Sin(double a = 1, double b = 1, double c = 0);
/// a cos(b x + c).
NTK_API Layer Cos(double a = 1, double b = 1, double c = 0);
/// sqrt(2) sin(sqrt(2 gamma) x + pi/4), whose kernel is exp(-gamma E[(u - v)^2]) for inputs u and v
/// of the layer; gamma is 0 or more.
NTK_API Layer Rbf(double gamma = 1);
/// a exp(b x^2).
NTK_API Layer Gaussian(double a = 1, double b = -1);
/// a exp(b x).
NTK_API Layer Exp(double a = 1, double b = 1);
/// The kernel sqrt(q1 q2) exp(gamma (rho + shift)), which is that of no single function, of the
/// variances q1, q2 and the correlation rho; gamma is 0 or more. `do_clip` keeps rho within -1 and
/// 1, where libntk's is anyway.
NTK_API Layer ExpNormalized(double gamma = 1, double shift = -1, bool do_clip = false);
/// exp(-x^2) sin(x).
NTK_API Layer Gabor();
/// The kernel K^degree, degree 0 to 64: that of the normalized Hermite polynomial at variance 1.
NTK_API Layer Hermite(std::int64_t degree);
/// x^degree, 0 to 64.
NTK_API Layer Monomial(std::int64_t degree);
/// x^degree for x > 0, else 0; degree 0 to 64.
NTK_API Layer RectifiedMonomial(std::int64_t degree);
/// The sum of coef[k] x^k, 1 to 65 of them.
NTK_API Layer Polynomial(std::vector<double> coef);
/// tanh(x). As of Sigmoid, Softplus, Swish and Mish, the kernel is a sum of powers of the
/// correlation: by Mehler's formula the coefficients are the squares of those of the function in
/// Hermite polynomials, which are found by quadrature.
NTK_API Layer Tanh();
/// 1 / (1 + exp(-x)).
NTK_API Layer Sigmoid();
/// log(1 + exp(x)).
NTK_API Layer Softplus();
/// x / (1 + exp(-x)).
NTK_API Layer Swish();
/// x tanh(log(1 + exp(x))).
NTK_API Layer Mish();
/// x for x > 0, else alpha (exp(x) - 1) (Clevert et al. 2016); the kernel by quadrature over the
/// angle.
NTK_API Layer Elu(double alpha = 1);
/// l x for x > 0, else l a (exp(x) - 1): l = 1.0507..., a = 1.6732... (Klambauer et al. 2017); the
/// kernel as of Elu.
NTK_API Layer Selu();
/// A continuous function of your own, and its derivative. `kinks` are where the derivative jumps,
/// in ascending order; kernels, by Mehler's formula as of Tanh, are as exact as that list is
/// complete. Both may be called from several threads at a time. The name stands in messages.
NTK_API Layer Elementwise(std::string name, std::function<double(double)> phi,
                          std::function<double(double)> dphi, std::vector<double> kinks = {});
/// The function through a table: cubic between neighbouring x, with the values phi and the
/// derivatives dphi at each x, and linear beyond the first and the last. x ascends, 2 points or
/// more; phi and dphi are as long. Throws UsageError naming the first number that is wrong
/// ("x[3]").
NTK_API Layer ElementwiseTable(std::vector<double> x, std::vector<double> phi,
                               std::vector<double> dphi);
/// x / sqrt(mean(x^2) + eps) of each sample, or of each pixel; the axis is that of the features or
/// channels, the last one: -1, or its number (1 for vectors, 3 for images).
NTK_API Layer LayerNorm(std::int64_t axis = -1, double eps = 1e-12);
/// The mean over several axes: channels and pixels, {1, 2, 3} being all of an image.
NTK_API Layer LayerNorm(std::vector<std::int64_t> axis, double eps = 1e-12);
/// Keeps a unit with probability `rate`, in (0, 1], and divides it by that; in mode test the
/// identity.
NTK_API Layer Dropout(double rate, DropoutMode mode = DropoutMode::train);
/// x + layers(x).
NTK_API Layer Residual(Layers layers);
/// The branches of one input, joined: their sum (each Gaussian, all of one width), their product
/// (of one width) or their units side by side (their widths add up).
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
