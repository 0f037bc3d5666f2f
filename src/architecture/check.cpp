#include "src/architecture/check.h"

#include <algorithm>
#include <cmath>

#include "src/architecture/activations.h"
#include "src/architecture/names.h"

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
};

class Checker {
 public:
  Checker(Parameterization parameterization, const Source& source)
      : parameterization_(parameterization), source_(source) {}

  State run(const Layers& layers, const std::string& place, State state) {
    for (std::size_t i = 0; i < layers.size(); ++i) {
      const std::string here = join_index(place, i);
      state =
          std::visit([&](const auto& layer) { return after(layer, here, state); }, layers[i].value);
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
    const Activation* row = find_activation(layer.name);
    if (!row) source_.fail(place, unusable_op(layer.name));
    if (layer.parameters.size() != row->parameters.size())
      source_.fail(place, layer.name + " has " + std::to_string(row->parameters.size()) +
                              " parameters, is given " + std::to_string(layer.parameters.size()));
    for (std::size_t i = 0; i < layer.parameters.size(); ++i)
      require_range(layer.parameters[i], row->parameters[i].lowest, row->parameters[i].highest,
                    join_key(place, row->parameters[i].name));
    if (!before.gaussian)
      source_.fail(place, layer.name + " needs a Gaussian input, but it comes from " + before.from +
                              ", which is not Gaussian" + again() +
                              ": a weight layer such as Dense must come before it");
    return {false, layer.name + " at " + place, before.width};
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
    if (states.size() == 1) return states.front();
    for (std::size_t b = 0; b < states.size(); ++b) {
      require_gaussian(states[b], join_index(inner, b), "FanInSum", "this branch");
      if (states[b].width != states[0].width)
        source_.fail(join_index(inner, b),
                     "FanInSum adds branches of equal shapes: this one has width " +
                         words(states[b].width) + ", the first one " + words(states[0].width));
    }
    return {true, "Parallel at " + place, states[0].width};
  }

  State after(const RepeatLayer& repeat, const std::string& place, const State& before) {
    const std::string inner = join_key(place, "layers");
    require_layers(repeat.layers, inner);
    if (repeat.times < 1)
      source_.fail(join_key(place, "times"),
                   "must be at least 1, is " + std::to_string(repeat.times));
    State state = run(repeat.layers, inner, before);
    // As in neural_tangents the body must take its own output, even if it stands once. From then on
    // every round sees what the second one sees.
    ++rounds_;
    state = run(repeat.layers, inner, state);
    --rounds_;
    return state;
  }

  // --- numbers ---

  void require_range(double value, double lowest, double highest, const std::string& place) const {
    if (!(value >= lowest && value <= highest))
      source_.fail(place, "must be a number from " + number_text(lowest) + " to " +
                              number_text(highest) + ", is " + number_text(value));
  }

  void require_deviation(double value, const std::string& place) const {
    if (value < 0)
      source_.fail(place,
                   "is a standard deviation and must not be negative, is " + number_text(value));
    require_range(value, 0, kLargestParameter, place);
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
    if (width != std::floor(width) || width < 1 || width > 0x1p53)
      source_.fail(join_key(place, "s"),
                   "out_dim s[1] must be a whole number of units, is " + number_text(width));
    return static_cast<std::int64_t>(width);
  }

  // --- order ---

  void require_layers(const Layers& layers, const std::string& place) const {
    if (layers.empty()) source_.fail(place, "must hold at least one layer");
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
  int rounds_ = 0;  // Repeats of which the second round is being checked
};

}  // namespace

std::optional<std::int64_t> check_layers(const Layers& layers, Parameterization parameterization,
                                         const Source& source,
                                         std::optional<std::int64_t> input_width) {
  if (layers.empty()) source.fail("layers", "a network must have at least one layer");
  const std::int64_t count = Counter(source).count(layers, "layers");
  if (count > kMostLayers)
    source.fail("layers", "the network has more than " + std::to_string(kMostLayers) +
                              " layers with every Repeat written out");
  State input;
  input.width = input_width;
  return Checker(parameterization, source).run(layers, "layers", std::move(input)).width;
}

}  // namespace ntk
