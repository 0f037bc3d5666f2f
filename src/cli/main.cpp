#include "src/cli/program.h"

int main(int argc, char** argv) { return ntk::cli::run_program(argc, argv); }
