// Flags about networks and kernels that several commands share.
#pragma once

#include <CLI/CLI.hpp>
#include <cstddef>
#include <string>

#include "ntk/gram.h"

namespace ntk::cli {

CLI::Option* add_architecture(CLI::App& command, std::string& target);
CLI::Option* add_kernels_wanted(CLI::App& command, Get& target);  // --get nngp,ntk

std::size_t kernel_count(Get get);
const char* words_of(Get get);  // "nngp,ntk"

// Three hidden layers of ReLU: the network of benchmarks and of the demo.
std::string example_network(int outputs);

}  // namespace ntk::cli
