#include "src/cli/layer_table.h"

#include <algorithm>
#include <unordered_map>

#include "src/architecture/check.h"
#include "src/architecture/names.h"
#include "src/architecture/sample_shape.h"
#include "src/architecture/value.h"
#include "src/architecture/windows.h"
#include "src/architecture/writer.h"
#include "src/cli/layer_cost.h"

namespace ntk::cli {
namespace {

constexpr std::size_t kWidestParameters = 44;

// "512, W_std=1.5" of Dense(512, W_std=1.5), as an expression has it.
std::string arguments_of(const Layer& layer) {
  const std::string text = write_expression({layer}, Parameterization::ntk);
  const std::size_t begin = text.find('(', text.find('(') + 1) + 1;
  const std::string arguments = text.substr(begin, text.size() - begin - 2);
  return arguments.size() <= kWidestParameters ? arguments
                                               : arguments.substr(0, kWidestParameters - 3) + "...";
}

struct Words {
  std::string op, parameters;
};

Words words_of(const ResidualLayer&) { return {"Residual", "added to its input"}; }
Words words_of(const RepeatLayer& repeat) {
  return {"Repeat", std::to_string(repeat.times) + (repeat.times == 1 ? " time" : " times")};
}
Words words_of(const ParallelLayer& parallel) {
  const std::size_t branches = parallel.branches.size();
  return {"Parallel", std::to_string(branches) + (branches == 1 ? " branch, " : " branches, ") +
                          name_of(parallel.join)};
}
Words words_of(const ActivationLayer& layer) {
  if (!layer.function) return {layer.name, arguments_of({layer})};
  const std::vector<double>& x = layer.function->x;  // a network from a text has no other function
  return {layer.name, std::to_string(x.size()) + " points, " + number_text(x.front()) + " to " +
                          number_text(x.back())};
}
Words words_of(const DenseLayer& layer) { return {"Dense", arguments_of({layer})}; }
Words words_of(const LayerNormLayer& layer) { return {"LayerNorm", arguments_of({layer})}; }
Words words_of(const DropoutLayer& layer) { return {"Dropout", arguments_of({layer})}; }
Words words_of(const IdentityLayer&) { return {"Identity", ""}; }
Words words_of(const ConvLayer& layer) { return {"Conv", arguments_of({layer})}; }
Words words_of(const ConvTransposeLayer& layer) { return {"ConvTranspose", arguments_of({layer})}; }
Words words_of(const ConvLocalLayer& layer) { return {"ConvLocal", arguments_of({layer})}; }
Words words_of(const PoolLayer& layer) { return {op_name(layer), arguments_of({layer})}; }
Words words_of(const GlobalPoolLayer& layer) { return {op_name(layer), ""}; }
Words words_of(const GlobalSelfAttentionLayer& layer) {
  return {"GlobalSelfAttention", arguments_of({layer})};
}
Words words_of(const AggregateLayer& layer) { return {"Aggregate", arguments_of({layer})}; }
Words words_of(const ImageResizeLayer& layer) { return {"ImageResize", arguments_of({layer})}; }
Words words_of(const SliceLayer& layer) { return {"Slice", arguments_of({layer})}; }
Words words_of(const FlattenLayer&) { return {"Flatten", ""}; }

// Whether what comes out of the layer for one pair of pixels depends on others than these and those
// that a filter moves both to.
bool looks_at_pairs(const Layer& layer) {
  return any_layer({layer}, [](const Layer& one) {
    return std::holds_alternative<PoolLayer>(one.value) ||
           std::holds_alternative<GlobalPoolLayer>(one.value) ||
           std::holds_alternative<GlobalSelfAttentionLayer>(one.value) ||
           std::holds_alternative<AggregateLayer>(one.value) ||
           std::holds_alternative<ImageResizeLayer>(one.value);
  });
}

// Sign, and functions that are constant: nothing before them is trained.
bool has_no_slope(const ActivationLayer& layer) {
  const bool by_degree =
      layer.name == "Monomial" || layer.name == "Hermite" || layer.name == "RectifiedMonomial";
  return layer.name == "Sign" || (by_degree && layer.parameters[0] == 0) ||
         layer.coefficients.size() == 1;
}

// Exact as far as it is exact in a double, which is as far as anybody counts.
std::int64_t whole(double operations) {
  return static_cast<std::int64_t>(std::min(operations, 0x1p61));
}

class Lister {
 public:
  Lister(const Architecture& architecture, const std::optional<Shape>& sample)
      : parameterization_(architecture.parameterization()), has_shapes_(sample.has_value()) {
    InputShape input;
    if (sample) {
      input_ = layout_of(architecture.layers(), *sample);
      input = input_of(input_);
      list_.input = input_.extents;
      list_.input.push_back(input_.channels);
      list_.images = plan_images(architecture, *sample);
    }
    std::vector<LayerState> states;
    check_layers(architecture.layers(), parameterization_, Source(), input, &states);
    for (LayerState& state : states) states_.emplace(state.place, std::move(state));
    const Layers& layers = architecture.layers();
    last_of_pairs_ = last_of_pairs(layers);
    if (sample)
      list_.input_operations =
          whole(2 * static_cast<double>(input_.channels) * pairs_of(input_.pixels()));
    double operations = 0;
    for (; layer_ < layers.size(); ++layer_)
      operations += list(layers[layer_], join_index("layers", layer_));
    list_.operations = whole(operations);
  }

  LayerList take() { return std::move(list_); }

 private:
  // --- pairs of pixels ---

  // Up to the last layer that looks at all pairs of pixels all are needed, and behind it those of
  // pixels with their like.
  std::size_t last_of_pairs(const Layers& layers) const {
    if (states_.at(join_index("layers", layers.size() - 1)).image) return layers.size();
    std::size_t count = layers.size();
    while (count > 0 && !looks_at_pairs(layers[count - 1])) --count;
    return count;
  }

  double pairs_of(std::int64_t pixels) const {
    const auto count = static_cast<double>(pixels);
    return layer_ < last_of_pairs_ ? count * count : count;
  }

  static std::int64_t pixels_of(const LayerState& state) {
    std::int64_t pixels = 1;
    for (const std::int64_t extent : state.extents.value_or(Shape()))
      if (extent != kUnknown) pixels *= extent;
    return pixels;
  }

  // --- layers ---

  // All functions below give operations, and keep in ntk_ whether Theta may differ from 0.

  double list(const Layers& layers, const std::string& place) {
    double sum = 0;
    for (std::size_t i = 0; i < layers.size(); ++i) sum += list(layers[i], join_index(place, i));
    return sum;
  }

  double list(const Layer& layer, const std::string& place) {
    const std::size_t line = list_.lines.size();
    Words words = std::visit([](const auto& value) { return words_of(value); }, layer.value);
    list_.lines.push_back({place, depth_, std::move(words.op), std::move(words.parameters), {}, 0});
    ++depth_;
    const std::int64_t pixels = pixels_of(states_.at(place));
    const double operations =
        static_cast<double>(own_operations(layer, parameterization_, pixels)) * pairs_of(pixels) +
        std::visit([&](const auto& value) { return inside(value, place); }, layer.value);
    --depth_;
    list_.lines[line].operations = whole(operations);
    list_.lines[line].output = output_of(states_.at(place));
    return operations;
  }

  LayerOutput output_of(const LayerState& state) const {
    LayerOutput output{{}, state.gaussian, state.image, ntk_, saved_};
    if (!has_shapes_) return output;
    output.shape = state.image ? *state.extents : Shape();
    output.shape->push_back(*state.width);
    return output;
  }

  template <class T>
  double inside(const T&, const std::string&) {
    return 0;
  }

  double inside(const DenseLayer& dense, const std::string&) {
    ntk_ = ntk_ || dense.options.trainable;
    return 0;
  }

  double inside(const ConvLayer& conv, const std::string&) { return trained(conv); }
  double inside(const ConvTransposeLayer& conv, const std::string&) { return trained(conv); }
  double inside(const ConvLocalLayer& conv, const std::string&) { return trained(conv); }

  template <class Convolution>
  double trained(const Convolution& conv) {
    ntk_ = ntk_ || conv.options.trainable;
    return 0;
  }

  double inside(const GlobalSelfAttentionLayer&, const std::string&) {
    ntk_ = true;
    return 0;
  }

  double inside(const ActivationLayer& layer, const std::string&) {
    if (has_no_slope(layer)) ntk_ = false;
    return 0;
  }

  double inside(const ResidualLayer& residual, const std::string& place) {
    const bool before = ntk_;
    ++saved_;
    const double operations = list(residual.layers, join_key(place, "layers"));
    --saved_;
    ntk_ = ntk_ || before;
    return operations;
  }

  double inside(const RepeatLayer& repeat, const std::string& place) {
    return static_cast<double>(repeat.times) * list(repeat.layers, join_key(place, "layers"));
  }

  // While one branch is at work the input waits, and from the second on what is joined already.
  double inside(const ParallelLayer& parallel, const std::string& place) {
    const bool before = ntk_;
    const int saved = saved_;
    bool any = false;
    double operations = 0;
    for (std::size_t b = 0; b < parallel.branches.size(); ++b) {
      ntk_ = before;
      saved_ = saved + (b == 0 ? 1 : 2);
      operations += list(parallel.branches[b], join_index(join_key(place, "branches"), b));
      any = any || ntk_;
    }
    saved_ = saved;
    ntk_ = any;
    return operations;
  }

  Parameterization parameterization_;
  bool has_shapes_;
  SampleLayout input_;
  std::size_t last_of_pairs_ = 0;  // before it layers of the network count all pairs of pixels
  std::size_t layer_ = 0;          // of the network, the one that is listed
  std::unordered_map<std::string, LayerState> states_;
  LayerList list_;
  int depth_ = 0, saved_ = 0;
  bool ntk_ = false;
};

std::string entry_of(const LayerOutput& output) {
  return std::string(output.ntk ? "K, Θ" : "K") +
         (output.saved > 0 ? " + " + std::to_string(output.saved) + " saved" : "");
}

}  // namespace

LayerList list_layers(const Architecture& architecture, const std::optional<Shape>& sample) {
  return Lister(architecture, sample).take();
}

report::Table layer_table(const LayerList& list) {
  const bool shapes = !list.lines.empty() && list.lines.front().output.shape.has_value();
  using report::Align;
  std::vector<report::Column> columns = {{"place"}, {"layer"}, {"parameters"},
                                         {"state"}, {"entry"}, {"operations", Align::right}};
  if (shapes) columns.insert(columns.begin() + 3, {"output", Align::right});
  report::Table table(std::move(columns));
  const auto add_row = [&](std::vector<std::string> cells, const std::string& shape) {
    if (shapes) cells.insert(cells.begin() + 3, shape);
    table.add_row(std::move(cells));
  };
  if (shapes)
    add_row({"inputs", "", "", "not Gaussian", "K", std::to_string(list.input_operations)},
            to_string(list.input));
  for (const LayerLine& line : list.lines)
    add_row({line.place, std::string(2 * static_cast<std::size_t>(line.depth), ' ') + line.op,
             line.parameters, line.output.gaussian ? "Gaussian" : "not Gaussian",
             entry_of(line.output), std::to_string(line.operations)},
            shapes ? to_string(*line.output.shape) : "");
  const std::int64_t total = list.operations + list.input_operations;
  add_row({"total", "", "", "", "", std::to_string(total)}, "");
  return table;
}

}  // namespace ntk::cli
