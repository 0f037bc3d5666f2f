// Where an architecture came from, so that an error can say where it went wrong: a place such as
// "layers[2].branches[0][1].W_std", and for an expression the column as well.
#pragma once

#include <string>

#include "src/architecture/value.h"

namespace ntk {

std::string join_key(const std::string& place, const std::string& key);
std::string join_index(const std::string& place, std::size_t index);

// "column 17", or "line 2, column 17" when the text has several lines.
std::string position_in(const std::string& text, std::size_t offset);
// Throws UsageError "architecture: column 17: <what>".
[[noreturn]] void fail_at(const std::string& text, std::size_t offset, const std::string& what);

class Source {
 public:
  Source() = default;  // JSON, or built by code: places alone
  // An expression and the document it stands for. Both must outlive this.
  Source(const std::string& text, const Value& document) : text_(&text), document_(&document) {}

  // Throws UsageError "architecture: <where>: <what>".
  [[noreturn]] void fail(const std::string& place, const std::string& what) const;

 private:
  const std::string* text_ = nullptr;
  const Value* document_ = nullptr;
};

}  // namespace ntk
