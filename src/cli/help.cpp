#include "src/cli/help.h"

#include <algorithm>
#include <sstream>
#include <utility>
#include <vector>

namespace ntk::cli {
namespace {

constexpr std::size_t kWidth = 92;
using Entries = std::vector<std::pair<std::string, std::string>>;  // name and help

std::string wrapped(const std::string& text, std::size_t indent) {
  std::istringstream words(text);
  std::string word, lines;
  std::size_t column = indent;
  while (words >> word) {
    if (column > indent && column + 1 + word.size() > kWidth) {
      lines += '\n' + std::string(indent, ' ');
      column = indent;
    }
    if (column > indent) {
      lines += ' ';
      ++column;
    }
    lines += word;
    column += word.size();
  }
  return lines;
}

std::string listed(const std::string& title, const Entries& entries) {
  constexpr std::size_t kLongestName = 24;
  std::size_t longest = 0;
  for (const auto& [name, help] : entries) longest = std::max(longest, name.size());
  const std::size_t indent = 4 + std::min(longest, kLongestName);
  std::string text = '\n' + title + ":\n";
  for (const auto& [name, help] : entries) {
    text += "  " + name;
    text += name.size() + 4 > indent ? '\n' + std::string(indent, ' ')
                                     : std::string(indent - name.size() - 2, ' ');
    text += wrapped(help, indent) + '\n';
  }
  return text;
}

std::string written_name(const CLI::Option& option) {
  const std::string name = option.get_name(false, true);
  const std::string separated = CLI::detail::find_and_replace(name, ",", ", ");
  return option.get_type_size() == 0 ? separated : separated + ' ' + option.get_type_name();
}

// "ntk bench gram: kernel matrices, beside the product X X^T"
std::string title_of(const CLI::App& command) {
  std::string name = command.get_name();
  for (const CLI::App* parent = command.get_parent(); parent; parent = parent->get_parent())
    name.insert(0, parent->get_name() + ' ');
  return name + ": " + command.get_description();
}

std::string help_text(const CLI::App& command, const std::string& usage,
                      const std::string& example) {
  std::string text = wrapped(title_of(command), 0) + "\n\nUsage: " + usage + '\n';
  Entries commands;
  for (const CLI::App* sub : command.get_subcommands({}))
    commands.emplace_back(sub->get_name(), sub->get_description());
  if (!commands.empty()) text += listed("Commands", commands);
  for (const std::string& group : command.get_groups()) {
    Entries entries;
    for (const CLI::Option* option : command.get_options())
      if (option->get_group() == group)
        entries.emplace_back(written_name(*option), option->get_description());
    const bool own = group == "Options";  // what CLI11 calls flags without a group
    if (!entries.empty()) text += listed(own ? "Flags" : group, entries);
  }
  return text + "\nExample:\n  " + CLI::detail::find_and_replace(example, "\n", "\n  ") + '\n';
}

}  // namespace

void set_help(CLI::App& command, const std::string& usage, const std::string& example) {
  command.set_help_flag("-h,--help", "this text");
  command.formatter_fn(
      [usage, example](const CLI::App* app, const std::string&, CLI::AppFormatMode) {
        return help_text(*app, usage, example);
      });
}

}  // namespace ntk::cli
