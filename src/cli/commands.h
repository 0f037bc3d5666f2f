// The commands of the program. Each adds its flags to the parser; when the command line named it,
// its action is what remains to be done.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>

#include "src/cli/common_flags.h"
#include "src/cli/console.h"

namespace ntk::cli {

struct Invocation {
  CommonFlags common;
  std::function<void(Console&)> action;
};

void add_gram_command(CLI::App& program, Invocation& invocation);
void add_fit_command(CLI::App& program, Invocation& invocation);
void add_predict_command(CLI::App& program, Invocation& invocation);
void add_info_command(CLI::App& program, Invocation& invocation);
void add_bench_command(CLI::App& program, Invocation& invocation);
void add_demo_command(CLI::App& program, Invocation& invocation);

// Of `ntk bench`.
void add_bench_gram(CLI::App& bench, Invocation& invocation);
void add_bench_solve(CLI::App& bench, Invocation& invocation);
void add_bench_fit(CLI::App& bench, Invocation& invocation);

// A command whose flags go to `flags`, and which runs `run(flags, console)`.
template <class Flags>
void set_action(CLI::App& command, Invocation& invocation, std::shared_ptr<Flags> flags,
                void (*run)(const Flags&, Console&)) {
  command.callback([&invocation, flags, run] {
    invocation.action = [flags, run](Console& console) { run(*flags, console); };
  });
}

// Throws UsageError when the flag is missing, in the words of all other errors.
void require_flag(const std::string& flag, bool given, const std::string& why);
void forbid_flag(const std::string& flag, bool given, const std::string& why);

}  // namespace ntk::cli
