#include "src/architecture/writer.h"

#include "src/architecture/activations.h"
#include "src/architecture/names.h"
#include "src/architecture/value.h"

namespace ntk {
namespace {

// How the two languages spell the same things.
struct Spelling {
  const char *no, *yes;
  char open_pair, close_pair;
  char quote;
  Functions functions = Functions::as_table;
};
constexpr Spelling kJson = {"false", "true", '[', ']', '"'};
constexpr Spelling kPython = {"False", "True", '(', ')', '\''};

struct Field {
  std::string key, text;
  bool required;
};

const char* name_of(Parameterization parameterization) {
  return parameterization == Parameterization::ntk ? "ntk" : "standard";
}

// What a layer without layers inside says of itself, without the defaults.
struct Leaf {
  std::string op;
  std::vector<Field> fields;
};

// What Dense and Conv have in common.
template <class Options>
void add_weights(const Options& o, const Spelling& spelling, std::vector<Field>& fields) {
  if (o.W_std != 1) fields.push_back({"W_std", number_text(o.W_std), false});
  if (o.b_std) fields.push_back({"b_std", number_text(*o.b_std), false});
  if (o.s[0] != 1 || o.s[1] != 1)
    fields.push_back({"s",
                      spelling.open_pair + number_text(o.s[0]) + ", " + number_text(o.s[1]) +
                          spelling.close_pair,
                      false});
  if (!o.trainable) fields.push_back({"trainable", spelling.no, false});
}

Leaf leaf_of(const DenseLayer& dense, const Spelling& spelling) {
  std::vector<Field> fields = {{"out_dim", std::to_string(dense.out_dim), true}};
  add_weights(dense.options, spelling, fields);
  return {"Dense", std::move(fields)};
}

std::string text_of(const std::vector<std::int64_t>& numbers, const Spelling& spelling) {
  std::string text;
  for (const std::int64_t number : numbers)
    text += (text.empty() ? "" : ", ") + std::to_string(number);
  return spelling.open_pair + text + spelling.close_pair;
}

Leaf leaf_of(const ConvLayer& conv, const Spelling& spelling) {
  const ConvOptions& o = conv.options;
  std::vector<Field> fields = {{"out_chan", std::to_string(conv.out_chan), true},
                               {"filter_shape", text_of(conv.filter_shape, spelling), true}};
  if (o.padding != Padding::valid)
    fields.push_back({"padding", spelling.quote + name_of(o.padding) + spelling.quote, false});
  add_weights(o, spelling, fields);
  return {"Conv", std::move(fields)};
}

std::string text_of(const std::vector<double>& numbers) {
  std::string text;
  for (double number : numbers) text += (text.empty() ? "" : ", ") + number_text(number);
  return '[' + text + ']';
}

std::string text_of(double value, ParameterKind kind, const Spelling& spelling) {
  if (kind == ParameterKind::flag) return value != 0 ? spelling.yes : spelling.no;
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

Leaf leaf_of(const LayerNormLayer& layer, const Spelling&) {
  const LayerNormLayer standard;
  Leaf leaf{"LayerNorm", {}};
  if (layer.axis != standard.axis)
    leaf.fields.push_back({"axis", std::to_string(layer.axis), false});
  if (layer.eps != standard.eps) leaf.fields.push_back({"eps", number_text(layer.eps), false});
  return leaf;
}

Leaf leaf_of(const DropoutLayer& layer, const Spelling& spelling) {
  Leaf leaf{"Dropout", {{"rate", number_text(layer.rate), true}}};
  if (layer.mode != DropoutMode::train)
    leaf.fields.push_back(
        {"mode", spelling.quote + std::string(name_of(layer.mode)) + spelling.quote, false});
  return leaf;
}

Leaf leaf_of(const IdentityLayer&, const Spelling&) { return {"Identity", {}}; }
Leaf leaf_of(const FlattenLayer&, const Spelling&) { return {"Flatten", {}}; }
Leaf leaf_of(const GlobalAvgPoolLayer&, const Spelling&) { return {"GlobalAvgPool", {}}; }

class JsonWriter {
 public:
  explicit JsonWriter(bool pretty) : pretty_(pretty) {}

  std::string document(const Layers& layers, Parameterization parameterization) {
    text_ = '{';
    ++depth_;
    separate(true);
    text_ += "\"ntk_architecture\": 1";
    separate(false);
    text_ += std::string("\"parameterization\": \"") + name_of(parameterization) + '"';
    separate(false);
    text_ += "\"layers\": ";
    write(layers);
    --depth_;
    if (pretty_) new_line();
    text_ += '}';
    return std::move(text_);
  }

 private:
  void write(const Layers& layers) {
    bracketed(layers, [&](const Layer& layer) {
      std::visit([&](const auto& value) { write(value); }, layer.value);
    });
  }

  template <class T>
  void write(const T& layer) {
    const Leaf leaf = leaf_of(layer, kJson);
    begin(leaf.op);
    for (const Field& field : leaf.fields) text_ += ", \"" + field.key + "\": " + field.text;
    text_ += '}';
  }

  void write(const ResidualLayer& residual) {
    begin("Residual");
    text_ += ", \"layers\": ";
    write(residual.layers);
    text_ += '}';
  }

  void write(const ParallelLayer& parallel) {
    begin("Parallel");
    text_ += ", \"branches\": ";
    bracketed(parallel.branches, [&](const Layers& branch) { write(branch); });
    text_ += ", \"join\": \"" + name_of(parallel.join) + "\"}";
  }

  void write(const RepeatLayer& repeat) {
    begin("Repeat");
    text_ += ", \"times\": " + std::to_string(repeat.times) + ", \"layers\": ";
    write(repeat.layers);
    text_ += '}';
  }

  void begin(const std::string& op) { text_ += "{\"op\": \"" + op + '"'; }

  template <class T, class WriteElement>
  void bracketed(const std::vector<T>& elements, WriteElement&& write_element) {
    text_ += '[';
    ++depth_;
    for (std::size_t i = 0; i < elements.size(); ++i) {
      separate(i == 0);
      write_element(elements[i]);
    }
    --depth_;
    if (pretty_ && !elements.empty()) new_line();
    text_ += ']';
  }

  void separate(bool first) {
    if (!first) text_ += pretty_ ? "," : ", ";
    if (pretty_) new_line();
  }

  void new_line() { text_ += '\n' + std::string(2 * depth_, ' '); }

  bool pretty_;
  std::size_t depth_ = 0;
  std::string text_;
};

class ExpressionWriter {
 public:
  ExpressionWriter(Parameterization parameterization, Functions functions)
      : spelling_(kPython), standard_(parameterization == Parameterization::standard) {
    spelling_.functions = functions;
  }

  std::string document(const Layers& layers) {
    const std::string inside = sequence(layers);
    // As in neural_tangents every Dense and Conv says it; without one it is said of the whole.
    const bool unsaid = standard_ && !said_;
    return "serial(" + inside + (unsaid ? ", parameterization='standard')" : ")");
  }

 private:
  std::string sequence(const Layers& layers) {
    std::string text;
    for (const Layer& layer : layers)
      text += (text.empty() ? "" : ", ") +
              std::visit([&](const auto& value) { return words(value); }, layer.value);
    return text;
  }

  template <class T>
  std::string words(const T& layer) {
    Leaf leaf = leaf_of(layer, spelling_);
    if (standard_ && (leaf.op == "Dense" || leaf.op == "Conv")) {
      leaf.fields.push_back({"parameterization", "'standard'", false});
      said_ = true;
    }
    std::string text;
    for (const Field& field : leaf.fields)
      text += (text.empty() ? "" : ", ") + (field.required ? "" : field.key + "=") + field.text;
    return leaf.op + "(" + text + ")";
  }

  std::string words(const ResidualLayer& residual) {
    return "Residual(" + sequence(residual.layers) + ")";
  }

  std::string words(const ParallelLayer& parallel) {
    std::string text;
    for (const Layers& branch : parallel.branches)
      text += (text.empty() ? "[" : ", [") + sequence(branch) + "]";
    if (parallel.join != Join::fan_in_sum) text += ", join='" + name_of(parallel.join) + "'";
    return "Parallel(" + text + ")";
  }

  std::string words(const RepeatLayer& repeat) {
    return "Repeat(" + std::to_string(repeat.times) + ", " + sequence(repeat.layers) + ")";
  }

  Spelling spelling_;
  bool standard_;
  bool said_ = false;
};

}  // namespace

std::string write_json(const Layers& layers, Parameterization parameterization, bool pretty) {
  return JsonWriter(pretty).document(layers, parameterization);
}

std::string write_expression(const Layers& layers, Parameterization parameterization,
                             Functions functions) {
  return ExpressionWriter(parameterization, functions).document(layers);
}

}  // namespace ntk
