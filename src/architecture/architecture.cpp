#include "ntk/architecture.h"

#include "src/architecture/check.h"
#include "src/architecture/writer.h"

namespace ntk {
namespace {

bool begins_with_flatten(const Layers& layers) {
  return std::holds_alternative<FlattenLayer>(layers.front().value);
}

// Of a sample's vector.
std::int64_t input_width(const Layers& layers, const Shape& sample) {
  if (element_count(sample) == 0)
    throw UsageError("architecture: samples of shape " + to_string(sample) + " have no features");
  if (begins_with_flatten(layers)) return element_count(sample);
  if (sample.size() != 1)
    throw UsageError("architecture: layers[0]: takes vectors, but a sample's shape is " +
                     to_string(sample) +
                     ": begin the network with Flatten, or reshape the data to N x d");
  return sample[0];
}

}  // namespace

Architecture::Architecture(Layers layers, Parameterization parameterization)
    : parameterization_(parameterization) {
  check_layers(layers, parameterization, Source());
  layers_ = std::make_shared<const Layers>(std::move(layers));
}

Shape Architecture::output_shape(const Shape& sample) const {
  const std::int64_t width = input_width(*layers_, sample);
  return {*check_layers(*layers_, parameterization_, Source(), width)};
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
