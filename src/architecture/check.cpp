#include "src/architecture/check.h"

#include <algorithm>

#include "src/architecture/activations.h"
#include "src/architecture/check_activation.h"
#include "src/architecture/check_weights.h"
#include "src/architecture/names.h"
#include "src/architecture/ranges.h"

namespace ntk {
namespace {

// The layers that stand in the network when each Repeat is written out, at most kMostLayers + 1.
class Counter {
 public:
  explicit Counter(const Source& source) : source_(source) {}

  std::int64_t count(const Layers& layers, const std::string& place, int depth = 0) const {
    if (depth > kDeepestLayers)
      source_.fail(place, "layers stand more than " + std::to_string(kDeepestLayers) + " deep");
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < layers.size(); ++i)
      sum = capped(sum + 1 + inside(layers[i], join_index(place, i), depth + 1));
    return sum;
  }

 private:
  std::int64_t inside(const Layer& layer, const std::string& place, int depth) const {
    if (const auto* residual = std::get_if<ResidualLayer>(&layer.value))
      return count(residual->layers, join_key(place, "layers"), depth);
    if (const auto* repeat = std::get_if<RepeatLayer>(&layer.value)) {
      const std::int64_t body = count(repeat->layers, join_key(place, "layers"), depth);
      // At least twice, which is how often the checker runs through it.
      return capped(body * std::clamp<std::int64_t>(repeat->times, 2, kMostLayers + 1));
    }
    std::int64_t sum = 0;
    if (const auto* parallel = std::get_if<ParallelLayer>(&layer.value))
      for (std::size_t b = 0; b < parallel->branches.size(); ++b)
        sum += count(parallel->branches[b], join_index(join_key(place, "branches"), b), depth);
    return capped(sum);
  }

  static std::int64_t capped(std::int64_t count) { return std::min(count, kMostLayers + 1); }

  const Source& source_;
};

// What arrives at a layer.
struct State {
  bool gaussian = false;
  std::string from = "the data";      // what made it as it is
  std::optional<std::int64_t> width;  // nullopt: that of the data, not known
  bool image = false;
  std::string vectors_from = "the data";  // what made vectors of images
};

class Checker {
 public:
  Checker(Parameterization parameterization, const Source& source, const InputShape& input,
          std::vector<LayerState>* seen)
      : parameterization_(parameterization), source_(source), input_(input), seen_(seen) {}

  State run(const Layers& layers, const std::string& place, State state) {
    for (std::size_t i = 0; i < layers.size(); ++i) {
      const std::string here = join_index(place, i);
      state =
          std::visit([&](const auto& layer) { return after(layer, here, state); }, layers[i].value);
      if (seen_ && rounds_ == 0) seen_->push_back({here, state.gaussian, state.image, state.width});
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

  State after(const ConvLayer& conv, const std::string& place, State state) {
    state.width = check_conv(conv, parameterization_, place, source_);
    require_image("Conv", place, state);
    state.gaussian = true;
    state.from = "Conv at " + place;
    return state;
  }

  State after(const ActivationLayer& layer, const std::string& place, State state) {
    check_activation(layer, place, source_);
    require_gaussian_input(layer.name, place, state);
    state.gaussian = false;
    state.from = layer.name + " at " + place;
    return state;
  }

  State after(const LayerNormLayer& layer, const std::string& place, State state) {
    require_channel_axis(layer, place, state);
    require_range(layer.eps, 0, kLargestParameter, join_key(place, "eps"), source_);
    require_gaussian_input("LayerNorm", place, state);
    state.from = "LayerNorm at " + place;
    return state;
  }

  void require_channel_axis(const LayerNormLayer& layer, const std::string& place,
                            const State& before) const {
    const std::string here = join_key(place, "axis");
    const std::int64_t last = before.image ? 3 : 1;
    const std::string expected = std::string("must be -1 (or ") + std::to_string(last) + "), ";
    const std::int64_t axis = layer.axis.size() == 1 ? layer.axis[0] : 0;
    if (axis == 0)
      source_.fail(here,
                   "axis 0 is the batch, and a kernel's entry knows its two samples only: "
                   "the axis " +
                       expected + (before.image ? "the channels" : "that of the features"));
    if (axis == -1 || axis == last) return;
    source_.fail(here, expected +
                           (before.image ? "the channels of images (means over pixels are "
                                           "not yet supported), is "
                                         : "the features of N x d data, is ") +
                           std::to_string(axis));
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
                   "are none here: a Conv must come before");
    if (state.image) {
      require_outermost("Flatten", place);
      state.width =
          state.width && input_.pixels ? std::optional(vector_width(state, place)) : std::nullopt;
    }
    return pooled("Flatten at " + place, std::move(state));
  }

  State after(const GlobalPoolLayer& layer, const std::string& place, State state) {
    require_image(op_name(layer), place, state);
    require_outermost(op_name(layer), place);
    return pooled(op_name(layer) + " at " + place, std::move(state));
  }

  template <class T>
  State after(const T&, const std::string& place, const State&) {
    source_.fail(place, "this layer is not yet supported");
  }

  static State pooled(std::string by, State state) {
    state.gaussian = false;
    state.image = false;
    state.vectors_from = by;
    state.from = std::move(by);
    return state;
  }

  std::int64_t vector_width(const State& state, const std::string& place) const {
    if (*state.width > kLargestWidth / std::max<std::int64_t>(*input_.pixels, 1))
      source_.fail(place, "Flatten would make more than 2^53 units");
    return *state.width * *input_.pixels;
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
    return joined("Residual at " + place, true, before.width, before);
  }

  State after(const ParallelLayer& parallel, const std::string& place, const State& before) {
    const std::string inner = join_key(place, "branches");
    if (parallel.branches.empty()) source_.fail(inner, "Parallel needs at least one branch");
    std::vector<State> states;
    for (std::size_t b = 0; b < parallel.branches.size(); ++b)
      states.push_back(run(parallel.branches[b], join_index(inner, b), before));
    if (parallel.join == Join::fan_in_concat)
      return joined("FanInConcat at " + place, false, concatenated(states, place), before);
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
    return joined((sum ? "Parallel at " : "FanInProd at ") + place, sum, states[0].width, before);
  }

  // Images stay images in every branch.
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
      State next = run(repeat.layers, inner, state);
      // A round that changes nothing is like all that follow. FanInConcat may widen in each.
      const bool settled = next.gaussian == state.gaussian && next.width == state.width;
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

  // What makes vectors of images stands in the network itself, not in a layer that holds layers.
  void require_outermost(const std::string& op, const std::string& place) const {
    if (place.find('.') != std::string::npos)
      source_.fail(place, op + " inside Residual, Parallel or Repeat is not yet supported: put it "
                               "after the layer that holds it");
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
  const InputShape& input_;
  std::vector<LayerState>* seen_;
  int rounds_ = 0;  // Repeats of which a round after the first is being checked
};

}  // namespace

bool takes_images(const Layers& layers) {
  return std::any_of(layers.begin(), layers.end(), [](const Layer& layer) {
    if (const auto* residual = std::get_if<ResidualLayer>(&layer.value))
      return takes_images(residual->layers);
    if (const auto* repeat = std::get_if<RepeatLayer>(&layer.value))
      return takes_images(repeat->layers);
    if (const auto* parallel = std::get_if<ParallelLayer>(&layer.value))
      return std::any_of(parallel->branches.begin(), parallel->branches.end(), takes_images);
    return std::holds_alternative<ConvLayer>(layer.value) ||
           std::holds_alternative<GlobalPoolLayer>(layer.value);
  });
}

OutputState check_layers(const Layers& layers, Parameterization parameterization,
                         const Source& source, const InputShape& input,
                         std::vector<LayerState>* seen) {
  if (layers.empty()) source.fail("layers", "a network must have at least one layer");
  const std::int64_t count = Counter(source).count(layers, "layers");
  if (count > kMostLayers)
    source.fail("layers", "the network has more than " + std::to_string(kMostLayers) +
                              " layers with every Repeat written out");
  State state;
  state.width = input.width;
  state.image = takes_images(layers);
  state = Checker(parameterization, source, input, seen).run(layers, "layers", std::move(state));
  return {state.image, state.width};
}

}  // namespace ntk
