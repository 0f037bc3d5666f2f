// ntk bench: measures this machine; no file is written.
#include "src/cli/commands.h"
#include "src/cli/help.h"

namespace ntk::cli {

void add_bench_command(CLI::App& program, Invocation& invocation) {
  CLI::App& bench = *program.add_subcommand("bench", "measure this machine on made-up data");
  set_help(bench, "ntk bench COMMAND [flags]", "ntk bench gram --shape 1024,784 --json");
  bench.require_subcommand(1);
  add_bench_gram(bench, invocation);
  add_bench_solve(bench, invocation);
  add_bench_fit(bench, invocation);
}

}  // namespace ntk::cli
