#include "src/architecture/check.h"

#include <algorithm>
#include <cmath>

#include "src/architecture/activations.h"
#include "src/architecture/check_activation.h"
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

constexpr std::int64_t kLargestWidth = std::int64_t{1} << 53;

// What arrives at a layer.
struct State {
  bool gaussian = false;
  std::string from = "the data";      // what made it as it is
  std::optional<std::int64_t> width;  // nullopt: that of the data, not known
};

class Checker {
 public:
  Checker(Parameterization parameterization, const Source& source, std::vector<LayerState>* seen)
      : parameterization_(parameterization), source_(source), seen_(seen) {}

  State run(const Layers& layers, const std::string& place, State state) {
    for (std::size_t i = 0; i < layers.size(); ++i) {
      const std::string here = join_index(place, i);
      state =
          std::visit([&](const auto& layer) { return after(layer, here, state); }, layers[i].value);
      if (seen_ && rounds_ == 0) seen_->push_back({here, state.gaussian, state.width});
    }
    return state;
  }

 private:
  State after(const DenseLayer& dense, const std::string& place, const State&) {
    const DenseOptions& options = dense.options;
    if (dense.out_dim < 1)
      source_.fail(join_key(place, "out_dim"),
                   "must be at least 1, is " + std::to_string(dense.out_dim));
    require_deviation(options.W_std, join_key(place, "W_std"));
    if (options.b_std) require_deviation(*options.b_std, join_key(place, "b_std"));
    require_scales(options, join_key(place, "s"));
    return {true, "Dense at " + place, width_of(dense, place)};
  }

  State after(const ActivationLayer& layer, const std::string& place, const State& before) {
    check_activation(layer, place, source_);
    require_gaussian_input(layer.name, place, before);
    return {false, layer.name + " at " + place, before.width};
  }

  State after(const LayerNormLayer& layer, const std::string& place, const State& before) {
    const std::string place_of_axis = join_key(place, "axis");
    if (layer.axis == 0)
      source_.fail(place_of_axis,
                   "axis 0 is the batch, and a kernel's entry knows its two samples only: the axis "
                   "must be -1 (or 1), that of the features");
    if (layer.axis != -1 && layer.axis != 1)
      source_.fail(place_of_axis, "must be -1 (or 1), the features of N x d data, is " +
                                      std::to_string(layer.axis));
    require_range(layer.eps, 0, kLargestParameter, join_key(place, "eps"), source_);
    require_gaussian_input("LayerNorm", place, before);
    return {true, "LayerNorm at " + place, before.width};
  }

  State after(const DropoutLayer& layer, const std::string& place, const State& before) {
    if (!(layer.rate > 0 && layer.rate <= 1))
      source_.fail(join_key(place, "rate"),
                   "is the probability that a unit is kept, more than 0 and at most 1, is " +
                       number_text(layer.rate));
    if (layer.mode == DropoutMode::test) return before;
    return {false, "Dropout at " + place, before.width};
  }

  State after(const IdentityLayer&, const std::string&, const State& before) { return before; }

  State after(const FlattenLayer&, const std::string& place, const State& before) {
    if (place != "layers[0]")
      source_.fail(place,
                   "Flatten is supported as the first layer only, where it makes vectors of images "
                   "(N x a x b data become N x ab)");
    return {false, "Flatten at " + place, before.width};
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
    return {true, "Residual at " + place, before.width};
  }

  State after(const ParallelLayer& parallel, const std::string& place, const State& before) {
    const std::string inner = join_key(place, "branches");
    if (parallel.branches.empty()) source_.fail(inner, "Parallel needs at least one branch");
    std::vector<State> states;
    for (std::size_t b = 0; b < parallel.branches.size(); ++b)
      states.push_back(run(parallel.branches[b], join_index(inner, b), before));
    if (parallel.join == Join::fan_in_concat) return concatenated(states, place);
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
    return {sum, (sum ? "Parallel at " : "FanInProd at ") + place, states[0].width};
  }

  // How much each branch counts in the kernel is its part of the width.
  State concatenated(const std::vector<State>& branches, const std::string& place) const {
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
    return {false, "FanInConcat at " + place, width};
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

  // --- numbers ---

  void require_deviation(double value, const std::string& place) const {
    if (value < 0)
      source_.fail(place,
                   "is a standard deviation and must not be negative, is " + number_text(value));
    require_range(value, 0, kLargestParameter, place, source_);
  }

  void require_scales(const DenseOptions& options, const std::string& place) const {
    for (std::size_t i = 0; i < 2; ++i)
      if (!(options.s[i] > 0 && options.s[i] <= kLargestParameter))
        source_.fail(place, "must be positive numbers, is (" + number_text(options.s[0]) + ", " +
                                number_text(options.s[1]) + ")");
    if (parameterization_ == Parameterization::ntk && (options.s[0] != 1 || options.s[1] != 1))
      source_.fail(place,
                   "width scales belong to the standard parameterization; with ntk they must "
                   "stay (1, 1)");
  }

  // The standard parameterization scales a layer's width by s[1].
  std::int64_t width_of(const DenseLayer& dense, const std::string& place) const {
    if (dense.options.s[1] == 1) return dense.out_dim;
    const double width = static_cast<double>(dense.out_dim) * dense.options.s[1];
    if (width != std::floor(width) || width < 1 || width > static_cast<double>(kLargestWidth))
      source_.fail(join_key(place, "s"),
                   "out_dim s[1] must be a whole number of units, is " + number_text(width));
    return static_cast<std::int64_t>(width);
  }

  // --- order ---

  void require_layers(const Layers& layers, const std::string& place) const {
    if (layers.empty()) source_.fail(place, "must hold at least one layer");
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

std::optional<std::int64_t> check_layers(const Layers& layers, Parameterization parameterization,
                                         const Source& source,
                                         std::optional<std::int64_t> input_width,
                                         std::vector<LayerState>* seen) {
  if (layers.empty()) source.fail("layers", "a network must have at least one layer");
  const std::int64_t count = Counter(source).count(layers, "layers");
  if (count > kMostLayers)
    source.fail("layers", "the network has more than " + std::to_string(kMostLayers) +
                              " layers with every Repeat written out");
  State input;
  input.width = input_width;
  return Checker(parameterization, source, seen).run(layers, "layers", std::move(input)).width;
}

}  // namespace ntk
