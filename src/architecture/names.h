// Names that texts may use, and what to say about those they may not.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ntk/architecture.h"

namespace ntk {

// Every op that an architecture may hold.
const std::vector<std::string>& supported_ops();
// Ops of neural_tangents that libntk means to have and does not have yet.
bool is_planned_op(std::string_view name);

const std::vector<std::string>& join_names();
std::optional<Join> find_join(std::string_view name);
const std::string& name_of(Join join);
const std::vector<std::string>& padding_names();
std::optional<Padding> find_padding(std::string_view name);
const std::string& name_of(Padding padding);
const char* name_of(DropoutMode mode);
std::string op_name(const PoolLayer& layer);        // AvgPool, SumPool
std::string op_name(const GlobalPoolLayer& layer);  // GlobalAvgPool, GlobalSumPool
const std::vector<std::string>& mechanism_names();
std::optional<AttentionMechanism> find_mechanism(std::string_view name);
const std::string& name_of(AttentionMechanism mechanism);
const std::vector<std::string>& embedding_names();
std::optional<PositionalEmbedding> find_embedding(std::string_view name);
const std::string& name_of(PositionalEmbedding embedding);
const std::vector<std::string>& decay_names();
std::optional<PositionalDecay::Kind> find_decay(std::string_view name);
const std::string& name_of(PositionalDecay::Kind decay);
// Of ImageResize, with what jax.image.resize also calls them.
const std::vector<std::string>& resize_method_names();
std::optional<ResizeMethod> find_resize_method(std::string_view name);
std::string name_of(ResizeMethod method);
// Whether the op says parameterization= in the expressions of neural_tangents.
bool has_parameterization(std::string_view op);

// In double quotes, cut when long, without control characters.
std::string in_quotes(std::string_view text, std::size_t longest = 40);
std::string comma_separated(const std::vector<std::string>& names);

// The known name that takes the fewest edits, upper and lower case being alike except to break
// ties; empty when all are far off.
std::string nearest_name(std::string_view name, const std::vector<std::string>& known);

// `unknown key "w_std"; nearest known name: W_std`, or all that are known when none is near.
std::string unknown_name(const std::string& kind, std::string_view name,
                         const std::vector<std::string>& known);
// The same for an op; `also_known` are names that only the text at hand may use. A planned op is
// not unknown, and the text says so.
std::string unusable_op(std::string_view name, const std::vector<std::string>& also_known = {});

}  // namespace ntk
