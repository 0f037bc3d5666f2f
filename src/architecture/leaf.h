// What a layer without layers inside says of itself in text.
#pragma once

#include <string>
#include <vector>

#include "ntk/architecture.h"
#include "src/architecture/writer.h"

namespace ntk {

// How the two languages spell the same things.
struct Spelling {
  enum class Language { json, python } language;
  const char *no, *yes, *nothing;
  char open_list, close_list;
  char quote;
  Functions functions = Functions::as_table;
};
constexpr Spelling kJson = {Spelling::Language::json, "false", "true", "null", '[', ']', '"'};
constexpr Spelling kPython = {Spelling::Language::python, "False", "True", "None", '(', ')', '\''};

// In Python a required one is positional.
struct Field {
  std::string key, text;
  bool required;
};

// Without the defaults.
struct Leaf {
  std::string op;
  std::vector<Field> fields;
};

Leaf leaf_of(const DenseLayer& layer, const Spelling& spelling);
Leaf leaf_of(const ConvLayer& layer, const Spelling& spelling);
Leaf leaf_of(const ConvTransposeLayer& layer, const Spelling& spelling);
Leaf leaf_of(const ConvLocalLayer& layer, const Spelling& spelling);
Leaf leaf_of(const PoolLayer& layer, const Spelling& spelling);
Leaf leaf_of(const GlobalPoolLayer& layer, const Spelling& spelling);
Leaf leaf_of(const GlobalSelfAttentionLayer& layer, const Spelling& spelling);
Leaf leaf_of(const AggregateLayer& layer, const Spelling& spelling);
Leaf leaf_of(const ImageResizeLayer& layer, const Spelling& spelling);
Leaf leaf_of(const SliceLayer& layer, const Spelling& spelling);
Leaf leaf_of(const ActivationLayer& layer, const Spelling& spelling);
Leaf leaf_of(const LayerNormLayer& layer, const Spelling& spelling);
Leaf leaf_of(const DropoutLayer& layer, const Spelling& spelling);
Leaf leaf_of(const IdentityLayer& layer, const Spelling& spelling);
Leaf leaf_of(const FlattenLayer& layer, const Spelling& spelling);

}  // namespace ntk
