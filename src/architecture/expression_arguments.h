// The arguments of a call in an expression, by name.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "src/architecture/value.h"

namespace ntk {

// Which arguments a call takes: those that may be positional, in order, then keywords alone.
struct Signature {
  std::vector<std::string> positional;
  std::vector<std::string> keywords = {};
};

// Of a layer, as neural_tangents.stax has it.
Signature signature_of(const std::string& op);

using Bound = std::vector<std::pair<std::string, const Value*>>;

// All functions throw UsageError naming the column.
class ArgumentBinder {
 public:
  explicit ArgumentBinder(const std::string& text) : text_(text) {}

  const Object& call_of(const Value& value) const;
  Bound bind(const Value& call, const Signature& signature) const;
  void require_positional(const Object& call, const Member& member) const;

  static const Value* argument(const Bound& bound, const std::string& key);  // null: not given
  // The argument, which is then no longer in `bound`; null: it was not given.
  static const Value* take(Bound& bound, const std::string& key);
  // Arguments that must be what they are by default.
  void drop_axis(Bound& bound, const std::string& key, std::int64_t only) const;
  void drop_none(Bound& bound, const std::string& key, const std::string& why) const;

  [[noreturn]] void fail(const Value& value, const std::string& what) const;

 private:
  const std::string& text_;
};

}  // namespace ntk
