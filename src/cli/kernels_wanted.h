// Flags about networks and kernels that several commands share.
#pragma once

#include <CLI/CLI.hpp>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "ntk/gram.h"
#include "ntk/model.h"

namespace ntk::cli {

CLI::Option* add_architecture(CLI::App& command, std::string& target);
// A classical kernel in the network's place: --kernel rbf:gamma=0.5.
CLI::Option* add_classical(CLI::App& command, std::optional<ClassicalKernel>& target);
// parse_kernel with the flag named in errors; `also_known` are other words that the flag takes.
ClassicalKernel parse_classical(const std::string& flag, const std::string& text,
                                const std::vector<std::string>& also_known);
// `ntk`, `nngp` or the classical kernel of a model that was fitted to samples.
std::string kernel_text(const Model& model);
CLI::Option* add_kernels_wanted(CLI::App& command, Get& target);  // --get nngp,ntk

std::size_t kernel_count(Get get);
const char* words_of(Get get);  // "nngp,ntk"

// Three hidden layers of ReLU: the network of benchmarks and of the demo.
std::string example_network(int outputs);

}  // namespace ntk::cli
