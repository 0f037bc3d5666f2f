// Flags of a command: their names, the words that stand for their values, and their help.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "src/cli/values.h"

namespace ntk::cli {

// `value` is the word for the flag's value in the help: --arch A.
CLI::Option* add_text(CLI::App& command, const std::string& name, std::string& target,
                      const std::string& value, const std::string& help);
CLI::Option* add_number(CLI::App& command, const std::string& name, std::optional<double>& target,
                        const std::string& value, const std::string& help);
CLI::Option* add_integer(CLI::App& command, const std::string& name, std::int64_t& target,
                         std::int64_t lowest, const std::string& value, const std::string& help);
CLI::Option* add_switch(CLI::App& command, const std::string& name, bool& target,
                        const std::string& help);
// A flag whose text goes through `read`.
CLI::Option* add_parsed(CLI::App& command, const std::string& name,
                        const std::function<void(const std::string&)>& read,
                        const std::string& value, const std::string& help);

// One of a few words, each standing for a value.
template <class T>
CLI::Option* add_choice(CLI::App& command, const std::string& name, T& target,
                        const std::vector<std::pair<std::string, T>>& choices,
                        const std::string& value, const std::string& help) {
  const auto read = [name, choices, &target](const std::string& text) {
    std::vector<std::string> words;
    for (const auto& choice : choices) words.push_back(choice.first);
    target = choices[parse_choice(name, text, words)].second;
  };
  return add_parsed(command, name, read, value, help);
}

}  // namespace ntk::cli
