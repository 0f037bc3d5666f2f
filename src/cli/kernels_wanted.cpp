#include "src/cli/kernels_wanted.h"

#include <algorithm>

#include "ntk/error.h"
#include "src/architecture/kernel_names.h"
#include "src/architecture/names.h"
#include "src/cli/flags.h"

namespace ntk::cli {

CLI::Option* add_architecture(CLI::App& command, std::string& target) {
  return add_text(command, "--arch", target, "A",
                  "the network: a file, JSON text, or an expression such as "
                  "\"serial(Dense(512), Relu(), Dense(1))\" or \"CNTK(20)\"");
}

ClassicalKernel parse_classical(const std::string& flag, const std::string& text,
                                const std::vector<std::string>& also_known) {
  std::vector<std::string> known = classical_names();
  const std::string name = text.substr(0, text.find(':'));
  const bool is_known = std::find(known.begin(), known.end(), name) != known.end();
  known.insert(known.end(), also_known.begin(), also_known.end());
  if (!is_known) throw UsageError(flag + ": " + unknown_name("kernel", name, known));
  try {
    return parse_kernel(text);
  } catch (const UsageError& error) {
    throw UsageError(flag + ": " + error.what());
  }
}

CLI::Option* add_classical(CLI::App& command, std::optional<ClassicalKernel>& target) {
  const auto read = [&target](const std::string& text) {
    if (text == "ntk" || text == "nngp")
      throw UsageError("--kernel: " + text + " is a kernel of networks: give --arch and --get " +
                       text);
    target = parse_classical("--kernel", text, {});
  };
  return add_parsed(command, "--kernel", read, "K",
                    "a classical kernel in place of --arch: rbf:gamma=G, laplace:length=L, "
                    "matern:nu=1.5,length=L or polynomial:degree=3,gamma=G,coef0=1 (without gamma "
                    "or length: from the median distance of samples, those of --x2 if given)");
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

std::string kernel_text(const Model& model) {
  if (model.classical_kernel()) return model.classical_kernel()->to_text();
  return model.kernel() == KernelKind::ntk ? "ntk" : "nngp";
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
