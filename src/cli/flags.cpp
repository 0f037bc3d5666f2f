#include "src/cli/flags.h"

namespace ntk::cli {

CLI::Option* add_parsed(CLI::App& command, const std::string& name,
                        const std::function<void(const std::string&)>& read,
                        const std::string& value, const std::string& help) {
  return command.add_option_function<std::string>(name, read, help)->type_name(value);
}

CLI::Option* add_text(CLI::App& command, const std::string& name, std::string& target,
                      const std::string& value, const std::string& help) {
  const auto read = [name, &target](const std::string& text) {
    if (text.empty()) throw UsageError(name + ": its value is empty");
    target = text;
  };
  return add_parsed(command, name, read, value, help);
}

CLI::Option* add_number(CLI::App& command, const std::string& name, std::optional<double>& target,
                        const std::string& value, const std::string& help) {
  return add_parsed(
      command, name,
      [name, &target](const std::string& text) { target = parse_number(name, text); }, value, help);
}

CLI::Option* add_integer(CLI::App& command, const std::string& name, std::int64_t& target,
                         std::int64_t lowest, const std::string& value, const std::string& help) {
  return add_parsed(
      command, name,
      [name, lowest, &target](const std::string& text) {
        target = parse_integer(name, text, lowest);
      },
      value, help);
}

CLI::Option* add_switch(CLI::App& command, const std::string& name, bool& target,
                        const std::string& help) {
  return command.add_flag(name, target, help);
}

}  // namespace ntk::cli
