#include "src/architecture/expression_layers.h"

#include <algorithm>

#include "src/architecture/activations.h"
#include "src/architecture/expression_arguments.h"
#include "src/architecture/expression_networks.h"
#include "src/architecture/expression_text.h"
#include "src/architecture/names.h"
#include "src/architecture/source.h"

namespace ntk {
namespace {

// What an expression may name beside the ops.
std::vector<std::string> names_beside_ops() {
  std::vector<std::string> names = {"serial",   "parallel",  "repeat",      "FanOut",
                                    "FanInSum", "FanInProd", "FanInConcat", "Index"};
  for (const NamedNetwork& network : named_networks()) names.emplace_back(network.name);
  return names;
}

const char* const kJoins = "FanInSum(), FanInProd() or FanInConcat()";

class Translator : ArgumentBinder {
 public:
  using ArgumentBinder::ArgumentBinder;

  Value document(const Value& expression) {
    const Object& call = call_of(expression);
    if (call.name == "serial")
      if (const Value* given = find_member(call, "parameterization"))
        set_parameterization(lower_case(*given));
    default_ = parameterization_.value_or(Value{std::string("ntk")});
    default_.offset = kNowhere;

    List layers;
    append_sequence({&expression}, layers, true);
    Object root;
    root.members.push_back({"ntk_architecture", {std::int64_t{1}}});
    if (parameterization_) root.members.push_back({"parameterization", *parameterization_});
    root.members.push_back({"layers", {std::move(layers), expression.offset}});
    return {std::move(root), expression.offset};
  }

 private:
  using Calls = std::vector<const Value*>;

  // --- sequences ---

  void append_sequence(const Calls& values, List& layers, bool outermost = false) {
    Calls calls;
    for (const Value* value : values) flatten(*value, calls, outermost);
    for (std::size_t i = 0; i < calls.size(); ++i) {
      const std::string& name = call_of(*calls[i]).name;
      if (name == "FanOut") {
        layers.push_back(fan(calls, i));
        i += 2;
      } else if (const NamedNetwork* network = find_network(name)) {
        append_network(*network, *calls[i], layers);
      } else {
        layers.push_back(layer(*calls[i]));
      }
    }
  }

  // serial(...) inside serial(...) is the same as its layers.
  void flatten(const Value& value, Calls& calls, bool outermost) {
    const Object& call = call_of(value);
    if (call.name != "serial") {
      calls.push_back(&value);
      return;
    }
    for (const Member& member : call.members) {
      if (outermost && member.key == "parameterization") continue;
      require_positional(call, member);
      flatten(member.value, calls, false);
    }
  }

  List sequence(const Calls& values) {
    List layers;
    append_sequence(values, layers);
    return layers;
  }

  // CNTK(20) is its layers.
  void append_network(const NamedNetwork& network, const Value& call, List& layers) {
    Bound bound = bind(call, signature_of(network));
    set_weights(bound, call);
    for (Value& layer : layers_of(network, call, bound, *this)) layers.push_back(std::move(layer));
  }

  // --- FanOut(n), parallel(...), FanInSum() ---

  Value fan(const Calls& calls, std::size_t i) {
    const Value& out = *calls[i];
    const auto name_at = [&](std::size_t k) {
      return k < calls.size() ? call_of(*calls[k]).name : std::string();
    };
    if (name_at(i + 1) != "parallel")
      fail(out, std::string("FanOut(n) must be followed by parallel(...) and ") + kJoins);
    const Value& branches_call = *calls[i + 1];
    const std::optional<Join> how = find_join(name_at(i + 2));
    if (!how) fail(branches_call, std::string("parallel(...) must be followed by ") + kJoins);
    require_join(*calls[i + 2]);
    const Value* num = argument(bind(out, {{"num"}}), "num");
    const Object& parallel = call_of(branches_call);
    const auto* count = num ? std::get_if<std::int64_t>(&num->data) : nullptr;
    if (!count || *count != static_cast<std::int64_t>(parallel.members.size()))
      fail(out, "FanOut must be given the number of branches of parallel(...), which is " +
                    std::to_string(parallel.members.size()));
    return join(branches_call, *how);
  }

  void require_join(const Value& value) const {
    const bool concat = call_of(value).name == "FanInConcat";
    const Bound bound = bind(value, concat ? Signature{{"axis"}} : Signature{});
    const Value* axis = argument(bound, "axis");
    const auto* number = axis ? std::get_if<std::int64_t>(&axis->data) : nullptr;
    if (axis && (!number || *number != -1))
      fail(*axis, "axis must be -1, the channels: branches are joined along no other axis");
  }

  // The sum of two branches of which one is Identity() is a Residual.
  Value join(const Value& parallel, Join how) {
    List branches;
    for (const Member& member : call_of(parallel).members) {
      require_positional(call_of(parallel), member);
      List layers = sequence({&member.value});
      if (std::all_of(layers.begin(), layers.end(), is_identity)) layers.clear();
      branches.push_back({std::move(layers), member.value.offset});
    }
    const auto is_empty = [](const Value& b) { return std::get<List>(b.data).empty(); };
    if (how == Join::fan_in_sum && branches.size() == 2 &&
        is_empty(branches[0]) != is_empty(branches[1])) {
      Value& branch = branches[is_empty(branches[0]) ? 1 : 0];
      return made("Residual", parallel, {{"layers", std::move(branch)}});
    }
    return made("Parallel", parallel,
                {{"join", {name_of(how), parallel.offset}},
                 {"branches", {std::move(branches), parallel.offset}}});
  }

  static bool is_identity(const Value& layer) {
    const Value* op = find_member(std::get<Object>(layer.data), "op");
    return std::get<std::string>(op->data) == "Identity";
  }

  // --- single layers ---

  Value layer(const Value& value) {
    const Object& call = call_of(value);
    if (call.name == "Residual")
      return made("Residual", value, {{"layers", {sequence(positional(value, 0)), value.offset}}});
    if (call.name == "Parallel") return own_parallel(value);
    if (call.name == "Repeat") return own_repeat(value);
    if (call.name == "repeat") return their_repeat(value);
    if (call.name == "Index") return index(value);
    if (call.name == "Aggregate") return aggregate(value);
    if (call.name == "parallel")
      fail(value, std::string("parallel(...) must stand between FanOut(n) and ") + kJoins);
    if (find_join(call.name)) fail(value, call.name + "() must follow FanOut(n) and parallel(...)");
    if (call.name == kSubscript)
      fail(value, "Slice[...] is no layer by itself: write Index(Slice[...])");
    const auto& ops = supported_ops();
    if (std::find(ops.begin(), ops.end(), call.name) == ops.end())
      fail(value, unusable_op(call.name, names_beside_ops()));
    return leaf(value, call.name);
  }

  Value own_parallel(const Value& value) {
    std::vector<Member> members;
    List branches;
    for (const Member& member : call_of(value).members) {
      if (member.key == "join") {
        members.push_back(member);
        continue;
      }
      require_positional(call_of(value), member);
      const List* branch = std::get_if<List>(&member.value.data);
      if (!branch) fail(member.value, "a branch of Parallel is a list of layers, as in [Relu()]");
      Calls calls;
      for (const Value& element : *branch) calls.push_back(&element);
      branches.push_back({sequence(calls), member.value.offset});
    }
    members.push_back({"branches", {std::move(branches), value.offset}});
    return made("Parallel", value, std::move(members));
  }

  Value own_repeat(const Value& value) {
    const auto& members = call_of(value).members;
    if (members.empty())
      fail(value, "Repeat takes a number and layers: Repeat(3, Relu(), Dense(8))");
    require_positional(call_of(value), members.front());
    Member times{"times", members.front().value};
    return made("Repeat", value,
                {std::move(times), {"layers", {sequence(positional(value, 1)), value.offset}}});
  }

  Value their_repeat(const Value& value) {
    const Bound bound = bind(value, {{"layer", "n"}});
    const Value* body = argument(bound, "layer");
    const Value* times = argument(bound, "n");
    if (!body || !times) fail(value, "repeat takes a layer and a number: repeat(layer, n)");
    return made("Repeat", value, {{"times", *times}, {"layers", {sequence({body}), value.offset}}});
  }

  Value leaf(const Value& value, const std::string& op) {
    Bound bound = bind(value, signature_of(op));
    drop_axis(bound, "batch_axis", 0);
    drop_axis(bound, "batch_axis_out", 0);
    drop_axis(bound, "channel_axis", -1);
    if (const Activation* row = find_activation(op); row && row->ignored_argument) {
      if (const Value* ignored = take(bound, row->ignored_argument))
        if (!std::holds_alternative<bool>(ignored->data))
          fail(*ignored, std::string(row->ignored_argument) + " must be True or False");
    }
    if (has_parameterization(op)) {
      drop_none(bound, "dimension_numbers", "images are N x height x width x channels");
      set_weights(bound, value);
    }
    drop_none(bound, "precision", "all products are in the kernel's own precision");
    std::vector<Member> members;
    for (const auto& [key, argument] : bound)
      members.push_back({key, key == "pos_emb_decay_fn" ? decay(*argument) : *argument});
    return made(op, value, std::move(members));
  }

  // exp(2) is {"exp": 2}.
  Value decay(const Value& value) const {
    const Object* call = std::get_if<Object>(&value.data);
    if (!call) return value;
    if (call->members.size() != 1)
      fail(value, call->name + " takes the length of the decay, as in exp(2)");
    require_positional(*call, call->members.front());
    Object object;
    object.members.push_back({call->name, call->members.front().value});
    return {std::move(object), value.offset};
  }

  // The pattern is data of the call, and so is how it is stored.
  Value aggregate(const Value& value) {
    Bound bound = bind(value, signature_of("Aggregate"));
    drop_none(bound, "to_dense", "the pattern of each sample is given dense");
    take(bound, "implementation");
    std::vector<Member> members;
    for (const auto& [key, argument] : bound) members.push_back({key, *argument});
    return made("Aggregate", value, std::move(members));
  }

  // Index(Slice[:, 1:7:2]).
  Value index(const Value& value) {
    Bound bound = bind(value, signature_of("Index"));
    drop_axis(bound, "batch_axis", 0);
    drop_axis(bound, "channel_axis", -1);
    const Value* idx = argument(bound, "idx");
    const Object* slice = idx ? std::get_if<Object>(&idx->data) : nullptr;
    if (!slice || slice->name != kSubscript)
      fail(idx ? *idx : value, "Index takes ranges, as in Index(Slice[:, 1:7:2])");
    List slices;
    for (const Member& member : slice->members) {
      const bool ellipsis = std::holds_alternative<std::string>(member.value.data);
      if (ellipsis && &member != &slice->members.back())
        fail(member.value, "... may stand at the end only; write ':' for each axis it stands for");
      if (!ellipsis) slices.push_back(member.value);
    }
    return made("Slice", value, {{"slices", {std::move(slices), idx->offset}}});
  }

  void set_weights(Bound& bound, const Value& call) {
    const Value* given = take(bound, "parameterization");
    Value chosen = given ? lower_case(*given) : default_;
    if (chosen.offset == kNowhere) chosen.offset = call.offset;
    set_parameterization(chosen);
  }

  // --- arguments ---

  Calls positional(const Value& value, std::size_t from) {
    const Object& call = call_of(value);
    Calls calls;
    for (std::size_t i = from; i < call.members.size(); ++i) {
      require_positional(call, call.members[i]);
      calls.push_back(&call.members[i].value);
    }
    return calls;
  }

  Value lower_case(const Value& value) const {
    const std::string* name = std::get_if<std::string>(&value.data);
    if (!name) fail(value, "parameterization must be 'ntk' or 'standard', is " + describe(value));
    std::string lower = *name;
    for (char& c : lower)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return {std::move(lower), value.offset};
  }

  void set_parameterization(const Value& value) {
    if (!parameterization_) parameterization_ = value;
    const auto& first = std::get<std::string>(parameterization_->data);
    const auto& here = std::get<std::string>(value.data);
    if (here != first)
      fail(value, "a network has one parameterization: here it is " + in_quotes(here) +
                      ", before it was " + in_quotes(first));
  }

  static Value made(const std::string& op, const Value& call, std::vector<Member> members) {
    Object layer;
    layer.members.push_back({"op", {op, call.offset}});
    for (Member& member : members) layer.members.push_back(std::move(member));
    return {std::move(layer), call.offset};
  }

  std::optional<Value> parameterization_;  // of the first weight layer, or of the outermost serial
  Value default_;                          // of a weight layer that does not say
};

}  // namespace

Value document_of(const Value& expression, const std::string& text) {
  return Translator(text).document(expression);
}

}  // namespace ntk
