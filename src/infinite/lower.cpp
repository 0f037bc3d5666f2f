#include "src/infinite/lower.h"

#include <algorithm>
#include <map>
#include <string>
#include <tuple>
#include <utility>

#include "ntk/error.h"
#include "src/architecture/sample_shape.h"
#include "src/infinite/fuse.h"
#include "src/infinite/instructions.h"
#include "src/infinite/pixel_tables.h"

namespace ntk {
namespace {

// Layers become steps on pixels; a vector is an image of one.
class Lowering {
 public:
  Lowering(Parameterization parameterization, const SampleLayout& sample,
           const LowerOptions& options)
      : parameterization_(parameterization),
        extents_(sample.extents),
        width_(sample.channels),
        masks_(options.mask_constant.has_value()) {
    stage_.extents = sample.extents;
    stage_.channels = sample.channels;
    stage_.mask_constant = options.mask_constant;
    hide_masked();
  }

  void run(const Layers& layers) {
    for (const Layer& layer : layers)
      std::visit([this](const auto& value) { add(value); }, layer.value);
  }

  Program finish_images() && {
    stage_.output = extents_;
    program_.pixels = std::move(stage_);
    return std::move(program_);
  }

  Program finish_vectors() && {
    for (const PixelStep& step : stage_.steps) program_.instructions.push_back(step.in);
    program_.slots = stage_.slots;
    program_.features = place_features(program_.instructions);
    return std::move(program_);
  }

 private:
  std::int64_t pixels() const { return pixel_count(extents_); }

  // --- steps ---

  PixelStep& append(Instruction in) { return append(in, extents_); }

  PixelStep& append(Instruction in, Shape after) {
    PixelStep step;
    step.in = in;
    step.before = pixels();
    extents_ = std::move(after);
    step.after = pixels();
    step.extents = extents_;
    stage_.steps.push_back(std::move(step));
    return stage_.steps.back();
  }

  void append_slot(Op op, std::int32_t slot) {
    Instruction in{op};
    in.slot = slot;
    append(in);
  }

  // What a bias or a nonlinearity makes of pixels that are not there.
  void hide_masked() {
    if (masks_) append({Op::mask});
  }

  // --- weights ---

  void add(const DenseLayer& layer) {
    append(dense_instruction(layer.options, parameterization_, width_));
    width_ = units_after(layer);
    hide_masked();
  }

  void add(const ConvLayer& layer) { convolve(layer, windows_of(layer, extents_)); }
  void add(const ConvTransposeLayer& layer) {
    refuse_masks("ConvTranspose");
    convolve(layer, windows_of(layer, extents_));
  }
  void add(const ConvLocalLayer& layer) {
    convolve(layer, windows_of(layer, extents_)).local = true;
  }

  template <class Convolution>
  PixelStep& convolve(const Convolution& layer, const std::vector<Window>& windows) {
    std::shared_ptr<const TapTable> taps = taps_of(windows);
    const bool moves = masks_ && outputs_of(windows) != extents_;
    Instruction in = convolve_instruction(layer.options, parameterization_, width_ * taps->count);
    in.filter = filter_of(windows);
    PixelStep& step = append(in, outputs_of(windows));
    step.taps = std::move(taps);
    if (moves) step.mask = window_centres(windows);
    width_ = units_after(layer.out_chan, layer.options);
    const std::size_t at = stage_.steps.size() - 1;
    hide_masked();
    return stage_.steps[at];
  }

  // Of images that stay as they are, which the fused engine asks; no taps: others.
  static Filter filter_of(const std::vector<Window>& windows) {
    Filter none{-1, 0, 0, 0};
    if (windows.size() != 2) return none;
    for (const Window& w : windows)
      if (w.transposed || w.padding != Padding::same || w.stride != 1) return none;
    const auto part = [](std::int64_t n) { return static_cast<std::int32_t>(n); };
    const Window &y = windows[0], &x = windows[1];
    return {part(y.before), part(y.size - 1 - y.before), part(x.before),
            part(x.size - 1 - x.before)};
  }

  std::shared_ptr<const TapTable> taps_of(const std::vector<Window>& windows) {
    std::vector<std::int64_t> key;
    for (const Window& w : windows)
      key.insert(key.end(), {w.in, w.size, w.stride, w.out, w.before,
                             static_cast<std::int64_t>(w.padding), w.transposed ? 1 : 0});
    std::shared_ptr<const TapTable>& taps = taps_[key];
    if (!taps) taps = tap_table(windows);
    return taps;
  }

  void add(const GlobalSelfAttentionLayer& layer) {
    const AttentionOptions& o = layer.options;
    PixelStep& step = append({Op::attend});
    AttentionStep& attention = step.attention;
    attention.attention = mechanism_of(o.mechanism);
    attention.linear_scaling = o.linear_scaling;
    attention.embed_values = o.val_pos_emb;
    const double qk = o.W_query_std * o.W_key_std, ov = o.W_out_std * o.W_value_std;
    attention.query_key = o.linear_scaling ? qk : qk * qk;
    attention.value_out = ov * ov;
    attention.b2 = o.b_std ? *o.b_std * *o.b_std : 0;
    attention.embedding = embedding_of(o, extents_);
    attention.position = o.W_pos_emb_std * o.W_pos_emb_std;
    // Channels of input and position side by side count by their numbers.
    if (o.pos_emb_type == PositionalEmbedding::concat) {
      const auto input = static_cast<double>(width_),
                 position = static_cast<double>(o.n_chan_pos_emb.value_or(width_));
      attention.input = input / (input + position);
      attention.position *= position / (input + position);
    }
    width_ = layer.n_chan_out;
    hide_masked();
  }

  static Attention mechanism_of(AttentionMechanism mechanism) {
    switch (mechanism) {
      case AttentionMechanism::identity:
        return Attention::identity;
      case AttentionMechanism::abs:
        return Attention::abs;
      case AttentionMechanism::relu:
        return Attention::relu;
      default:
        return Attention::softmax;
    }
  }

  // --- pixels ---

  void add(const PoolLayer& layer) {
    const std::vector<Window> windows = windows_of(layer, extents_);
    const bool moves = masks_ && outputs_of(windows) != extents_;
    PixelStep& step = append({Op::mix}, outputs_of(windows));
    step.mix = pool_rows(layer, windows);
    if (moves) step.mask = window_centres(windows);
    hide_masked();
  }

  // A mean is over the pixels that are there.
  void add(const GlobalPoolLayer& layer) {
    const double masked_mean = masks_ && layer.pool == Pool::average ? 1 : 0;
    const std::int64_t all = pixels();
    PixelStep& step = append(instruction(Op::mix, {masked_mean}), {});
    step.mix = global_pool_rows(layer.pool, all);
    if (masks_) step.mask = step.mix;
    hide_masked();
  }

  // K' = the mean of K[p, p]: a filter that sees all pixels.
  void add(const FlattenLayer&) {
    if (extents_.empty()) return;
    const std::int64_t all = pixels();
    PixelStep& step = append(instruction(Op::convolve, {1, 0, 0, 0, 0}), {});
    step.in.filter.up = -1;
    step.taps = all_pixels(all);
    if (masks_) step.mask = masked_with(*step.taps);
    width_ *= all;
    hide_masked();
  }

  void add(const ImageResizeLayer& layer) {
    const Shape from = extents_, to = resized(layer, extents_);
    PixelStep& step = append({Op::mix}, to);
    step.mix = resize_rows(layer, from, to);
    if (masks_) step.mask = step.mix;
    hide_masked();
  }

  void add(const SliceLayer& layer) {
    const std::vector<Cut> cuts = cuts_of(layer, extents_);
    std::shared_ptr<const TapTable> taps = cut_pixels(cuts, extents_);
    PixelStep& step = append(instruction(Op::convolve, {1, 0, 0, 0, 0}), outputs_of(cuts));
    step.in.filter.up = -1;
    step.taps = std::move(taps);
    if (masks_) step.mask = masked_with(*step.taps);
  }

  void add(const AggregateLayer& layer) {
    const std::vector<std::size_t> axes = axes_of(layer, extents_.size());
    std::int64_t nodes = 1;
    for (const std::size_t axis : axes) nodes *= extents_[axis];
    if (stage_.nodes != 0 && stage_.nodes != nodes)
      throw UsageError("architecture: one Aggregate is over " + std::to_string(stage_.nodes) +
                       " nodes, another over " + std::to_string(nodes) +
                       ", but a sample has one pattern");
    stage_.nodes = nodes;
    PixelStep& step = append({Op::aggregate});
    step.node = along_axes(extents_, axes);
    step.rest = without_axes(extents_, axes);
    hide_masked();
  }

  void refuse_masks(const std::string& op) const {
    if (masks_)
      throw UsageError("architecture: masks do not pass through " + op +
                       ": leave out the mask constant, or that layer");
  }

  // --- pixel by pixel ---

  void add(const ActivationLayer& layer) {
    for (const Instruction& in : activation_instructions(layer, program_)) append(in);
    hide_masked();
  }

  void add(const LayerNormLayer& layer) {
    PixelStep& step = append(instruction(Op::normalize, {layer.eps}));
    if (!extents_.empty())
      step.group = without_axes(extents_, axes_of(layer, extents_.size()));
    else
      step.group = {0};
  }

  void add(const DropoutLayer& layer) {
    if (layer.mode == DropoutMode::train && layer.rate < 1)
      append(instruction(Op::dropout, {layer.rate}));
  }

  void add(const IdentityLayer&) {}

  // --- layers that hold layers ---

  void add(const ResidualLayer& layer) {
    const std::int32_t input = take_slot();
    append_slot(Op::save, input);
    run(layer.layers);
    append_slot(Op::add, input);
    give_slot();
  }

  void add(const ParallelLayer& layer) {
    const Shape extents = extents_;
    const std::int64_t width = width_;
    std::int64_t joined = 0;
    std::vector<std::size_t> ends;  // of the branches, where FanInConcat weighs them
    std::vector<std::int64_t> widths;
    const std::int32_t input = take_slot(), so_far = take_slot();
    append_slot(Op::save, input);
    for (std::size_t i = 0; i < layer.branches.size(); ++i) {
      if (i > 0) {
        append_slot(Op::save, so_far);
        extents_ = extents;
        width_ = width;
        append_slot(Op::load, input);
      }
      run(layer.branches[i]);
      // FanInConcat on channels is the mean of the branches' kernels, weighted by their widths.
      if (layer.join == Join::fan_in_concat) {
        ends.push_back(stage_.steps.size());
        append(instruction(Op::scale, {1}));
      }
      widths.push_back(width_);
      joined += width_;
      if (i > 0) append_slot(layer.join == Join::fan_in_prod ? Op::multiply : Op::add, so_far);
    }
    for (std::size_t i = 0; i < ends.size(); ++i)
      stage_.steps[ends[i]].in.p[0] = static_cast<double>(widths[i]) / static_cast<double>(joined);
    if (layer.join == Join::fan_in_concat) width_ = joined;
    give_slot();
    give_slot();
  }

  void add(const RepeatLayer& layer) {
    for (std::int64_t i = 0; i < layer.times; ++i) run(layer.layers);
  }

  std::int32_t take_slot() {
    if (slots_in_use_ == kMaxSlots)
      throw UsageError("architecture: sums are nested too deeply; at most " +
                       std::to_string(kMaxSlots) +
                       " intermediate states fit (a Residual takes one, a Parallel two)");
    stage_.slots = std::max(stage_.slots, slots_in_use_ + 1);
    return slots_in_use_++;
  }
  void give_slot() { --slots_in_use_; }

  Parameterization parameterization_;
  Shape extents_;       // of the pixel axes
  std::int64_t width_;  // units, or channels of a pixel
  bool masks_;
  PixelStage stage_;
  Program program_;
  std::map<std::vector<std::int64_t>, std::shared_ptr<const TapTable>> taps_;
  std::int32_t slots_in_use_ = 0;
};

}  // namespace

Program lower(const Architecture& architecture, const Shape& sample, const LowerOptions& options) {
  const SampleLayout layout = layout_of(architecture.layers(), sample);
  if (options.mask_constant && !layout.image)
    throw UsageError(
        "architecture: the network takes vectors, and a mask constant is for the "
        "pixels of images or sequences");
  Lowering lowering(architecture.parameterization(), layout, options);
  lowering.run(architecture.layers());
  if (!layout.image) return std::move(lowering).finish_vectors();
  Program program = std::move(lowering).finish_images();
  fuse(program);
  return program;
}

Program lower(const Architecture& architecture, std::int64_t width) {
  return lower(architecture, Shape{width});
}

}  // namespace ntk
