#include "ntk/architecture.h"

#include "src/architecture/check.h"
#include "src/architecture/sample_shape.h"
#include "src/architecture/writer.h"

namespace ntk {
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

bool Architecture::needs_patterns() const {
  return any_layer(*layers_, [](const Layer& layer) {
    return std::holds_alternative<AggregateLayer>(layer.value);
  });
}

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
