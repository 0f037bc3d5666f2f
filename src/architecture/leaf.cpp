#include "src/architecture/leaf.h"

#include "src/architecture/activations.h"
#include "src/architecture/names.h"
#include "src/architecture/value.h"

namespace ntk {
namespace {

using Fields = std::vector<Field>;
using Language = Spelling::Language;

// --- texts of values ---

std::string quoted(const std::string& text, const Spelling& spelling) {
  return spelling.quote + text + spelling.quote;
}

const char* text_of(bool flag, const Spelling& spelling) {
  return flag ? spelling.yes : spelling.no;
}

std::string text_of(const std::vector<std::int64_t>& numbers, const Spelling& spelling) {
  std::string text;
  for (const std::int64_t number : numbers)
    text += (text.empty() ? "" : ", ") + std::to_string(number);
  const bool single = spelling.language == Language::python && numbers.size() == 1;
  return spelling.open_list + text + (single ? "," : "") + spelling.close_list;
}

// neural_tangents takes one axis as a number.
std::string text_of_axes(const std::vector<std::int64_t>& axes, const Spelling& spelling) {
  return axes.size() == 1 ? std::to_string(axes[0]) : text_of(axes, spelling);
}

std::string text_of(const std::vector<double>& numbers) {
  std::string text;
  for (double number : numbers) text += (text.empty() ? "" : ", ") + number_text(number);
  return '[' + text + ']';
}

std::string text_of(double value, ParameterKind kind, const Spelling& spelling) {
  if (kind == ParameterKind::flag) return text_of(value != 0, spelling);
  return kind == ParameterKind::whole ? std::to_string(static_cast<std::int64_t>(value))
                                      : number_text(value);
}

const ScalarFunction& table_of(const ActivationLayer& layer) {
  if (layer.function->x.empty())
    throw UsageError(
        "architecture: the function " + in_quotes(layer.function->name) +
        " of Elementwise was given in C++ and cannot be written as text: give its "
        "values as a table (ElementwiseTable), or use one of the named nonlinearities");
  return *layer.function;
}

const std::vector<double>& column_of(const ScalarFunction& table, std::string_view name) {
  return name == "x" ? table.x : name == "phi" ? table.phi : table.dphi;
}

std::string name_of(const ScalarFunction& function) {
  return function.x.empty() ? in_quotes(function.name)
                            : std::to_string(function.x.size()) + " points";
}

std::string text_of(const PositionalDecay& decay, const Spelling& spelling) {
  const std::string name = name_of(decay.kind), length = number_text(decay.length);
  return spelling.language == Language::python ? name + "(" + length + ")"
                                               : "{\"" + name + "\": " + length + "}";
}

// As Python has it, 1:7:2, or as the list of JSON.
std::string text_of(const SliceRange& range, const Spelling& spelling) {
  if (range.index) return std::to_string(*range.index);
  const bool python = spelling.language == Language::python;
  const auto part = [&](const std::optional<std::int64_t>& number) {
    return number ? std::to_string(*number) : std::string(python ? "" : spelling.nothing);
  };
  if (python)
    return part(range.start) + ":" + part(range.stop) + (range.step ? ":" + part(range.step) : "");
  return "[" + part(range.start) + ", " + part(range.stop) + ", " + part(range.step) + "]";
}

std::string text_of(const std::vector<SliceRange>& slices, const Spelling& spelling) {
  std::string text;
  for (const SliceRange& range : slices)
    text += (text.empty() ? "" : ", ") + text_of(range, spelling);
  return text;
}

// --- parts that layers have in common ---

void add_deviation(const char* key, double value, Fields& fields) {
  if (value != 1) fields.push_back({key, number_text(value), false});
}

// What Dense and convolutions have in common.
template <class Options>
void add_weights(const Options& o, const Spelling& spelling, Fields& fields) {
  add_deviation("W_std", o.W_std, fields);
  if (o.b_std) fields.push_back({"b_std", number_text(*o.b_std), false});
  if (o.s[0] != 1 || o.s[1] != 1)
    fields.push_back({"s",
                      spelling.open_list + number_text(o.s[0]) + ", " + number_text(o.s[1]) +
                          spelling.close_list,
                      false});
  if (!o.trainable) fields.push_back({"trainable", spelling.no, false});
}

// What convolutions and pools have in common.
void add_window(const std::vector<std::int64_t>& strides, Padding padding, const Spelling& spelling,
                Fields& fields) {
  if (!strides.empty()) fields.push_back({"strides", text_of(strides, spelling), false});
  if (padding != Padding::valid)
    fields.push_back({"padding", quoted(name_of(padding), spelling), false});
}

template <class Convolution>
Leaf leaf_of_convolution(const char* op, const Convolution& conv, const Spelling& spelling) {
  Leaf leaf{op,
            {{"out_chan", std::to_string(conv.out_chan), true},
             {"filter_shape", text_of(conv.filter_shape, spelling), true}}};
  add_window(conv.options.strides, conv.options.padding, spelling, leaf.fields);
  add_weights(conv.options, spelling, leaf.fields);
  return leaf;
}

void add_positions(const AttentionOptions& o, const Spelling& spelling, Fields& fields) {
  const AttentionOptions standard;
  if (o.pos_emb_type != standard.pos_emb_type)
    fields.push_back({"pos_emb_type", quoted(name_of(o.pos_emb_type), spelling), false});
  if (o.pos_emb_p_norm != standard.pos_emb_p_norm)
    fields.push_back({"pos_emb_p_norm", number_text(o.pos_emb_p_norm), false});
  if (o.pos_emb_decay_fn)
    fields.push_back({"pos_emb_decay_fn", text_of(*o.pos_emb_decay_fn, spelling), false});
  if (o.n_chan_pos_emb)
    fields.push_back({"n_chan_pos_emb", std::to_string(*o.n_chan_pos_emb), false});
  add_deviation("W_pos_emb_std", o.W_pos_emb_std, fields);
  if (o.val_pos_emb) fields.push_back({"val_pos_emb", spelling.yes, false});
}

}  // namespace

Leaf leaf_of(const DenseLayer& dense, const Spelling& spelling) {
  Leaf leaf{"Dense", {{"out_dim", std::to_string(dense.out_dim), true}}};
  add_weights(dense.options, spelling, leaf.fields);
  return leaf;
}

Leaf leaf_of(const ConvLayer& layer, const Spelling& spelling) {
  return leaf_of_convolution("Conv", layer, spelling);
}
Leaf leaf_of(const ConvTransposeLayer& layer, const Spelling& spelling) {
  return leaf_of_convolution("ConvTranspose", layer, spelling);
}
Leaf leaf_of(const ConvLocalLayer& layer, const Spelling& spelling) {
  return leaf_of_convolution("ConvLocal", layer, spelling);
}

Leaf leaf_of(const PoolLayer& layer, const Spelling& spelling) {
  Leaf leaf{op_name(layer), {{"window_shape", text_of(layer.window_shape, spelling), true}}};
  add_window(layer.strides, layer.padding, spelling, leaf.fields);
  if (layer.normalize_edges) leaf.fields.push_back({"normalize_edges", spelling.yes, false});
  return leaf;
}

Leaf leaf_of(const GlobalPoolLayer& layer, const Spelling&) { return {op_name(layer), {}}; }

Leaf leaf_of(const GlobalSelfAttentionLayer& layer, const Spelling& spelling) {
  const AttentionOptions& o = layer.options;
  Leaf leaf{"GlobalSelfAttention",
            {{"n_chan_out", std::to_string(layer.n_chan_out), true},
             {"n_chan_key", std::to_string(layer.n_chan_key), true},
             {"n_chan_val", std::to_string(layer.n_chan_val), true},
             {"n_heads", std::to_string(layer.n_heads), true}}};
  if (!o.linear_scaling) leaf.fields.push_back({"linear_scaling", spelling.no, false});
  add_deviation("W_key_std", o.W_key_std, leaf.fields);
  add_deviation("W_value_std", o.W_value_std, leaf.fields);
  add_deviation("W_query_std", o.W_query_std, leaf.fields);
  add_deviation("W_out_std", o.W_out_std, leaf.fields);
  if (o.b_std) leaf.fields.push_back({"b_std", number_text(*o.b_std), false});
  if (o.mechanism != AttentionMechanism::softmax)
    leaf.fields.push_back({"attention_mechanism", quoted(name_of(o.mechanism), spelling), false});
  add_positions(o, spelling, leaf.fields);
  return leaf;
}

Leaf leaf_of(const AggregateLayer& layer, const Spelling& spelling) {
  const AggregateLayer standard;
  Leaf leaf{"Aggregate", {}};
  if (!layer.aggregate_axis.empty())
    leaf.fields.push_back({"aggregate_axis", text_of_axes(layer.aggregate_axis, spelling), false});
  if (layer.channel_axis != standard.channel_axis)
    leaf.fields.push_back({"channel_axis", std::to_string(layer.channel_axis), false});
  return leaf;
}

Leaf leaf_of(const ImageResizeLayer& layer, const Spelling& spelling) {
  Leaf leaf{"ImageResize",
            {{"shape", text_of(layer.shape, spelling), true},
             {"method", quoted(name_of(layer.method), spelling), true}}};
  if (!layer.antialias) leaf.fields.push_back({"antialias", spelling.no, false});
  return leaf;
}

// In Python Index(Slice[...]).
Leaf leaf_of(const SliceLayer& layer, const Spelling& spelling) {
  const std::string slices = "[" + text_of(layer.slices, spelling) + "]";
  if (spelling.language == Language::python) return {"Index", {{"idx", "Slice" + slices, true}}};
  return {"Slice", {{"slices", slices, true}}};
}

// In Python numbers without a default may be positional, columns say what they are.
Leaf leaf_of(const ActivationLayer& layer, const Spelling& spelling) {
  if (layer.function && spelling.functions == Functions::by_name)
    return {layer.name, {{"function", name_of(*layer.function), true}}};
  Leaf leaf{layer.name, {}};
  std::size_t next = 0;
  for (const Parameter& parameter : find_activation(layer.name)->parameters) {
    const bool required = !parameter.default_value;
    if (parameter.kind == ParameterKind::list) {
      leaf.fields.push_back({parameter.name, text_of(layer.coefficients), true});
    } else if (parameter.kind == ParameterKind::column) {
      const auto& column = column_of(table_of(layer), parameter.name);
      leaf.fields.push_back({parameter.name, text_of(column), false});
    } else {
      const double value = layer.parameters[next++];
      if (required || value != *parameter.default_value)
        leaf.fields.push_back({parameter.name, text_of(value, parameter.kind, spelling), required});
    }
  }
  return leaf;
}

Leaf leaf_of(const LayerNormLayer& layer, const Spelling& spelling) {
  const LayerNormLayer standard;
  Leaf leaf{"LayerNorm", {}};
  if (layer.axis != standard.axis)
    leaf.fields.push_back({"axis", text_of_axes(layer.axis, spelling), false});
  if (layer.eps != standard.eps) leaf.fields.push_back({"eps", number_text(layer.eps), false});
  return leaf;
}

Leaf leaf_of(const DropoutLayer& layer, const Spelling& spelling) {
  Leaf leaf{"Dropout", {{"rate", number_text(layer.rate), true}}};
  if (layer.mode != DropoutMode::train)
    leaf.fields.push_back({"mode", quoted(name_of(layer.mode), spelling), false});
  return leaf;
}

Leaf leaf_of(const IdentityLayer&, const Spelling&) { return {"Identity", {}}; }
Leaf leaf_of(const FlattenLayer&, const Spelling&) { return {"Flatten", {}}; }

}  // namespace ntk
