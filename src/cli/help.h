// The text of --help.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace ntk::cli {

// `usage` is the line after "Usage:", `example` a command line that works when it is pasted in the
// project's root.
void set_help(CLI::App& command, const std::string& usage, const std::string& example);

}  // namespace ntk::cli
