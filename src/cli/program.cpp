#include "src/cli/program.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <new>

#include "ntk/error.h"
#include "src/architecture/names.h"
#include "src/cli/commands.h"
#include "src/cli/help.h"
#include "src/cli/interrupt.h"

namespace ntk::cli {
namespace {

constexpr int kInternalFault = 70;

const char* name_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::data:
      return "data";
    case ErrorKind::usage:
      return "usage";
    case ErrorKind::numerical:
      return "numerical";
    case ErrorKind::device:
      return "device";
    case ErrorKind::memory:
      return "memory";
    case ErrorKind::cancelled:
      return "cancelled";
  }
  return "unknown";
}

// The command line may be what is wrong: so it is looked at without the parser.
bool wants_json(int argc, char** argv) {
  return std::any_of(argv, argv + argc,
                     [](const char* argument) { return std::strcmp(argument, "--json") == 0; });
}

int fail(bool json, const char* kind, int exit_code, const std::string& message) {
  const std::string line = one_line(message);
  std::fprintf(stderr, "ntk: %s\n", line.c_str());
  if (json) {
    const Json error = {{"error", {{"kind", kind}, {"message", line}, {"exit_code", exit_code}}}};
    try {
      write_to_stdout(error.dump(2, ' ', false, Json::error_handler_t::replace) + '\n');
    } catch (const Error&) {
      // Standard output is gone; the line on standard error has said it.
    }
  }
  return exit_code;
}

// The innermost command that the command line named.
const CLI::App& named_command(const CLI::App& program) {
  const CLI::App* command = &program;
  while (!command->get_subcommands().empty()) command = command->get_subcommands().front();
  return *command;
}

std::string full_name(const CLI::App& command) {
  const CLI::App* parent = command.get_parent();
  return parent == nullptr ? "ntk" : full_name(*parent) + ' ' + command.get_name();
}

std::string with_nearest(const std::string& message, const std::string& name,
                         const std::vector<std::string>& known) {
  const std::string near = nearest_name(name, known);
  return near.empty() ? message : message + "; did you mean " + near + "?";
}

std::vector<std::string> names_of_commands(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::App* sub : command.get_subcommands({})) names.push_back(sub->get_name());
  return names;
}

std::string joined(const std::vector<std::string>& words) {
  std::string list;
  for (const std::string& word : words) list += (list.empty() ? "" : ", ") + word;
  return list;
}

std::string about_unknown_word(const CLI::App& command, const std::string& word) {
  std::vector<std::string> known;
  if (word.rfind('-', 0) == 0) {
    for (const CLI::Option* option : command.get_options())
      known.push_back(option->get_name(false, false));
    const std::string flag = word.substr(0, word.find('='));
    return with_nearest("unknown flag " + flag, flag, known);
  }
  known = names_of_commands(command);
  if (known.empty()) return "unexpected argument " + in_quotes(word);
  const std::string message = "unknown command " + in_quotes(word);
  const std::string with_guess = with_nearest(message, word, known);
  return with_guess != message ? with_guess : message + "; there are " + joined(known);
}

// CLI11 says "--x: 1 required X missing" and the like.
std::string about_values(const CLI::ArgumentMismatch& error) {
  const std::string text = error.what();
  const std::string flag = text.substr(0, text.find(':'));
  const auto says = [&](const char* words) { return text.find(words) != std::string::npos; };
  if (says("missing")) return flag + " needs a value";
  return says("At Most") ? flag + " is given more than once" : text;
}

std::string usage_message(const CLI::App& program, const CLI::ParseError& error) {
  const CLI::App& command = named_command(program);
  const std::string see = " (see " + full_name(command) + " --help)";
  const std::vector<std::string> extras = program.remaining(true);
  std::string message = error.what();
  if (const auto* mismatch = dynamic_cast<const CLI::ArgumentMismatch*>(&error))
    message = about_values(*mismatch);
  if (!extras.empty())
    message = about_unknown_word(command, extras.front());
  else if (!command.get_subcommands({}).empty() && command.get_subcommands().empty())
    message = "a command is needed: " + joined(names_of_commands(command));
  return message + see;
}

void add_commands(CLI::App& program, Invocation& invocation) {
  set_help(program, "ntk COMMAND [flags]      (ntk COMMAND --help tells more)", "ntk demo");
  program.set_version_flag("--version", std::string("ntk ") + NTK_VERSION, "the version");
  program.require_subcommand(1);
  add_gram_command(program, invocation);
  add_fit_command(program, invocation);
  add_predict_command(program, invocation);
  add_info_command(program, invocation);
  add_bench_command(program, invocation);
  add_demo_command(program, invocation);
}

int run(int argc, char** argv, bool json) {
  CLI::App program(
      "exact kernels of infinitely wide neural networks, and the predictions that "
      "follow from them",
      "ntk");
  Invocation invocation;
  add_commands(program, invocation);
  try {
    program.parse(argc, argv);
  } catch (const CLI::Success& success) {  // --help, --version
    return program.exit(success);
  } catch (const CLI::ParseError& error) {
    return fail(json, name_of(ErrorKind::usage), static_cast<int>(ErrorKind::usage),
                usage_message(program, error));
  }
  Console console(invocation.common);
  invocation.action(console);
  return 0;
}

}  // namespace

void require_flag(const std::string& flag, bool given, const std::string& why) {
  if (!given) throw UsageError(flag + " is needed " + why);
}

void forbid_flag(const std::string& flag, bool given, const std::string& why) {
  if (given) throw UsageError(flag + " does not go " + why);
}

int run_program(int argc, char** argv) {
  install_interrupt_handler();
  const bool json = wants_json(argc, argv);
  try {
    return run(argc, argv, json);
  } catch (const Error& error) {
    return fail(json, name_of(error.kind()), static_cast<int>(error.kind()), error.what());
  } catch (const std::bad_alloc&) {
    return fail(json, name_of(ErrorKind::memory), static_cast<int>(ErrorKind::memory),
                "the system has no memory left");
  } catch (const std::exception& error) {
    return fail(json, "internal", kInternalFault,
                std::string("a fault in libntk itself: ") + error.what());
  }
}

}  // namespace ntk::cli
