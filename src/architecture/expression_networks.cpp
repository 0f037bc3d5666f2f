#include "src/architecture/expression_networks.h"

#include <algorithm>

#include "src/architecture/activations.h"
#include "src/architecture/check_weights.h"
#include "src/architecture/json_text.h"
#include "src/architecture/names.h"
#include "src/architecture/writer.h"

namespace ntk {
namespace {

std::int64_t whole(const Value& value, const std::string& key, std::int64_t most,
                   const ArgumentBinder& binder) {
  const auto* number = std::get_if<std::int64_t>(&value.data);
  if (!number || *number < 1 || *number > most)
    binder.fail(value, key + " must be a whole number from 1 to " + std::to_string(most) + ", is " +
                           describe(value));
  return *number;
}

double deviation(const Value& value, const std::string& key, const ArgumentBinder& binder) {
  const auto* whole = std::get_if<std::int64_t>(&value.data);
  const auto* number = std::get_if<double>(&value.data);
  const double result = whole ? static_cast<double>(*whole) : number ? *number : -1;
  if (!(result >= 0 && result <= kLargestParameter))
    binder.fail(value, key + " is a standard deviation, 0 to 1e100, is " + describe(value));
  return result;
}

const std::string& one_of(const Value& value, const std::string& key,
                          const std::vector<std::string>& names, const ArgumentBinder& binder) {
  const auto* name = std::get_if<std::string>(&value.data);
  if (!name) binder.fail(value, key + " must be a name in quotes, is " + describe(value));
  if (std::find(names.begin(), names.end(), *name) == names.end())
    binder.fail(value, unknown_name(key, *name, names));
  return *name;
}

// Those that may stand without a parameter.
std::vector<std::string> plain_activations() {
  std::vector<std::string> names;
  for (const Activation& row : activations())
    if (std::all_of(row.parameters.begin(), row.parameters.end(),
                    [](const Parameter& parameter) { return parameter.default_value.has_value(); }))
      names.emplace_back(row.name);
  return names;
}

void set(NetworkArguments& arguments, const std::string& key, const Value& value,
         const ArgumentBinder& binder) {
  if (key == "depth") arguments.depth = whole(value, key, kLargestDepth, binder);
  if (key == "k") arguments.k = whole(value, key, kLargestFactor, binder);
  if (key == "width") arguments.width = whole(value, key, kLargestWidth, binder);
  if (key == "out_dim") arguments.out_dim = whole(value, key, kLargestWidth, binder);
  if (key == "pooling")
    arguments.pooling = one_of(value, key, {"GlobalAvgPool", "Flatten"}, binder);
  if (key == "activation") arguments.activation = one_of(value, key, plain_activations(), binder);
  if (key == "W_std") arguments.W_std = deviation(value, key, binder);
  if (key == "b_std" && !std::holds_alternative<std::nullptr_t>(value.data))
    arguments.b_std = deviation(value, key, binder);
}

void require_depth(const NamedNetwork& network, std::int64_t depth, const Value& value,
                   const ArgumentBinder& binder) {
  const std::int64_t first = network.first_depth, step = network.depth_step;
  if (depth >= first && (depth - first) % step == 0) return;
  binder.fail(value, std::string("the depth of ") + network.name + " must be " +
                         std::to_string(first) + ", " + std::to_string(first + step) + ", " +
                         std::to_string(first + 2 * step) + ", ..., is " + std::to_string(depth));
}

}  // namespace

Signature signature_of(const NamedNetwork& network) {
  return {network.parameters, {"parameterization"}};
}

List layers_of(const NamedNetwork& network, const Value& call, const Bound& bound,
               const ArgumentBinder& binder) {
  NetworkArguments arguments;
  for (const auto& [key, value] : bound) set(arguments, key, *value, binder);
  for (std::size_t i = 0; i < network.required; ++i)
    if (!ArgumentBinder::argument(bound, network.parameters[i]))
      binder.fail(call, std::string(network.name) + " needs its argument " + network.parameters[i] +
                            ": " + network.example);
  if (const Value* depth = ArgumentBinder::argument(bound, "depth"))
    require_depth(network, arguments.depth, *depth, binder);
  // In the words of JSON.
  const Value document =
      parse_json(write_json(network.layers(arguments), Parameterization::ntk, false));
  List layers = std::get<List>(find_member(std::get<Object>(document.data), "layers")->data);
  for (Value& layer : layers) layer.offset = call.offset;
  return layers;
}

}  // namespace ntk
