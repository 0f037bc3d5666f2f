#include "src/architecture/parse.h"

#include <filesystem>
#include <fstream>

#include "src/architecture/check.h"
#include "src/architecture/expression_layers.h"
#include "src/architecture/expression_text.h"
#include "src/architecture/json_text.h"
#include "src/architecture/names.h"
#include "src/architecture/reader.h"

namespace ntk {
namespace {

constexpr const char* kByteOrderMark = "\xEF\xBB\xBF";

Architecture from_json(const std::string& text) {
  Document document = read_document(parse_json(text), Source());
  return Architecture(std::move(document.layers), document.parameterization);
}

Architecture from_expression(const std::string& text) {
  const Value root = document_of(parse_expression(text), text);
  const Source source(text, root);
  Document document = read_document(root, source);
  // The constructor checks again, but it does not know the columns.
  check_layers(document.layers, document.parameterization, source);
  return Architecture(std::move(document.layers), document.parameterization);
}

std::string named(const std::string& path) { return in_quotes(path, 500); }

void require_size(const std::string& text) {
  if (text.size() > kLargestText)
    throw UsageError("architecture: the text is longer than " + std::to_string(kLargestText >> 20) +
                     " MiB");
}

// Null: there is no such file. Anything but a regular file is read as far as an architecture goes.
std::optional<std::string> read_file(const std::string& path) {
  std::error_code error;
  if (path.size() > 4096 || path.find('\0') != std::string::npos ||
      !std::filesystem::exists(path, error))
    return std::nullopt;
  if (std::filesystem::is_directory(path, error))
    throw DataError(named(path) + " is a directory, not an architecture's file");
  std::ifstream file(path, std::ios::binary);
  if (!file) throw DataError("cannot read the architecture's file " + named(path));
  std::string text;
  char buffer[1 << 16];
  while (text.size() <= kLargestText && (file.read(buffer, sizeof buffer) || file.gcount() > 0))
    text.append(buffer, static_cast<std::size_t>(file.gcount()));
  if (file.bad()) throw DataError("cannot read the architecture's file " + named(path));
  return text;
}

Architecture from_file(const std::string& path) {
  const std::optional<std::string> text = read_file(path);
  if (!text)
    throw DataError(
        "architecture: there is no file " + named(path) +
        ", and it is neither JSON ({\"ntk_architecture\": 1, \"layers\": [...]}) nor an "
        "expression (serial(Dense(512), Relu(), Dense(1)))");
  try {
    return parse_architecture_text(*text);
  } catch (const UsageError& error) {
    throw UsageError("file " + named(path) + ": " + error.what());
  }
}

}  // namespace

TextKind kind_of_text(const std::string& text) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string::npos) return TextKind::neither;
  if (text[begin] == '{' || text[begin] == '[') return TextKind::json;
  return begins_with_call(text) ? TextKind::expression : TextKind::neither;
}

Architecture parse_architecture_text(const std::string& text) {
  require_size(text);
  if (text.rfind(kByteOrderMark, 0) == 0) return parse_architecture_text(text.substr(3));
  switch (kind_of_text(text)) {
    case TextKind::json:
      return from_json(text);
    case TextKind::expression:
      return from_expression(text);
    case TextKind::neither:
      break;
  }
  throw UsageError("architecture: the text " + in_quotes(text) +
                   " is neither JSON (which begins with {) nor an expression (which begins with a "
                   "layer's name and a bracket, as in serial(Dense(1)))");
}

Architecture parse_architecture(const std::string& text_or_file) {
  require_size(text_or_file);
  if (text_or_file.rfind(kByteOrderMark, 0) == 0) return parse_architecture_text(text_or_file);
  const TextKind kind = kind_of_text(text_or_file);
  if (kind == TextKind::json) return from_json(text_or_file);
  // "net(2).json" begins as an expression does.
  std::error_code error;
  const bool may_be_file =
      kind == TextKind::neither ||
      (text_or_file.size() < 256 && std::filesystem::exists(text_or_file, error));
  return may_be_file ? from_file(text_or_file) : from_expression(text_or_file);
}

}  // namespace ntk
