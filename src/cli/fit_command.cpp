// ntk fit: a model from data, to a file.
#include "ntk/architecture.h"
#include "ntk/model.h"
#include "src/cli/commands.h"
#include "src/cli/data_summary.h"
#include "src/cli/files.h"
#include "src/cli/flags.h"
#include "src/cli/help.h"
#include "src/cli/interrupt.h"
#include "src/cli/kernels_wanted.h"
#include "src/io/file_kind.h"
#include "src/report/number.h"

namespace ntk::cli {
namespace {

struct FitFlags {
  std::string arch, x, gram, y, out;
  std::optional<KernelKind> kernel;  // of --kernel, one of these
  std::optional<ClassicalKernel> classical;
  std::optional<double> diag_reg, pseudo_inverse, max_jitter, mask_constant;
  bool diag_reg_absolute = false;
  Task task = Task::automatic;
  Normalize normalize = Normalize::none;
  Header header = Header::automatic;
  Solver solver = Solver::automatic;
  DType solve_dtype = DType::float64;
};

void check(const FitFlags& flags) {
  const bool from_gram = !flags.gram.empty();
  const std::string why = "with --gram: the matrix is the kernel";
  forbid_flag("--arch", from_gram && !flags.arch.empty(), why);
  forbid_flag("--x", from_gram && !flags.x.empty(), why);
  forbid_flag("--kernel", from_gram && (flags.kernel || flags.classical), why);
  forbid_flag("--arch", flags.classical && !flags.arch.empty(),
              "with a classical --kernel: it takes its place");
  require_flag("--arch", from_gram || flags.classical || !flags.arch.empty(),
               "(the network, such as \"serial(Dense(512), Relu(), Dense(1))\"; or a classical "
               "--kernel, or --gram)");
  require_flag("--x", from_gram || !flags.x.empty(),
               "(the training samples, a file such as x.npy, data.npz:x or table.csv; or --gram)");
  forbid_flag("--mask-constant", from_gram && flags.mask_constant, why);
  forbid_flag("--normalize", from_gram && flags.normalize != Normalize::none, why);
  require_flag("--y", !flags.y.empty() || (!from_gram && is_libsvm_path(flags.x)),
               "(the targets or labels, a file such as y.npy, data.npz:y or table.csv:column)");
  require_flag("--out", !flags.out.empty(), "(the file for the model, such as model.npz)");
  require_flag("--diag-reg", !flags.diag_reg_absolute || flags.diag_reg.has_value(),
               "for --diag-reg-absolute");
}

FitOptions options_of(const FitFlags& flags, Console& console, Device device) {
  FitOptions options;
  options.kernel = flags.kernel.value_or(KernelKind::ntk);
  options.diag_reg = flags.diag_reg.value_or(0);
  options.mask_constant = flags.mask_constant;
  options.diag_reg_absolute = flags.diag_reg_absolute;
  options.task = flags.task;
  options.normalize = flags.normalize;
  options.solver = flags.solver;
  options.pseudo_inverse_cutoff = flags.pseudo_inverse;
  options.max_jitter = flags.max_jitter.value_or(0);
  options.solve_dtype = flags.solve_dtype;
  options.dtype = console.flags().dtype;
  options.device = device;
  options.threads = static_cast<int>(console.flags().threads);
  options.memory_limit = console.flags().memory_limit;
  options.progress = console.progress();
  options.log = console.log();
  return options;
}

Json result_of(const FitFlags& flags, const Model& model, double seconds) {
  Json result = {{"command", "fit"},
                 {"out", flags.out},
                 {"task", model.is_classifier() ? "classification" : "regression"},
                 {"kernel", flags.gram.empty() ? Json(kernel_text(model)) : Json(nullptr)},
                 {"samples", model.training_count()},
                 {"outputs", model.output_count()},
                 {"ridge", model.ridge()},
                 {"solve_dtype", name_of(model.solve_dtype())}};
  if (model.is_classifier()) result["classes"] = classes_as_json(model);
  if (model.normalize() != Normalize::none)
    result["normalize"] = model.normalize() == Normalize::unit ? "unit" : "standard";
  if (model.architecture()) result["architecture"] = model.architecture()->to_expression();
  result["seconds"] = seconds;
  return result;
}

Dataset read_training_data(const FitFlags& flags, const CommonFlags& common) {
  ReadOptions options;
  options.dtype = common.dtype.value_or(DType::float64);
  options.header = flags.header;
  options.memory_limit = common.memory_limit;
  if (flags.gram.empty()) return read_data(flags.x, flags.y, options);
  return {read_input(flags.gram, options), read_target_values(flags.y, options)};
}

// Of an array the element type says what its whole numbers are; of text nothing does.
void require_task(const FitFlags& flags, const TargetValues& y) {
  if (flags.task != Task::automatic || !y.from_text || y.is_text()) return;
  throw UsageError("--task is needed: " + (flags.y.empty() ? flags.x : flags.y) +
                   " is a text file, whose numbers may be class labels (--task classification) or "
                   "amounts (--task regression)");
}

Model fit_model(const FitFlags& flags, const std::optional<Architecture>& architecture,
                const Dataset& data, const FitOptions& options) {
  const auto fit_to = [&](const auto& y) {
    if (flags.classical) return fit(*flags.classical, data.x, y, options);
    return architecture ? fit(*architecture, data.x, y, options) : fit_gram(data.x, y, options);
  };
  if (data.y.is_text()) return fit_to(data.y.texts);
  return fit_to(data.y.numbers.view());
}

void run_fit(const FitFlags& flags, Console& console) {
  check(flags);
  std::optional<Architecture> architecture;
  if (!flags.arch.empty()) architecture = parse_architecture(flags.arch);
  constexpr std::size_t kArraysInModel = 2;  // at least: a model is never an .npy file
  require_output(flags.out, kArraysInModel, 0);
  const Device device = console.device();
  const Dataset data = read_training_data(flags, console.flags());
  const bool from_gram = !flags.gram.empty();
  require_same_rows(from_gram ? "--gram" : "--x", from_gram ? flags.gram : flags.x, data.x,
                    flags.y.empty() ? flags.x : flags.y, data.y);
  require_task(flags, data.y);

  const FitOptions options = options_of(flags, console, device);
  const Stopwatch watch;
  const Model model = fit_model(flags, architecture, data, options);
  const double seconds = watch.seconds();
  throw_if_interrupted();
  model.save(flags.out);

  Json result = result_of(flags, model, seconds);
  describe_work(result, console, device);
  console.show(result, flags.out + '\n' + indented(model.summary()) + "fitted in " +
                           report::format_seconds(seconds) + " on " + name_of(device) + '\n');
}

void read_kernel(FitFlags& flags, const std::string& text) {
  if (text == "ntk")
    flags.kernel = KernelKind::ntk;
  else if (text == "nngp")
    flags.kernel = KernelKind::nngp;
  else
    flags.classical = parse_classical("--kernel", text, {"ntk", "nngp"});
}

void add_fit_flags(CLI::App& command, FitFlags& flags) {
  add_architecture(command, flags.arch);
  add_text(command, "--x", flags.x, "X",
           "training samples, one a row: x.npy, data.npz:name, x.csv, x.tsv, or x.libsvm, which "
           "holds labels, too");
  add_text(command, "--gram", flags.gram, "K",
           "a symmetric kernel matrix of any origin, in place of --arch and --x");
  add_text(command, "--y", flags.y, "Y",
           "targets (N or N x outputs), or N labels, integers or text; data.csv:name is a column, "
           "which x leaves out if it is in the same file");
  add_parsed(
      command, "--kernel", [&flags](const std::string& text) { read_kernel(flags, text); }, "KIND",
      "of the network, ntk: all layers trained; nngp: only the last one (default: ntk). Or, in "
      "place of --arch, a classical kernel: rbf:gamma=G, laplace:length=L, matern:nu=1.5,length=L "
      "or polynomial:degree=3,gamma=G,coef0=1 (without gamma or length: from the median distance "
      "of the samples)");
  add_number(command, "--diag-reg", flags.diag_reg, "R",
             "ridge, relative to the mean of the kernel's diagonal (default: 0)");
  add_switch(command, "--diag-reg-absolute", flags.diag_reg_absolute,
             "the ridge is added as it is");
  add_choice(command, "--task", flags.task,
             std::vector<std::pair<std::string, Task>>{{"auto", Task::automatic},
                                                       {"classification", Task::classification},
                                                       {"regression", Task::regression}},
             "TASK",
             "auto, classification or regression (default: auto, which takes integers in arrays, "
             "and text, for class labels; numbers in text files need it said)");
  add_choice(
      command, "--normalize", flags.normalize,
      std::vector<std::pair<std::string, Normalize>>{
          {"none", Normalize::none}, {"unit", Normalize::unit}, {"standard", Normalize::standard}},
      "HOW",
      "of samples: none, unit (each to length 1) or standard (each feature to mean 0 and "
      "deviation 1); predict does the same (default: none)");
  add_header_flag(command, flags.header);
  add_choice(
      command, "--solver", flags.solver,
      std::vector<std::pair<std::string, Solver>>{
          {"auto", Solver::automatic}, {"cholesky", Solver::cholesky}, {"eigen", Solver::eigen}},
      "SOLVER", "auto, cholesky or eigen (default: auto); eigen serves finite times fastest");
  add_choice(command, "--solve-dtype", flags.solve_dtype,
             std::vector<std::pair<std::string, DType>>{{"float64", DType::float64},
                                                        {"float32", DType::float32}},
             "T",
             "precision of the Cholesky factor: float64 or float32, from which the mean is refined "
             "to float64 accuracy; where that fails, the factor is float64 (default: float64)");
  add_number(command, "--mask-constant", flags.mask_constant, "C",
             "pixels of images or sequences whose channels all have this value are not there");
  add_number(command, "--pseudo-inverse", flags.pseudo_inverse, "CUTOFF",
             "the ridgeless limit: eigenvalues up to CUTOFF times the largest count as zero");
  add_number(command, "--max-jitter", flags.max_jitter, "R",
             "allow jitter up to R times the mean diagonal if the kernel is not positive definite "
             "(default: 0, none)");
  add_text(command, "--out", flags.out, "FILE", "the model's file, .npz");
}

}  // namespace

void add_fit_command(CLI::App& program, Invocation& invocation) {
  const auto flags = std::make_shared<FitFlags>();
  CLI::App& command =
      *program.add_subcommand("fit", "fit an infinitely wide network, or another kernel, to data");
  set_help(command,
           "ntk fit --arch A --x X --y Y --out model.npz [flags]\n"
           "       ntk fit --kernel K --x X --y Y --out model.npz [flags]",
           "ntk fit --arch \"serial(Flatten(), Dense(512, W_std=1.5), Relu(), Dense(10))\" \\\n"
           "  --x examples/data/digits.npz:x_train --y examples/data/digits.npz:y_train \\\n"
           "  --diag-reg 1e-4 --out model.npz\n"
           "ntk fit --kernel rbf --x examples/data/digits.npz:x_train \\\n"
           "  --y examples/data/digits.npz:y_train --diag-reg 1e-4 --out rbf.npz");
  add_fit_flags(command, *flags);
  add_common_flags(command, invocation.common,
                   "precision of the kernel's arithmetic (default: that of the data); that of "
                   "solves is --solve-dtype");
  set_action(command, invocation, flags, run_fit);
}

}  // namespace ntk::cli
