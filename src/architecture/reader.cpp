#include "src/architecture/reader.h"

#include "src/architecture/activations.h"
#include "src/architecture/function_table.h"
#include "src/architecture/names.h"
#include "src/architecture/read_pixel_layer.h"
#include "src/architecture/value_reader.h"

namespace ntk {
namespace {

constexpr std::int64_t kVersion = 1;

class Reader : ValueReader {
 public:
  using ValueReader::ValueReader;

  Document document(const Value& root) const {
    const Object& object = as_object(root, "", "an object with ntk_architecture and layers");
    require_version(object);
    require_keys(object, "", {"ntk_architecture", "parameterization", "layers"});
    Document result;
    if (const Value* value = find_member(object, "parameterization"))
      result.parameterization = parameterization(*value, "parameterization");
    result.layers = layers(required(object, "", "layers"), "layers");
    return result;
  }

 private:
  // --- layers ---

  Layers layers(const Value& value, const std::string& place) const {
    Layers result;
    const List& list = as_list(value, place, "a list of layers");
    for (std::size_t i = 0; i < list.size(); ++i)
      result.push_back(layer(list[i], join_index(place, i)));
    return result;
  }

  Layer layer(const Value& value, const std::string& place) const {
    const Object& object = as_object(value, place, "an object with the key op");
    const std::string place_of_op = join_key(place, "op");
    const std::string& op = as_text(guiding(object, place, "op"), place_of_op);
    if (op == "Dense") return {dense(object, place)};
    if (op == "Identity") return require_keys(object, place, {"op"}), Layer{IdentityLayer{}};
    if (op == "Flatten") return require_keys(object, place, {"op"}), Layer{FlattenLayer{}};
    if (op == "Residual") return {residual(object, place)};
    if (op == "Parallel") return {parallel(object, place)};
    if (op == "Repeat") return {repeat(object, place)};
    if (op == "LayerNorm") return {layer_norm(object, place)};
    if (op == "Dropout") return {dropout(object, place)};
    if (auto layer = read_pixel_layer(op, object, place, *this)) return std::move(*layer);
    if (const Activation* row = find_activation(op)) return {activation(*row, object, place)};
    source().fail(place_of_op, unusable_op(op));
  }

  DenseLayer dense(const Object& object, const std::string& place) const {
    require_no_parameterization(object, place);
    require_keys(object, place, {"op", "out_dim", "W_std", "b_std", "s", "trainable"});
    DenseLayer dense{whole(required(object, place, "out_dim"), join_key(place, "out_dim")), {}};
    read_weights(object, place, dense.options);
    return dense;
  }

  ActivationLayer activation(const Activation& row, const Object& object,
                             const std::string& place) const {
    std::vector<std::string> keys = {"op"};
    for (const Parameter& parameter : row.parameters) keys.emplace_back(parameter.name);
    require_keys(object, place, keys);

    ActivationLayer layer{row.name};
    std::vector<std::vector<double>> columns;
    for (const Parameter& parameter : row.parameters) {
      const std::string here = join_key(place, parameter.name);
      const Value* value = parameter.default_value ? find_member(object, parameter.name)
                                                   : &required(object, place, parameter.name);
      if (is_scalar(parameter))
        layer.parameters.push_back(value ? scalar(*value, parameter.kind, here)
                                         : *parameter.default_value);
      else if (parameter.kind == ParameterKind::list)
        layer.coefficients = numbers(*value, here);
      else
        columns.push_back(numbers(*value, here));
    }
    if (!columns.empty()) layer.function = table(std::move(columns), place);
    return layer;
  }

  double scalar(const Value& value, ParameterKind kind, const std::string& place) const {
    if (kind == ParameterKind::flag) return flag(value, place) ? 1 : 0;
    if (kind == ParameterKind::whole) return static_cast<double>(whole(value, place));
    return number(value, place);
  }

  std::shared_ptr<const ScalarFunction> table(std::vector<std::vector<double>> columns,
                                              const std::string& place) const {
    auto function =
        interpolate(std::move(columns[0]), std::move(columns[1]), std::move(columns[2]));
    check_table(*function, place, source());
    return function;
  }

  LayerNormLayer layer_norm(const Object& object, const std::string& place) const {
    require_keys(object, place, {"op", "axis", "eps"});
    LayerNormLayer result;
    if (const Value* value = find_member(object, "axis"))
      result.axis = axes(*value, join_key(place, "axis"));
    read(object, place, "eps", result.eps);
    return result;
  }

  DropoutLayer dropout(const Object& object, const std::string& place) const {
    require_keys(object, place, {"op", "rate", "mode"});
    DropoutLayer result{number(required(object, place, "rate"), join_key(place, "rate"))};
    const Value* value = find_member(object, "mode");
    if (!value) return result;
    const std::string place_of_mode = join_key(place, "mode");
    const std::string& mode = as_text(*value, place_of_mode);
    if (mode != "train" && mode != "test")
      source().fail(place_of_mode, unknown_name("mode", mode, {"train", "test"}));
    result.mode = mode == "test" ? DropoutMode::test : DropoutMode::train;
    return result;
  }

  ResidualLayer residual(const Object& object, const std::string& place) const {
    require_keys(object, place, {"op", "layers"});
    return {layers(required(object, place, "layers"), join_key(place, "layers"))};
  }

  ParallelLayer parallel(const Object& object, const std::string& place) const {
    require_keys(object, place, {"op", "branches", "join"});
    ParallelLayer result;
    if (const Value* value = find_member(object, "join"))
      result.join = join(*value, join_key(place, "join"));
    const std::string place_of_branches = join_key(place, "branches");
    const List& branches =
        as_list(required(object, place, "branches"), place_of_branches, "a list of branches");
    for (std::size_t i = 0; i < branches.size(); ++i)
      result.branches.push_back(layers(branches[i], join_index(place_of_branches, i)));
    return result;
  }

  RepeatLayer repeat(const Object& object, const std::string& place) const {
    require_keys(object, place, {"op", "times", "layers"});
    return {whole(required(object, place, "times"), join_key(place, "times")),
            layers(required(object, place, "layers"), join_key(place, "layers"))};
  }

  // --- names ---

  void require_version(const Object& object) const {
    const Value& version = guiding(object, "", "ntk_architecture");
    const auto* number = std::get_if<std::int64_t>(&version.data);
    if (!number || *number != kVersion)
      source().fail("ntk_architecture", "unknown version of the format: must be " +
                                            std::to_string(kVersion) + ", is " + describe(version));
  }

  Parameterization parameterization(const Value& value, const std::string& place) const {
    const std::string& name = as_text(value, place);
    if (name == "ntk") return Parameterization::ntk;
    if (name == "standard") return Parameterization::standard;
    source().fail(place, unknown_name("parameterization", name, {"ntk", "standard"}));
  }

  Join join(const Value& value, const std::string& place) const {
    const std::string& name = as_text(value, place);
    if (const auto known = find_join(name)) return *known;
    source().fail(place, unknown_name("join", name, join_names()));
  }
};

}  // namespace

Document read_document(const Value& root, const Source& source) {
  return Reader(source).document(root);
}

}  // namespace ntk
