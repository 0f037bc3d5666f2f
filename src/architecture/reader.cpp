#include "src/architecture/reader.h"

#include <algorithm>

#include "src/architecture/activations.h"
#include "src/architecture/function_table.h"
#include "src/architecture/names.h"

namespace ntk {
namespace {

constexpr std::int64_t kVersion = 1;

class Reader {
 public:
  explicit Reader(const Source& source) : source_(source) {}

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
    if (op == "Conv") return {conv(object, place)};
    if (op == "GlobalAvgPool")
      return require_keys(object, place, {"op"}), Layer{GlobalPoolLayer{Pool::average}};
    if (op == "Identity") return require_keys(object, place, {"op"}), Layer{IdentityLayer{}};
    if (op == "Flatten") return require_keys(object, place, {"op"}), Layer{FlattenLayer{}};
    if (op == "Residual") return {residual(object, place)};
    if (op == "Parallel") return {parallel(object, place)};
    if (op == "Repeat") return {repeat(object, place)};
    if (op == "LayerNorm") return {layer_norm(object, place)};
    if (op == "Dropout") return {dropout(object, place)};
    if (const Activation* row = find_activation(op)) return {activation(*row, object, place)};
    source_.fail(place_of_op, unusable_op(op));
  }

  DenseLayer dense(const Object& object, const std::string& place) const {
    require_no_parameterization(object, place);
    require_keys(object, place, {"op", "out_dim", "W_std", "b_std", "s", "trainable"});
    DenseLayer dense{whole(required(object, place, "out_dim"), join_key(place, "out_dim")), {}};
    read_weights(object, place, dense.options);
    return dense;
  }

  ConvLayer conv(const Object& object, const std::string& place) const {
    require_no_parameterization(object, place);
    require_keys(object, place,
                 {"op", "out_chan", "filter_shape", "strides", "padding", "W_std", "b_std", "s",
                  "trainable"});
    const std::string place_of_filter = join_key(place, "filter_shape");
    ConvLayer conv{whole(required(object, place, "out_chan"), join_key(place, "out_chan")),
                   wholes(required(object, place, "filter_shape"), place_of_filter),
                   {}};
    const Value* strides = find_member(object, "strides");
    if (strides && !std::holds_alternative<std::nullptr_t>(strides->data))
      conv.options.strides = wholes(*strides, join_key(place, "strides"));
    if (const Value* value = find_member(object, "padding"))
      conv.options.padding = padding(*value, join_key(place, "padding"));
    read_weights(object, place, conv.options);
    return conv;
  }

  // What Dense and Conv have in common.
  template <class Options>
  void read_weights(const Object& object, const std::string& place, Options& options) const {
    if (const Value* value = find_member(object, "W_std"))
      options.W_std = number(*value, join_key(place, "W_std"));
    const Value* b_std = find_member(object, "b_std");
    if (b_std && !std::holds_alternative<std::nullptr_t>(b_std->data))
      options.b_std = number(*b_std, join_key(place, "b_std"));
    if (const Value* value = find_member(object, "s"))
      options.s = pair(*value, join_key(place, "s"));
    if (const Value* value = find_member(object, "trainable"))
      options.trainable = flag(*value, join_key(place, "trainable"));
  }

  void require_no_parameterization(const Object& object, const std::string& place) const {
    if (find_member(object, "parameterization"))
      source_.fail(join_key(place, "parameterization"),
                   "a network has one parameterization: the key stands beside layers");
  }

  Padding padding(const Value& value, const std::string& place) const {
    const std::string& name = as_text(value, place);
    if (const auto known = find_padding(name)) return *known;
    source_.fail(place, unknown_name("padding", name, padding_names()));
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
    check_table(*function, place, source_);
    return function;
  }

  LayerNormLayer layer_norm(const Object& object, const std::string& place) const {
    require_keys(object, place, {"op", "axis", "eps"});
    LayerNormLayer result;
    if (const Value* value = find_member(object, "axis"))
      result.axis[0] = axis(*value, join_key(place, "axis"));
    if (const Value* value = find_member(object, "eps"))
      result.eps = number(*value, join_key(place, "eps"));
    return result;
  }

  // A number, or a list of one, as neural_tangents has it.
  std::int64_t axis(const Value& value, const std::string& place) const {
    const List* list = std::get_if<List>(&value.data);
    const Value& only = list && list->size() == 1 ? list->front() : value;
    if (const auto* i = std::get_if<std::int64_t>(&only.data)) return *i;
    fail_type(value, place,
              "one axis, that of the features or channels (-1); several are not yet supported");
  }

  DropoutLayer dropout(const Object& object, const std::string& place) const {
    require_keys(object, place, {"op", "rate", "mode"});
    DropoutLayer result{number(required(object, place, "rate"), join_key(place, "rate"))};
    const Value* value = find_member(object, "mode");
    if (!value) return result;
    const std::string place_of_mode = join_key(place, "mode");
    const std::string& mode = as_text(*value, place_of_mode);
    if (mode != "train" && mode != "test")
      source_.fail(place_of_mode, unknown_name("mode", mode, {"train", "test"}));
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
      source_.fail("ntk_architecture", "unknown version of the format: must be " +
                                           std::to_string(kVersion) + ", is " + describe(version));
  }

  Parameterization parameterization(const Value& value, const std::string& place) const {
    const std::string& name = as_text(value, place);
    if (name == "ntk") return Parameterization::ntk;
    if (name == "standard") return Parameterization::standard;
    source_.fail(place, unknown_name("parameterization", name, {"ntk", "standard"}));
  }

  Join join(const Value& value, const std::string& place) const {
    const std::string& name = as_text(value, place);
    if (const auto known = find_join(name)) return *known;
    source_.fail(place, unknown_name("join", name, join_names()));
  }

  void require_keys(const Object& object, const std::string& place,
                    const std::vector<std::string>& known) const {
    for (const Member& member : object.members)
      if (std::find(known.begin(), known.end(), member.key) == known.end())
        source_.fail(join_key(place, member.key), unknown_name("key", member.key, known));
  }

  const Value& required(const Object& object, const std::string& place,
                        const std::string& key) const {
    if (const Value* value = find_member(object, key)) return *value;
    source_.fail(place, "the key " + key + " is missing");
  }

  // A required key that says which other keys are known, so that nobody asked yet whether they are.
  const Value& guiding(const Object& object, const std::string& place,
                       const std::string& key) const {
    if (!find_member(object, key))
      for (const Member& member : object.members)
        if (!nearest_name(member.key, {key}).empty())
          source_.fail(join_key(place, member.key), unknown_name("key", member.key, {key}));
    return required(object, place, key);
  }

  // --- types ---

  [[noreturn]] void fail_type(const Value& value, const std::string& place,
                              const std::string& expected) const {
    source_.fail(place, "must be " + expected + ", is " + describe(value));
  }

  double number(const Value& value, const std::string& place) const {
    if (const auto* d = std::get_if<double>(&value.data)) return *d;
    if (const auto* i = std::get_if<std::int64_t>(&value.data)) return static_cast<double>(*i);
    fail_type(value, place, "a number");
  }

  std::int64_t whole(const Value& value, const std::string& place) const {
    if (const auto* i = std::get_if<std::int64_t>(&value.data)) return *i;
    fail_type(value, place, "a whole number of at most 64 bits, without a decimal point");
  }

  bool flag(const Value& value, const std::string& place) const {
    if (const auto* b = std::get_if<bool>(&value.data)) return *b;
    fail_type(value, place, "true or false");
  }

  std::vector<double> numbers(const Value& value, const std::string& place) const {
    const List& list = as_list(value, place, "a list of numbers");
    std::vector<double> result;
    for (std::size_t i = 0; i < list.size(); ++i)
      result.push_back(number(list[i], join_index(place, i)));
    return result;
  }

  std::vector<std::int64_t> wholes(const Value& value, const std::string& place) const {
    const List& list = as_list(value, place, "a list of whole numbers");
    std::vector<std::int64_t> result;
    for (std::size_t i = 0; i < list.size(); ++i)
      result.push_back(whole(list[i], join_index(place, i)));
    return result;
  }

  std::array<double, 2> pair(const Value& value, const std::string& place) const {
    const List& list = as_list(value, place, "a list of two numbers");
    if (list.size() != 2) fail_type(value, place, "a list of two numbers");
    return {number(list[0], join_index(place, 0)), number(list[1], join_index(place, 1))};
  }

  const std::string& as_text(const Value& value, const std::string& place) const {
    if (const auto* text = std::get_if<std::string>(&value.data)) return *text;
    fail_type(value, place, "a name in quotes");
  }

  const List& as_list(const Value& value, const std::string& place,
                      const std::string& expected) const {
    if (const List* list = std::get_if<List>(&value.data)) return *list;
    fail_type(value, place, expected);
  }

  const Object& as_object(const Value& value, const std::string& place,
                          const std::string& expected) const {
    const Object* object = std::get_if<Object>(&value.data);
    if (object && object->name.empty()) return *object;
    fail_type(value, place, expected);
  }

  const Source& source_;
};

}  // namespace

Document read_document(const Value& root, const Source& source) {
  return Reader(source).document(root);
}

}  // namespace ntk
