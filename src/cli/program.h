// The program `ntk`: the command line in, an exit code out.
#pragma once

namespace ntk::cli {

// Exit codes: those of ErrorKind, 0 when all was done, and 70 for a fault in the program itself.
int run_program(int argc, char** argv);

}  // namespace ntk::cli
