// ntk bench fit: a whole fit and prediction with covariance.
#include "ntk/architecture.h"
#include "ntk/model.h"
#include "src/base/large_memory.h"
#include "src/cli/commands.h"
#include "src/cli/flags.h"
#include "src/cli/help.h"
#include "src/cli/kernels_wanted.h"
#include "src/cli/measure.h"
#include "src/report/table.h"

namespace ntk::cli {
namespace {

struct BenchFitFlags {
  std::string arch = example_network(10);
  Shape shape = {2000, 500, 784, 10};
  std::int64_t repeats = 3;
  std::int64_t seed = 1;
  KernelKind kernel = KernelKind::ntk;
  Cov cov = Cov::full;
  DType solve_dtype = DType::float64;
};

struct Measured {
  Timing fit, predict;
};

constexpr double kDiagReg = 1e-4;

Measured measure_all(const BenchFitFlags& flags, const Architecture& architecture,
                     const FitOptions& fit_options, const PredictOptions& predict_options,
                     DType dtype) {
  const auto seed = static_cast<std::uint64_t>(flags.seed);
  const std::int64_t n = flags.shape[0], m = flags.shape[1], d = flags.shape[2];
  const Array x = random_normal(dtype, {n, d}, seed);
  const Array x_test = random_normal(dtype, {m, d}, seed + 1);
  const Array y = random_normal(DType::float64, {n, flags.shape[3]}, seed + 2);
  std::optional<Model> model;
  Measured measured;
  measured.fit = measure(flags.repeats, [&] { model = fit(architecture, x, y, fit_options); });
  measured.predict = measure(flags.repeats, [&] { (void)model->predict(x_test, predict_options); });
  return measured;
}

void show(Console& console, const BenchFitFlags& flags, const Architecture& architecture,
          DType dtype, Device device, const Measured& measured) {
  const std::size_t peak = peak_memory();
  Json result = {
      {"command", "bench fit"},  {"architecture", architecture.to_expression()},
      {"shape", flags.shape},    {"kernel", flags.kernel == KernelKind::ntk ? "ntk" : "nngp"},
      {"dtype", name_of(dtype)}, {"solve_dtype", name_of(flags.solve_dtype)},
      {"diag_reg", kDiagReg},    {"repeats", flags.repeats},
      {"seed", flags.seed}};
  const double total = measured.fit.median() + measured.predict.median();
  result["seconds"] = total;
  add_timing(result, "fit_seconds", measured.fit);
  add_timing(result, "predict_seconds", measured.predict);
  result["peak_memory_bytes"] = peak;
  describe_work(result, console, device);

  report::Table table({{""}, {""}});
  table.add_row({"network", architecture.to_expression()});
  table.add_row({"training", std::to_string(flags.shape[0]) + " samples, " +
                                 std::to_string(flags.shape[2]) + " wide, " +
                                 std::to_string(flags.shape[3]) + " outputs, " + name_of(dtype)});
  table.add_row({"test", std::to_string(flags.shape[1]) + " samples"});
  table.add_row({"device", std::string(name_of(device)) + ", " +
                               std::to_string(thread_count(console.flags())) + " threads"});
  table.add_row({"fit", timing_text(measured.fit)});
  table.add_row({"predict", timing_text(measured.predict)});
  table.add_row({"peak memory", format_bytes(peak)});
  console.show(result, table.to_text());
}

void run_bench_fit(const BenchFitFlags& flags, Console& console) {
  if (flags.shape.size() != 4)
    throw UsageError("--shape: expected N,M,d,O: training and test samples, width, outputs");
  const Architecture architecture = parse_architecture(flags.arch);
  const Device device = console.device();
  const DType dtype = console.flags().dtype.value_or(DType::float32);
  FitOptions fit_options;
  fit_options.kernel = flags.kernel;
  fit_options.diag_reg = kDiagReg;
  fit_options.task = Task::regression;
  fit_options.dtype = dtype;
  fit_options.solve_dtype = flags.solve_dtype;
  fit_options.device = device;
  fit_options.threads = static_cast<int>(console.flags().threads);
  fit_options.memory_limit = console.flags().memory_limit;
  fit_options.progress = console.progress();
  PredictOptions predict_options;
  predict_options.cov = flags.cov;
  predict_options.device = device;
  predict_options.threads = fit_options.threads;
  predict_options.memory_limit = fit_options.memory_limit;
  predict_options.progress = console.progress();
  const Measured measured = measure_all(flags, architecture, fit_options, predict_options, dtype);
  show(console, flags, architecture, dtype, device, measured);
}

}  // namespace

void add_bench_fit(CLI::App& bench, Invocation& invocation) {
  const auto flags = std::make_shared<BenchFitFlags>();
  CLI::App& command = *bench.add_subcommand("fit", "fit, then predict with covariance");
  set_help(command, "ntk bench fit [--arch A] [--shape N,M,d,O] [flags]",
           "ntk bench fit --shape 500,100,64,10");
  add_text(command, "--arch", flags->arch, "A",
           "the network (default: three hidden layers of ReLU)");
  add_parsed(
      command, "--shape",
      [flags](const std::string& text) { flags->shape = parse_shape("--shape", text); }, "N,M,d,O",
      "training and test samples, width, outputs (default: 2000,500,784,10)");
  add_choice(command, "--kernel", flags->kernel,
             std::vector<std::pair<std::string, KernelKind>>{{"ntk", KernelKind::ntk},
                                                             {"nngp", KernelKind::nngp}},
             "KIND", "ntk or nngp (default: ntk)");
  add_choice(command, "--cov", flags->cov,
             std::vector<std::pair<std::string, Cov>>{
                 {"none", Cov::none}, {"diag", Cov::diag}, {"full", Cov::full}},
             "COV", "none, diag or full (default: full)");
  add_choice(command, "--solve-dtype", flags->solve_dtype,
             std::vector<std::pair<std::string, DType>>{{"float64", DType::float64},
                                                        {"float32", DType::float32}},
             "T", "precision of the Cholesky factor, float64 or float32 (default: float64)");
  add_integer(command, "--repeats", flags->repeats, 1, "N",
              "repetitions after one to warm up (default: 3)");
  add_integer(command, "--seed", flags->seed, 0, "N", "of the samples (default: 1)");
  add_common_flags(command, invocation.common, "of the samples and the kernel (default: float32)");
  set_action(command, invocation, flags, run_bench_fit);
}

}  // namespace ntk::cli
