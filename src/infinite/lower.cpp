#include "src/infinite/lower.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "kernels/backend.h"
#include "ntk/error.h"
#include "src/architecture/activations.h"
#include "src/architecture/sample_shape.h"

namespace ntk {
namespace {

class Lowering {
 public:
  Lowering(Parameterization parameterization, const SampleLayout& sample)
      : parameterization_(parameterization), pixels_(sample.pixels()), width_(sample.channels) {
    if (!sample.image) return;
    stage_.emplace();
    stage_->height = sample.height;
    stage_->width = sample.width;
    stage_->channels = sample.channels;
  }

  void run(const Layers& layers) {
    for (const Layer& layer : layers)
      std::visit([this](const auto& value) { add(value); }, layer.value);
  }

  Program finish() && {
    if (stage_)
      throw UsageError("architecture: the network ends on images of " +
                       to_string({stage_->height, stage_->width, width_}) +
                       "; kernels between pixels are not yet supported: end with Flatten or "
                       "GlobalAvgPool, and a Dense layer");
    program_.features = next_feature_ + 1;
    return std::move(program_);
  }

 private:
  void emit(Op op, std::initializer_list<double> parameters, std::int32_t slot = 0) {
    Instruction instruction{op};
    instruction.slot = slot;
    std::copy(parameters.begin(), parameters.end(), instruction.p);
    append(instruction);
  }

  void append(Instruction instruction) {
    instruction.first_feature = next_feature_;
    next_feature_ += features_of(instruction);
    program_.instructions.push_back(instruction);
  }

  // K' = w2 K + b2 and Theta' = w2 Theta + (trainable: what this layer's own parameters add).
  //   ntk:      K'                      z = W_std/sqrt(n) W x + b_std b
  //   standard: n/s0 K + [has bias]     z = 1/sqrt(s0) W x + b
  void add(const DenseLayer& layer) {
    const DenseOptions& o = layer.options;
    const double w2 = o.W_std * o.W_std, b2 = o.b_std ? *o.b_std * *o.b_std : 0;
    if (parameterization_ == Parameterization::standard && o.trainable)
      emit(Op::affine_standard,
           {w2, b2, 0, static_cast<double>(width_) / o.s[0], o.b_std ? 1.0 : 0.0});
    else
      emit(b2 > 0 ? Op::affine : Op::scale, {w2, b2, o.trainable ? 1.0 : 0.0});
    width_ = layer.out_dim * static_cast<std::int64_t>(o.s[1]);
  }

  // As Dense, with the filter's taps in the place of a pixel's own channels (Novak et al. 2019).
  // SAME padding: of an even filter the tap more is below and to the right.
  void add(const ConvLayer& layer) {
    const ConvOptions& o = layer.options;
    require_supported(layer);
    const auto height = static_cast<std::int32_t>(layer.filter_shape[0]),
               width = static_cast<std::int32_t>(layer.filter_shape[1]);
    Instruction in{Op::convolve};
    in.filter = {(height - 1) / 2, height / 2, (width - 1) / 2, width / 2};
    in.p[0] = o.W_std * o.W_std;
    in.p[1] = o.b_std ? *o.b_std * *o.b_std : 0;
    const bool standard = parameterization_ == Parameterization::standard;
    if (o.trainable && standard) {
      in.p[3] = static_cast<double>(width_) * in.filter.taps() / o.s[0];
      in.p[4] = o.b_std ? 1 : 0;
    } else {
      in.p[2] = o.trainable ? 1 : 0;
    }
    append(in);
    width_ = layer.out_chan * static_cast<std::int64_t>(o.s[1]);
  }

  static void require_supported(const ConvLayer& layer) {
    const auto& strides = layer.options.strides;
    if (layer.filter_shape.size() != 2) refuse("Conv along one axis or three");
    if (layer.options.padding != Padding::same) refuse("Conv with the padding VALID or CIRCULAR");
    if (std::any_of(strides.begin(), strides.end(), [](auto stride) { return stride != 1; }))
      refuse("Conv with strides");
  }

  void add(const ActivationLayer& layer) {
    const DualForm form = dual_form(layer);
    Instruction instruction{form.op};
    std::copy(std::begin(form.p), std::end(form.p), instruction.p);
    if (form.op == Op::polynomial) add_polynomial(form.polynomial, instruction);
    if (form.op == Op::function && form.function) {
      instruction.function = static_cast<std::int32_t>(program_.functions.size());
      program_.functions.push_back(form.function);
    }
    append(instruction);
    if (form.shift != 0) emit(Op::affine, {1, form.shift * form.shift, 0});
  }

  // sum_k c_k (s z)^k = sum_l a_l h_l(z),  a_l = s^l sum_i c_(2i+l) (2i+l)! / (2^i i! sqrt(l!))
  // s^(2i) (neural_tangents stax.Polynomial); the table is described in kernels/math/dual/series.h.
  void add_polynomial(std::vector<double> c, Instruction& in) {
    while (c.size() > 1 && c.back() == 0) c.pop_back();
    const auto degree = static_cast<std::int32_t>(c.size()) - 1, columns = degree / 2 + 1;
    bool has[2] = {};
    for (std::size_t k = 0; k < c.size(); ++k) has[k % 2] = has[k % 2] || c[k] != 0;
    in.terms = {has[0] ? degree / 2 + 1 : 0, has[1] ? (degree + 1) / 2 : 0};
    in.single_terms = in.terms;
    in.p[0] = columns;
    in.table = static_cast<std::int32_t>(program_.tables.size());
    in.function = static_cast<std::int32_t>(program_.polynomials.size());
    for (std::int32_t parity : {0, 1})
      for (std::int32_t k = 0; k < (parity == 0 ? in.terms.even : in.terms.odd); ++k)
        for (std::int32_t i = 0; i < columns; ++i)
          program_.tables.push_back(hermite_part(c, 2 * k + parity, i));
    program_.polynomials.push_back(std::move(c));
  }

  static double hermite_part(const std::vector<double>& c, std::int32_t l, std::int32_t i) {
    const auto k = 2 * static_cast<std::size_t>(i) + static_cast<std::size_t>(l);
    if (k >= c.size()) return 0;
    const double exponent = std::lgamma(2.0 * i + l + 1) - i * std::log(2.0) -
                            std::lgamma(i + 1.0) - 0.5 * std::lgamma(l + 1.0);
    return c[k] * std::exp(exponent);
  }

  void add(const LayerNormLayer& layer) {
    if (layer.axis.size() > 1) refuse("LayerNorm over pixels");
    emit(Op::normalize, {layer.eps});
  }
  void add(const DropoutLayer& layer) {
    if (layer.mode == DropoutMode::train && layer.rate < 1) emit(Op::dropout, {layer.rate});
  }

  void add(const IdentityLayer&) {}
  void add(const FlattenLayer&) {
    if (!stage_) return;
    pool(Pooling::flatten);
    width_ *= pixels_;
  }
  void add(const GlobalPoolLayer& layer) {
    if (layer.pool == Pool::sum) refuse("GlobalSumPool");
    pool(Pooling::average);
  }
  void add(const ConvTransposeLayer&) { refuse("ConvTranspose"); }
  void add(const ConvLocalLayer&) { refuse("ConvLocal"); }
  void add(const PoolLayer&) { refuse("AvgPool and SumPool"); }
  void add(const GlobalSelfAttentionLayer&) { refuse("GlobalSelfAttention"); }
  void add(const AggregateLayer&) { refuse("Aggregate"); }
  void add(const ImageResizeLayer&) { refuse("ImageResize"); }
  void add(const SliceLayer&) { refuse("Slice"); }

  [[noreturn]] static void refuse(const std::string& what) {
    throw UsageError("architecture: " + what +
                     " is not yet supported by the kernels of infinitely wide networks");
  }

  // What was compiled so far acted on images.
  void pool(Pooling pooling) {
    if (slots_in_use_ > 0) refuse("a Flatten or GlobalAvgPool inside Parallel");
    stage_->instructions = std::exchange(program_.instructions, {});
    stage_->slots = std::exchange(program_.slots, 0);
    stage_->features = std::exchange(next_feature_, 0) + 1;
    stage_->pooling = pooling;
    program_.images = std::move(stage_);
    stage_.reset();
  }

  void add(const ResidualLayer& layer) {
    const std::int32_t input = take_slot();
    emit(Op::save, {}, input);
    run(layer.layers);
    emit(Op::add, {}, input);
    give_slot();
  }

  void add(const ParallelLayer& layer) {
    const std::int64_t width = width_;
    const std::int64_t joined = width_after({{layer}}, width);
    const std::int32_t input = take_slot(), so_far = take_slot();
    emit(Op::save, {}, input);
    for (std::size_t i = 0; i < layer.branches.size(); ++i) {
      if (i > 0) {
        emit(Op::save, {}, so_far);
        emit(Op::load, {}, input);
        width_ = width;
      }
      run(layer.branches[i]);
      // FanInConcat on channels is the mean of the branches' kernels, weighted by their widths.
      if (layer.join == Join::fan_in_concat)
        emit(Op::scale, {static_cast<double>(width_) / static_cast<double>(joined)});
      if (i > 0) emit(layer.join == Join::fan_in_prod ? Op::multiply : Op::add, {}, so_far);
    }
    width_ = joined;
    give_slot();
    give_slot();
  }

  // The width that these layers make of an input's.
  static std::int64_t width_after(const Layers& layers, std::int64_t width) {
    for (const Layer& layer : layers) {
      if (const auto* dense = std::get_if<DenseLayer>(&layer.value)) {
        width = dense->out_dim * static_cast<std::int64_t>(dense->options.s[1]);
      } else if (const auto* conv = std::get_if<ConvLayer>(&layer.value)) {
        width = conv->out_chan * static_cast<std::int64_t>(conv->options.s[1]);
      } else if (const auto* repeat = std::get_if<RepeatLayer>(&layer.value)) {
        for (std::int64_t i = 0, before = 0; i < repeat->times && before != width; ++i) {
          before = width;
          width = width_after(repeat->layers, before);
        }
      } else if (const auto* parallel = std::get_if<ParallelLayer>(&layer.value)) {
        std::int64_t sum = 0, last = width;
        for (const Layers& branch : parallel->branches) sum += last = width_after(branch, width);
        width = parallel->join == Join::fan_in_concat ? sum : last;
      }
    }
    return width;
  }

  void add(const RepeatLayer& layer) {
    for (std::int64_t i = 0; i < layer.times; ++i) run(layer.layers);
  }

  std::int32_t take_slot() {
    if (slots_in_use_ == kMaxSlots)
      throw UsageError("architecture: sums are nested too deeply; at most " +
                       std::to_string(kMaxSlots) +
                       " intermediate states fit (a Residual takes one, a Parallel two)");
    program_.slots = std::max(program_.slots, slots_in_use_ + 1);
    return slots_in_use_++;
  }
  void give_slot() { --slots_in_use_; }

  Parameterization parameterization_;
  std::int64_t pixels_;
  std::int64_t width_;               // units, or channels of a pixel
  std::optional<ImageStage> stage_;  // of images, until they are made vectors
  Program program_;
  std::int32_t next_feature_ = 0;
  std::int32_t slots_in_use_ = 0;
};

}  // namespace

Program lower(const Architecture& architecture, const Shape& sample) {
  Lowering lowering(architecture.parameterization(), layout_of(architecture.layers(), sample));
  lowering.run(architecture.layers());
  return std::move(lowering).finish();
}

Program lower(const Architecture& architecture, std::int64_t width) {
  return lower(architecture, Shape{width});
}

}  // namespace ntk
