#include "src/cli/kernels_wanted.h"

#include "src/cli/flags.h"

namespace ntk::cli {

CLI::Option* add_architecture(CLI::App& command, std::string& target) {
  return add_text(command, "--arch", target, "A",
                  "the network: a file, JSON text, or an expression such as "
                  "\"serial(Dense(512), Relu(), Dense(1))\"");
}

CLI::Option* add_kernels_wanted(CLI::App& command, Get& target) {
  const auto read = [&target](const std::string& text) {
    bool nngp = false, ntk = false;
    for (const std::string& word : split(text, ",")) {
      const bool is_ntk = parse_choice("--get", word, {"nngp", "ntk"}) == 1;
      (is_ntk ? ntk : nngp) = true;
    }
    target = nngp && ntk ? Get::both : nngp ? Get::nngp : Get::ntk;
  };
  return add_parsed(command, "--get", read, "KERNELS",
                    "nngp, ntk, or nngp,ntk (default: nngp,ntk)");
}

std::size_t kernel_count(Get get) { return get == Get::both ? 2 : 1; }

const char* words_of(Get get) {
  if (get == Get::both) return "nngp,ntk";
  return get == Get::nngp ? "nngp" : "ntk";
}

std::string example_network(int outputs) {
  std::string text = "serial(Flatten(), ";
  for (int layer = 0; layer < 3; ++layer) text += "Dense(512, W_std=1.5, b_std=0.1), Relu(), ";
  return text + "Dense(" + std::to_string(outputs) + "))";
}

}  // namespace ntk::cli
