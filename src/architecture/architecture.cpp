#include "ntk/architecture.h"

#include <algorithm>

#include "src/architecture/check.h"
#include "src/architecture/sample_shape.h"
#include "src/architecture/writer.h"

namespace ntk {
namespace {

// Whether a layer of this kind stands anywhere in these.
template <class Kind>
bool holds(const Layers& layers) {
  return std::any_of(layers.begin(), layers.end(), [](const Layer& layer) {
    if (const auto* residual = std::get_if<ResidualLayer>(&layer.value))
      return holds<Kind>(residual->layers);
    if (const auto* repeat = std::get_if<RepeatLayer>(&layer.value))
      return holds<Kind>(repeat->layers);
    if (const auto* parallel = std::get_if<ParallelLayer>(&layer.value))
      return std::any_of(parallel->branches.begin(), parallel->branches.end(), holds<Kind>);
    return std::holds_alternative<Kind>(layer.value);
  });
}

}  // namespace

Architecture::Architecture(Layers layers, Parameterization parameterization)
    : parameterization_(parameterization) {
  check_layers(layers, parameterization, Source());
  layers_ = std::make_shared<const Layers>(std::move(layers));
}

Shape Architecture::output_shape(const Shape& sample) const {
  const SampleLayout in = layout_of(*layers_, sample);
  const OutputState out = check_layers(*layers_, parameterization_, Source(), input_of(in));
  Shape shape = out.image ? *out.extents : Shape();
  shape.push_back(*out.width);
  return shape;
}

bool Architecture::needs_patterns() const { return holds<AggregateLayer>(*layers_); }

std::string Architecture::to_json(bool pretty) const {
  return write_json(*layers_, parameterization_, pretty);
}

std::string Architecture::to_expression() const {
  return write_expression(*layers_, parameterization_);
}

std::string Architecture::describe() const {
  return write_expression(*layers_, parameterization_, Functions::by_name);
}

}  // namespace ntk
