#include "src/architecture/expression_arguments.h"

#include <algorithm>

#include "src/architecture/activations.h"
#include "src/architecture/names.h"
#include "src/architecture/source.h"

namespace ntk {

Signature signature_of(const std::string& op) {
  if (op == "Dense")
    return {{"out_dim", "W_std", "b_std", "batch_axis", "channel_axis", "parameterization", "s"},
            {"trainable"}};
  if (op == "Conv" || op == "ConvTranspose" || op == "ConvLocal")
    return {{"out_chan", "filter_shape", "strides", "padding", "W_std", "b_std",
             "dimension_numbers", "parameterization", "s"},
            {"trainable"}};
  if (op == "AvgPool")
    return {
        {"window_shape", "strides", "padding", "normalize_edges", "batch_axis", "channel_axis"}};
  if (op == "SumPool")
    return {{"window_shape", "strides", "padding", "batch_axis", "channel_axis"}};
  if (op == "GlobalAvgPool" || op == "GlobalSumPool") return {{"batch_axis", "channel_axis"}};
  if (op == "GlobalSelfAttention")
    return {{"n_chan_out", "n_chan_key", "n_chan_val", "n_heads", "linear_scaling", "W_key_std",
             "W_value_std", "W_query_std", "W_out_std", "b_std", "attention_mechanism",
             "pos_emb_type", "pos_emb_p_norm", "pos_emb_decay_fn", "n_chan_pos_emb",
             "W_pos_emb_std", "val_pos_emb", "batch_axis", "channel_axis"}};
  if (op == "Aggregate")
    return {{"aggregate_axis", "batch_axis", "channel_axis", "to_dense", "implementation"}};
  if (op == "ImageResize")
    return {{"shape", "method", "antialias", "precision", "batch_axis", "channel_axis"}};
  if (op == "Index") return {{"idx", "batch_axis", "channel_axis"}};
  if (op == "Slice") return {{"slices"}};
  if (op == "Flatten") return {{"batch_axis", "batch_axis_out"}};
  if (op == "LayerNorm") return {{"axis", "eps", "batch_axis", "channel_axis"}};
  if (op == "Dropout") return {{"rate", "mode"}};
  Signature signature;
  if (const Activation* row = find_activation(op)) {
    for (const Parameter& p : row->parameters) signature.positional.emplace_back(p.name);
    if (row->ignored_argument) signature.positional.emplace_back(row->ignored_argument);
  }
  return signature;
}

const Object& ArgumentBinder::call_of(const Value& value) const {
  const Object* call = std::get_if<Object>(&value.data);
  if (!call) fail(value, "expected a layer such as Dense(64), found " + describe(value));
  return *call;
}

Bound ArgumentBinder::bind(const Value& value, const Signature& signature) const {
  const Object& call = call_of(value);
  std::vector<std::string> known = signature.positional;
  known.insert(known.end(), signature.keywords.begin(), signature.keywords.end());
  Bound bound;
  for (const Member& member : call.members) {
    std::string key = member.key;
    if (key.empty()) {
      if (bound.size() >= signature.positional.size())
        fail(member.value,
             call.name + " takes " +
                 (signature.positional.empty() ? "no arguments"
                                               : "no more positional arguments than " +
                                                     comma_separated(signature.positional)));
      key = signature.positional[bound.size()];
    } else if (std::find(known.begin(), known.end(), key) == known.end()) {
      fail(member.value, known.empty() ? call.name + " takes no arguments, found " + in_quotes(key)
                                       : unknown_name("argument of " + call.name, key, known));
    }
    if (argument(bound, key))
      fail(member.value, "the argument " + key + " of " + call.name + " is given twice");
    bound.emplace_back(std::move(key), &member.value);
  }
  return bound;
}

const Value* ArgumentBinder::argument(const Bound& bound, const std::string& key) {
  for (const auto& [name, value] : bound)
    if (name == key) return value;
  return nullptr;
}

const Value* ArgumentBinder::take(Bound& bound, const std::string& key) {
  const Value* value = argument(bound, key);
  std::erase_if(bound, [&](const auto& entry) { return entry.first == key; });
  return value;
}

void ArgumentBinder::require_positional(const Object& call, const Member& member) const {
  if (!member.key.empty())
    fail(member.value, call.name + " takes no keyword " + in_quotes(member.key) + " here");
}

void ArgumentBinder::drop_axis(Bound& bound, const std::string& key, std::int64_t only) const {
  const Value* axis = take(bound, key);
  if (!axis) return;
  const auto* number = std::get_if<std::int64_t>(&axis->data);
  if (!number || *number != only)
    fail(*axis,
         key + " must be " + std::to_string(only) + ": data are N x d, images N x H x W x C");
}

void ArgumentBinder::drop_none(Bound& bound, const std::string& key, const std::string& why) const {
  const Value* value = take(bound, key);
  if (value && !std::holds_alternative<std::nullptr_t>(value->data))
    fail(*value, key + " must be None: " + why);
}

void ArgumentBinder::fail(const Value& value, const std::string& what) const {
  fail_at(text_, value.offset, what);
}

}  // namespace ntk
