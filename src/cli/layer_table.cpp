#include "src/cli/layer_table.h"

#include "src/architecture/writer.h"

namespace ntk::cli {
namespace {

// "Dense(512, W_std=1.5)" of a layer, as an expression has it.
std::string call_of(const Layer& layer) {
  const std::string text = write_expression({layer}, Parameterization::ntk);
  const std::size_t begin = text.find('(') + 1;
  return text.substr(begin, text.rfind(')') - begin);
}

class Lister {
 public:
  Lister(const Architecture& architecture, const std::optional<Shape>& sample)
      : parameterization_(architecture.parameterization()), sample_(sample) {
    list(architecture.layers(), "layers", 0);
  }

  std::vector<LayerLine> take() { return std::move(lines_); }

 private:
  // `before_` holds what the input goes through on its way to the layer at hand.
  void list(const Layers& layers, const std::string& place, int depth) {
    const std::size_t outside = before_.size();
    for (std::size_t i = 0; i < layers.size(); ++i) {
      const std::string here = place + '[' + std::to_string(i) + ']';
      const std::size_t line = lines_.size();
      lines_.push_back(line_of(layers[i], here, depth));
      std::visit([&](const auto& layer) { list_inside(layer, here, depth + 1); }, layers[i].value);
      before_.push_back(layers[i]);
      if (sample_)
        lines_[line].output = Architecture(before_, parameterization_).output_shape(*sample_);
    }
    before_.erase(before_.begin() + static_cast<std::ptrdiff_t>(outside), before_.end());
  }

  template <class T>
  void list_inside(const T&, const std::string&, int) {}

  void list_inside(const ResidualLayer& layer, const std::string& place, int depth) {
    list(layer.layers, place + ".layers", depth);
  }

  void list_inside(const RepeatLayer& layer, const std::string& place, int depth) {
    list(layer.layers, place + ".layers", depth);
  }

  void list_inside(const ParallelLayer& layer, const std::string& place, int depth) {
    for (std::size_t b = 0; b < layer.branches.size(); ++b)
      list(layer.branches[b], place + ".branches[" + std::to_string(b) + ']', depth);
  }

  static LayerLine line_of(const Layer& layer, const std::string& place, int depth) {
    const std::string call = call_of(layer);
    const std::size_t parenthesis = call.find('(');
    LayerLine line{place, depth, call.substr(0, parenthesis), {}, {}};
    if (const auto* repeat = std::get_if<RepeatLayer>(&layer.value))
      line.parameters = std::to_string(repeat->times) + " times";
    else if (const auto* parallel = std::get_if<ParallelLayer>(&layer.value))
      line.parameters = std::to_string(parallel->branches.size()) + " branches, FanInSum";
    else if (std::holds_alternative<ResidualLayer>(layer.value))
      line.parameters = "added to its input";
    else
      line.parameters = call.substr(parenthesis + 1, call.size() - parenthesis - 2);
    return line;
  }

  Parameterization parameterization_;
  std::optional<Shape> sample_;
  Layers before_;
  std::vector<LayerLine> lines_;
};

}  // namespace

std::vector<LayerLine> layer_lines(const Architecture& architecture,
                                   const std::optional<Shape>& sample) {
  return Lister(architecture, sample).take();
}

report::Table layer_table(const std::vector<LayerLine>& lines) {
  const bool shapes = !lines.empty() && lines.front().output.has_value();
  std::vector<report::Column> columns = {{"place"}, {"layer"}, {"parameters"}};
  if (shapes) columns.push_back({"output", report::Align::right});
  report::Table table(columns);
  for (const LayerLine& line : lines) {
    std::vector<std::string> cells = {
        line.place, std::string(2 * static_cast<std::size_t>(line.depth), ' ') + line.op,
        line.parameters};
    if (shapes) cells.push_back(to_string(*line.output));
    table.add_row(cells);
  }
  return table;
}

}  // namespace ntk::cli
