#include "src/architecture/writer.h"

#include "src/architecture/leaf.h"
#include "src/architecture/names.h"

namespace ntk {
namespace {

const char* name_of(Parameterization parameterization) {
  return parameterization == Parameterization::ntk ? "ntk" : "standard";
}

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
    if (standard_ && has_parameterization(leaf.op)) {
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
