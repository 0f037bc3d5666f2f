#include "src/architecture/names.h"

#include <algorithm>
#include <numeric>

#include "src/architecture/activations.h"

namespace ntk {
namespace {

constexpr std::size_t kLongestName = 40;

const std::vector<std::string>& planned_ops() {
  static const std::vector<std::string> names = {"DotGeneral", "ElementwiseNumerical"};
  return names;
}

// The enumerator of that name, of names in the enumeration's order.
template <class Enum>
std::optional<Enum> find_in(const std::vector<std::string>& names, std::string_view name) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) return std::nullopt;
  return static_cast<Enum>(found - names.begin());
}

bool contains(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// What others call an op of ours, where the nearest name would be another one.
struct OtherName {
  const char *theirs, *ours;
};
constexpr OtherName kOtherNames[] = {{"SiLU", "Swish"},           {"Logistic", "Sigmoid"},
                                     {"HardTanh", "Elementwise"}, {"FullyConnected", "Dense"},
                                     {"Skip", "Residual"},        {"Index", "Slice"},
                                     {"Lambda", "Elementwise"}};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::size_t edit_distance(std::string_view a, std::string_view b, bool case_matters) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const bool equal = case_matters ? a[i] == b[j] : lower(a[i]) == lower(b[j]);
      const std::size_t replaced = diagonal + (equal ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, diagonal + 1, row[j] + 1});
    }
  }
  return row[b.size()];
}

}  // namespace

const std::vector<std::string>& supported_ops() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all = {"Dense",         "Conv",          "ConvTranspose",
                                    "ConvLocal",     "AvgPool",       "SumPool",
                                    "GlobalAvgPool", "GlobalSumPool", "GlobalSelfAttention",
                                    "Aggregate",     "ImageResize",   "Slice",
                                    "Identity",      "Flatten",       "Residual",
                                    "Parallel",      "Repeat",        "LayerNorm",
                                    "Dropout"};
    for (const Activation& row : activations()) all.emplace_back(row.name);
    return all;
  }();
  return names;
}

bool is_planned_op(std::string_view name) { return contains(planned_ops(), name); }

// In the order of Join.
const std::vector<std::string>& join_names() {
  static const std::vector<std::string> names = {"FanInSum", "FanInProd", "FanInConcat"};
  return names;
}

std::optional<Join> find_join(std::string_view name) { return find_in<Join>(join_names(), name); }

const std::string& name_of(Join join) { return join_names()[static_cast<std::size_t>(join)]; }

// In the order of Padding.
const std::vector<std::string>& padding_names() {
  static const std::vector<std::string> names = {"VALID", "SAME", "CIRCULAR"};
  return names;
}

std::optional<Padding> find_padding(std::string_view name) {
  return find_in<Padding>(padding_names(), name);
}

const std::string& name_of(Padding padding) {
  return padding_names()[static_cast<std::size_t>(padding)];
}

// In the order of AttentionMechanism.
const std::vector<std::string>& mechanism_names() {
  static const std::vector<std::string> names = {"SOFTMAX", "IDENTITY", "ABS", "RELU"};
  return names;
}

std::optional<AttentionMechanism> find_mechanism(std::string_view name) {
  return find_in<AttentionMechanism>(mechanism_names(), name);
}

const std::string& name_of(AttentionMechanism mechanism) {
  return mechanism_names()[static_cast<std::size_t>(mechanism)];
}

// In the order of PositionalEmbedding.
const std::vector<std::string>& embedding_names() {
  static const std::vector<std::string> names = {"NONE", "SUM", "CONCAT"};
  return names;
}

std::optional<PositionalEmbedding> find_embedding(std::string_view name) {
  return find_in<PositionalEmbedding>(embedding_names(), name);
}

const std::string& name_of(PositionalEmbedding embedding) {
  return embedding_names()[static_cast<std::size_t>(embedding)];
}

// In the order of PositionalDecay::Kind.
const std::vector<std::string>& decay_names() {
  static const std::vector<std::string> names = {"exp", "rational"};
  return names;
}

std::optional<PositionalDecay::Kind> find_decay(std::string_view name) {
  return find_in<PositionalDecay::Kind>(decay_names(), name);
}

const std::string& name_of(PositionalDecay::Kind decay) {
  return decay_names()[static_cast<std::size_t>(decay)];
}

// In the order of ResizeMethod; all behind it mean linear.
const std::vector<std::string>& resize_method_names() {
  static const std::vector<std::string> names = {"nearest", "linear", "bilinear", "trilinear",
                                                 "triangle"};
  return names;
}

std::optional<ResizeMethod> find_resize_method(std::string_view name) {
  if (name == resize_method_names().front()) return ResizeMethod::nearest;
  if (contains(resize_method_names(), name)) return ResizeMethod::linear;
  return std::nullopt;
}

std::string name_of(ResizeMethod method) {
  return resize_method_names()[static_cast<std::size_t>(method)];
}

std::string op_name(const PoolLayer& layer) {
  return layer.pool == Pool::average ? "AvgPool" : "SumPool";
}
std::string op_name(const GlobalPoolLayer& layer) {
  return layer.pool == Pool::average ? "GlobalAvgPool" : "GlobalSumPool";
}

bool has_parameterization(std::string_view op) {
  return op == "Dense" || op == "Conv" || op == "ConvTranspose" || op == "ConvLocal";
}

const char* name_of(DropoutMode mode) { return mode == DropoutMode::train ? "train" : "test"; }

std::string in_quotes(std::string_view text, std::size_t longest) {
  std::string shown(text.substr(0, longest));
  for (char& c : shown)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  return '"' + shown + (text.size() > longest ? "...\"" : "\"");
}

std::string comma_separated(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

std::string nearest_name(std::string_view name, const std::vector<std::string>& known) {
  if (name.size() > kLongestName) return "";
  const std::size_t too_far = std::max<std::size_t>(2, name.size() / 2) + 1;
  std::pair best{too_far, std::size_t{0}};  // edits without and with regard to case
  const std::string* nearest = nullptr;
  for (const std::string& candidate : known) {
    const std::pair distance{edit_distance(name, candidate, false),
                             edit_distance(name, candidate, true)};
    const bool alike = distance.first < std::max(name.size(), candidate.size());
    if (alike && distance < best) {
      best = distance;
      nearest = &candidate;
    }
  }
  return nearest ? *nearest : "";
}

std::string unknown_name(const std::string& kind, std::string_view name,
                         const std::vector<std::string>& known) {
  const std::string nearest = nearest_name(name, known);
  return "unknown " + kind + " " + in_quotes(name) + "; " +
         (nearest.empty() ? "known: " + comma_separated(known) : "nearest known name: " + nearest);
}

std::string unusable_op(std::string_view name, const std::vector<std::string>& also_known) {
  for (const OtherName& other : kOtherNames)
    if (name.size() <= kLongestName && edit_distance(name, other.theirs, false) == 0)
      return "unknown layer " + in_quotes(name) + "; here it is called " + other.ours;
  if (is_planned_op(name))
    return std::string(name) +
           " is known to the plan of libntk but not yet supported; supported: " +
           comma_separated(supported_ops());
  std::vector<std::string> known = supported_ops();
  known.insert(known.end(), also_known.begin(), also_known.end());
  std::vector<std::string> all = known;
  all.insert(all.end(), planned_ops().begin(), planned_ops().end());
  const std::string nearest = nearest_name(name, all);
  return nearest.empty() ? unknown_name("layer", name, known)
                         : unknown_name("layer", name, all) +
                               (is_planned_op(nearest) ? " (not yet supported)" : "");
}

}  // namespace ntk
