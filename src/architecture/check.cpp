#include "src/architecture/check.h"

#include <algorithm>

#include "src/architecture/activations.h"
#include "src/architecture/check_activation.h"
#include "src/architecture/check_weights.h"
#include "src/architecture/names.h"
#include "src/architecture/network_shape.h"
#include "src/architecture/pixel_axes.h"
#include "src/architecture/ranges.h"
#include "src/architecture/windows.h"

namespace ntk {
namespace {

// What arrives at a layer.
struct State {
  bool gaussian = false;
  std::string from = "the data";      // what made it as it is
  std::optional<std::int64_t> width;  // nullopt: that of the data, not known
  bool image = false;
  std::optional<Shape> extents;           // of an image; nullopt: not even how many there are
  std::string vectors_from = "the data";  // what made vectors of images

  std::optional<std::size_t> axes() const {
    if (!image) return 0;
    return extents ? std::optional(extents->size()) : std::nullopt;
  }
};

bool agree(std::int64_t a, std::int64_t b) { return a == kUnknown || b == kUnknown || a == b; }

// As far as is known.
bool have_equal_pixels(const State& a, const State& b) {
  if (a.image && b.image)
    return !a.extents || !b.extents ||
           std::equal(a.extents->begin(), a.extents->end(), b.extents->begin(), b.extents->end(),
                      agree);
  // An image whose axes nobody knows may have lost the last of them in a Slice.
  return a.image == b.image || !(a.image ? a : b).extents;
}

std::string pixels_text(const State& state) {
  if (!state.image) return "vectors";
  const bool known = state.extents && std::any_of(state.extents->begin(), state.extents->end(),
                                                  [](auto extent) { return extent != kUnknown; });
  return known ? "images of " + extents_text(*state.extents) + " pixels" : "images";
}

class Checker {
 public:
  Checker(Parameterization parameterization, const Source& source, std::vector<LayerState>* seen)
      : parameterization_(parameterization), source_(source), seen_(seen) {}

  State run(const Layers& layers, const std::string& place, State state) {
    for (std::size_t i = 0; i < layers.size(); ++i) {
      const std::string here = join_index(place, i);
      state =
          std::visit([&](const auto& layer) { return after(layer, here, state); }, layers[i].value);
      if (seen_ && rounds_ == 0)
        seen_->push_back({here, state.gaussian, state.image, state.width, state.extents});
    }
    return state;
  }

 private:
  State after(const DenseLayer& dense, const std::string& place, State state) {
    state.width = check_dense(dense, parameterization_, place, source_);
    state.gaussian = true;
    state.from = "Dense at " + place;
    return state;
  }

  State after(const ConvLayer& layer, const std::string& place, State state) {
    return convolved("Conv", layer, place, std::move(state));
  }
  State after(const ConvTransposeLayer& layer, const std::string& place, State state) {
    return convolved("ConvTranspose", layer, place, std::move(state));
  }
  State after(const ConvLocalLayer& layer, const std::string& place, State state) {
    return convolved("ConvLocal", layer, place, std::move(state));
  }

  template <class Convolution>
  State convolved(const std::string& op, const Convolution& layer, const std::string& place,
                  State state) {
    state.width = check_conv(layer, parameterization_, place, source_);
    require_image(op, place, state);
    state.gaussian = true;
    state.from = op + " at " + place;
    return tiled(layer, layer.filter_shape.size(), place, state);
  }

  State after(const PoolLayer& layer, const std::string& place, const State& state) {
    check_pool(layer, place, source_);
    require_image(op_name(layer), place, state);
    return tiled(layer, layer.window_shape.size(), place, state);
  }

  // What windows of so many axes make of the pixels.
  template <class T>
  State tiled(const T& layer, std::size_t axes, const std::string& place,
              const State& state) const {
    const Shape before = state.extents.value_or(Shape(axes, kUnknown));
    return with_extents(outputs_of(windows_of(layer, before, place, source_)), place, state);
  }

  State with_extents(Shape extents, const std::string& place, State state) const {
    std::int64_t room = kMostPixels;
    for (const std::int64_t extent : extents) {
      if (extent > room)
        source_.fail(place, "makes images of " + extents_text(extents) +
                                " pixels; at most 2^24 "
                                "are supported");
      if (extent != kUnknown) room /= extent;
    }
    state.extents = std::move(extents);
    return state;
  }

  State after(const GlobalSelfAttentionLayer& layer, const std::string& place, State state) {
    state.width = check_attention(layer, state.width, place, source_);
    require_image("GlobalSelfAttention", place, state);
    state.gaussian = true;
    state.from = "GlobalSelfAttention at " + place;
    return state;
  }

  State after(const AggregateLayer& layer, const std::string& place, State state) {
    require_image("Aggregate", place, state);
    axes_of(layer, state.axes(), place, source_);
    return state;
  }

  State after(const ImageResizeLayer& layer, const std::string& place, State state) {
    require_image("ImageResize", place, state);
    if (layer.shape.size() < 3 || layer.shape.size() > kMostPixelAxes + 2)
      source_.fail(join_key(place, "shape"),
                   "must have a number for each axis of the data, batch and channels included, "
                   "which are 3 to 5, has " +
                       std::to_string(layer.shape.size()));
    const Shape before = state.extents.value_or(Shape(layer.shape.size() - 2, kUnknown));
    return with_extents(resized(layer, before, place, source_), place, std::move(state));
  }

  // One without pixels is a vector.
  State after(const SliceLayer& layer, const std::string& place, State state) {
    require_image("Slice", place, state);
    check_ranges(layer, place, source_);
    if (!state.extents) return state;
    Shape extents = outputs_of(cuts_of(layer, *state.extents, place, source_));
    if (extents.empty()) return vectors("Slice at " + place, std::move(state));
    return with_extents(std::move(extents), place, std::move(state));
  }

  State after(const ActivationLayer& layer, const std::string& place, State state) {
    check_activation(layer, place, source_);
    require_gaussian_input(layer.name, place, state);
    state.gaussian = false;
    state.from = layer.name + " at " + place;
    return state;
  }

  State after(const LayerNormLayer& layer, const std::string& place, State state) {
    axes_of(layer, state.axes(), place, source_);
    require_range(layer.eps, 0, kLargestParameter, join_key(place, "eps"), source_);
    require_gaussian_input("LayerNorm", place, state);
    state.from = "LayerNorm at " + place;
    return state;
  }

  State after(const DropoutLayer& layer, const std::string& place, State state) {
    if (!(layer.rate > 0 && layer.rate <= 1))
      source_.fail(join_key(place, "rate"),
                   "is the probability that a unit is kept, more than 0 and at most 1, is " +
                       number_text(layer.rate));
    if (layer.mode == DropoutMode::test) return state;
    state.gaussian = false;
    state.from = "Dropout at " + place;
    return state;
  }

  State after(const IdentityLayer&, const std::string&, const State& before) { return before; }

  State after(const FlattenLayer&, const std::string& place, State state) {
    if (place != "layers[0]" && !state.image)
      source_.fail(place,
                   "Flatten is supported as the first layer only, where it makes vectors of images "
                   "(N x a x b data become N x ab), and after layers on images, of which there "
                   "are none here: a Conv must come before" +
                       again());
    if (state.image) state.width = vector_width(state, place);
    state.gaussian = false;
    state.from = "Flatten at " + place;
    return vectors("Flatten at " + place, std::move(state));
  }

  // A mean or sum over pixels of what is Gaussian is Gaussian.
  State after(const GlobalPoolLayer& layer, const std::string& place, State state) {
    require_image(op_name(layer), place, state);
    return vectors(op_name(layer) + " at " + place, std::move(state));
  }

  static State vectors(std::string by, State state) {
    state.image = false;
    state.extents.reset();
    state.vectors_from = std::move(by);
    return state;
  }

  std::optional<std::int64_t> vector_width(const State& state, const std::string& place) const {
    if (!state.width || !state.extents) return std::nullopt;
    std::int64_t width = *state.width;
    for (const std::int64_t extent : *state.extents) {
      if (extent == kUnknown) return std::nullopt;
      if (width > kLargestWidth / extent)
        source_.fail(place, "Flatten would make more than 2^53 units");
      width *= extent;
    }
    return width;
  }

  State after(const ResidualLayer& residual, const std::string& place, const State& before) {
    const std::string inner = join_key(place, "layers");
    require_layers(residual.layers, inner);
    const State branch = run(residual.layers, inner, before);
    require_gaussian(before, place, "Residual", "its identity branch");
    require_gaussian(branch, place, "Residual", "its branch");
    if (before.width != branch.width)
      source_.fail(place, "Residual adds its branch to its input, but their widths differ: " +
                              words(before.width) + " in, " + words(branch.width) +
                              " out of the branch");
    if (!have_equal_pixels(before, branch))
      source_.fail(place, "Residual adds its branch to its input, but their shapes differ: " +
                              pixels_text(before) + " in, " + pixels_text(branch) +
                              " out of the branch");
    return joined("Residual at " + place, true, before.width, before);
  }

  State after(const ParallelLayer& parallel, const std::string& place, const State& before) {
    const std::string inner = join_key(place, "branches");
    if (parallel.branches.empty()) source_.fail(inner, "Parallel needs at least one branch");
    std::vector<State> states;
    for (std::size_t b = 0; b < parallel.branches.size(); ++b)
      states.push_back(run(parallel.branches[b], join_index(inner, b), before));
    if (states.size() > 1) require_equal_pixels(states, name_of(parallel.join), inner);
    if (parallel.join == Join::fan_in_concat)
      return joined("FanInConcat at " + place, false, concatenated(states, place), states[0]);
    if (states.size() == 1) return states.front();
    const bool sum = parallel.join == Join::fan_in_sum;
    for (std::size_t b = 0; b < states.size(); ++b) {
      if (sum) require_gaussian(states[b], join_index(inner, b), "FanInSum", "this branch");
      if (states[b].width != states[0].width)
        source_.fail(join_index(inner, b),
                     name_of(parallel.join) + (sum ? " adds" : " multiplies") +
                         " branches of equal shapes: this one has width " + words(states[b].width) +
                         ", the first one " + words(states[0].width));
    }
    return joined((sum ? "Parallel at " : "FanInProd at ") + place, sum, states[0].width,
                  states[0]);
  }

  void require_equal_pixels(const std::vector<State>& states, const std::string& join,
                            const std::string& place) const {
    for (std::size_t b = 1; b < states.size(); ++b)
      if (!have_equal_pixels(states[b], states[0]))
        source_.fail(join_index(place, b), join + " joins branches of equal shapes: this one has " +
                                               pixels_text(states[b]) + ", the first one " +
                                               pixels_text(states[0]));
  }

  // Pixels are those of `state`.
  static State joined(std::string by, bool gaussian, std::optional<std::int64_t> width,
                      State state) {
    state.gaussian = gaussian;
    state.from = std::move(by);
    state.width = width;
    return state;
  }

  // How much each branch counts in the kernel is its part of the width.
  std::int64_t concatenated(const std::vector<State>& branches, const std::string& place) const {
    std::int64_t width = 0;
    for (std::size_t b = 0; b < branches.size(); ++b) {
      const std::string here = join_index(join_key(place, "branches"), b);
      if (!branches[b].width)
        source_.fail(here,
                     "FanInConcat needs the width of each branch, but this one has that of the "
                     "data, which the network does not say: a Dense must come before");
      if (*branches[b].width > kLargestWidth - width)
        source_.fail(here, "FanInConcat would make more than 2^53 units");
      width += *branches[b].width;
    }
    return width;
  }

  State after(const RepeatLayer& repeat, const std::string& place, const State& before) {
    const std::string inner = join_key(place, "layers");
    require_layers(repeat.layers, inner);
    if (repeat.times < 1)
      source_.fail(join_key(place, "times"),
                   "must be at least 1, is " + std::to_string(repeat.times));
    State state = run(repeat.layers, inner, before);
    // As in neural_tangents the body must take its own output, even if it stands once.
    ++rounds_;
    for (std::int64_t round = 2; round <= std::max<std::int64_t>(repeat.times, 2); ++round) {
      State in = state;
      // Of a round that is not there only the kinds of layers matter.
      if (round > repeat.times && in.extents)
        std::fill(in.extents->begin(), in.extents->end(), kUnknown);
      State next = run(repeat.layers, inner, std::move(in));
      // A round that changes nothing is like all that follow. FanInConcat may widen in each,
      // strides and padding may change images.
      const bool settled = next.gaussian == state.gaussian && next.width == state.width &&
                           next.image == state.image && next.extents == state.extents;
      if (round <= repeat.times) state = std::move(next);
      if (settled) break;
    }
    --rounds_;
    return state;
  }

  // --- order ---

  void require_layers(const Layers& layers, const std::string& place) const {
    if (layers.empty()) source_.fail(place, "must hold at least one layer");
  }

  void require_image(const std::string& op, const std::string& place, const State& before) const {
    if (!before.image)
      source_.fail(place, op + " needs images, but its input is vectors, made by " +
                              before.vectors_from + again());
  }

  void require_gaussian_input(const std::string& op, const std::string& place,
                              const State& before) const {
    if (!before.gaussian)
      source_.fail(place, op + " needs a Gaussian input, but it comes from " + before.from +
                              ", which is not Gaussian" + again() +
                              ": a weight layer such as Dense must come before it");
  }

  void require_gaussian(const State& state, const std::string& place, const std::string& sum,
                        const std::string& branch) const {
    if (!state.gaussian)
      source_.fail(place, sum + " adds Gaussian branches, but " + branch +
                              " carries what comes from " + state.from + ", which is not Gaussian" +
                              again() + ": a weight layer such as Dense must come in between");
  }

  std::string again() const { return rounds_ > 0 ? " (from the second round of Repeat on)" : ""; }

  static std::string words(const std::optional<std::int64_t>& width) {
    return width ? std::to_string(*width) : "that of the data";
  }

  Parameterization parameterization_;
  const Source& source_;
  std::vector<LayerState>* seen_;
  int rounds_ = 0;  // Repeats of which a round after the first is being checked
};

}  // namespace

InputShape input_of(const SampleLayout& sample) {
  return {sample.channels, sample.image ? std::optional(sample.extents) : std::nullopt};
}

OutputState check_layers(const Layers& layers, Parameterization parameterization,
                         const Source& source, const InputShape& input,
                         std::vector<LayerState>* seen) {
  if (layers.empty()) source.fail("layers", "a network must have at least one layer");
  require_not_too_many(layers, source);
  State state;
  state.width = input.width;
  state.image = takes_images(layers);
  state.extents = input.extents;
  const std::optional<std::size_t> axes = pixel_axes(layers);
  if (state.image && axes && !state.extents) state.extents = Shape(*axes, kUnknown);
  state = Checker(parameterization, source, seen).run(layers, "layers", std::move(state));
  return {state.image, state.width, state.extents};
}

}  // namespace ntk
