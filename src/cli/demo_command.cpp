// ntk demo: the main job on real data, from reading handwritten digits to a report.
#include <unistd.h>

#include <array>
#include <cmath>
#include <filesystem>

#include "ntk/architecture.h"
#include "ntk/gram.h"
#include "ntk/io.h"
#include "ntk/model.h"
#include "ntk/solve.h"
#include "src/cli/commands.h"
#include "src/cli/files.h"
#include "src/cli/flags.h"
#include "src/cli/help.h"
#include "src/cli/interrupt.h"
#include "src/cli/kernels_wanted.h"
#include "src/io/atomic_file.h"
#include "src/report/demo_report.h"
#include "src/report/number.h"
#include "src/report/table.h"

namespace ntk::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kDigits = "examples/data/digits.npz";
constexpr double kDiagReg = 1e-4;

struct DemoFlags {
  std::string out = "report.html";
  std::string data;
};

struct Digits {
  Array x_train, y_train, x_test, y_test;
};

// The current folder, then beside the program, then where it was built.
std::string find_digits() {
  std::array<char, 4096> buffer{};
  std::vector<fs::path> roots = {"."};
  const ssize_t length = readlink("/proc/self/exe", buffer.data(), buffer.size() - 1);
  if (length > 0) {
    const fs::path folder = fs::path(buffer.data()).parent_path();
    roots.push_back(folder / "..");
    roots.push_back(folder / "../share/libntk");
  }
  roots.push_back(NTK_SOURCE_DIR);
  for (const fs::path& root : roots) {
    std::error_code ignored;
    if (fs::exists(root / kDigits, ignored)) return (root / kDigits).lexically_normal().string();
  }
  throw DataError(std::string("the bundled digits (") + kDigits +
                  ") are neither here nor beside the program: run it in the project's root, or "
                  "name the file with --data");
}

Digits read_digits(const std::string& path) {
  Digits digits{read_input(path + ":x_train"), read_input(path + ":y_train"),
                read_input(path + ":x_test"), read_input(path + ":y_test")};
  if (digits.x_test.shape().size() != 3 || digits.x_test.dtype() == DType::int64 ||
      digits.y_test.dtype() != DType::int64 || digits.y_train.dtype() != DType::int64)
    throw DataError(path +
                    ": expected images x_train and x_test (N x height x width, floating-"
                    "point) and integer labels y_train and y_test");
  return digits;
}

// The job itself, and what it took.
struct Job {
  Digits digits;
  std::optional<Model> model;
  Prediction prediction;
  std::vector<std::pair<std::string, double>> seconds;

  template <class Work>
  void step(const std::string& name, Work&& work) {
    throw_if_interrupted();
    const Stopwatch watch;
    work();
    seconds.emplace_back(name, watch.seconds());
  }
};

FitOptions fit_options(Console& console, Device device) {
  FitOptions options;
  options.diag_reg = kDiagReg;
  options.task = Task::classification;
  options.solver = Solver::eigen;  // for the course of training: any number of times
  options.dtype = console.flags().dtype;
  options.device = device;
  options.threads = static_cast<int>(console.flags().threads);
  options.memory_limit = console.flags().memory_limit;
  options.progress = console.progress();
  return options;
}

PredictOptions predict_options(const FitOptions& fit, std::optional<double> time) {
  PredictOptions options;
  options.time = time;
  options.device = fit.device;
  options.threads = fit.threads;
  options.memory_limit = fit.memory_limit;
  options.progress = fit.progress;
  return options;
}

double share_right(const Model& model, const Array& x, const Array& y,
                   const PredictOptions& options) {
  const Prediction prediction = model.predict(x, options);
  return report::accuracy(report::judge(prediction.mean, y, model.classes()));
}

std::vector<report::DemoResults::Moment> course_of_training(const Job& job,
                                                            const FitOptions& options) {
  std::vector<report::DemoResults::Moment> moments;
  for (int half_decades = 0; half_decades <= 14; ++half_decades) {
    throw_if_interrupted();
    const double time = std::pow(10, 0.5 * half_decades);
    const PredictOptions at_time = predict_options(options, time);
    moments.push_back({time,
                       share_right(*job.model, job.digits.x_train, job.digits.y_train, at_time),
                       share_right(*job.model, job.digits.x_test, job.digits.y_test, at_time)});
  }
  return moments;
}

std::string description_of(Device device) {
  for (const DeviceInfo& info : devices())
    if (info.device == device) return std::string(name_of(device)) + " (" + info.description + ")";
  return name_of(device);
}

// Everything that only the page needs is computed here.
report::DemoResults results_of(const Job& job, const Architecture& architecture,
                               const FitOptions& options, const Array& ntk) {
  report::DemoResults results;
  results.network = architecture.to_expression();
  results.device = description_of(options.device);
  results.ridge = job.model->ridge();
  results.classes = job.model->classes();
  results.x_test = job.digits.x_test;
  results.y_train = job.digits.y_train;
  results.verdicts = report::judge(job.prediction.mean, job.digits.y_test, results.classes);
  results.ntk = ntk;
  SolveOptions solve;
  solve.device = options.device;
  solve.threads = options.threads;
  solve.memory_limit = options.memory_limit;
  results.eigenvalues = Eigen(ntk, solve).eigenvalues();
  results.training = course_of_training(job, options);
  return results;
}

void write_report(const std::string& path, const std::string& page) {
  throw_if_interrupted();
  AtomicFile file(path, page.size());
  file.write(page);
  file.commit();
}

void show(Console& console, const DemoFlags& flags, const Job& job,
          const report::DemoResults& results) {
  const auto right = std::count_if(results.verdicts.begin(), results.verdicts.end(),
                                   [](const report::Verdict& v) { return v.right(); });
  const double accuracy = report::accuracy(results.verdicts);
  Json result = {{"command", "demo"},
                 {"architecture", results.network},
                 {"training_samples", job.digits.y_train.size()},
                 {"test_samples", job.digits.y_test.size()},
                 {"accuracy", accuracy},
                 {"correct", right},
                 {"report", flags.out},
                 {"steps", Json::array()}};
  report::Table steps({{""}, {"", report::Align::right}});
  for (const auto& [name, seconds] : job.seconds) {
    result["steps"].push_back({{"step", name}, {"seconds", seconds}});
    steps.add_row({name, report::format_seconds(seconds)});
  }
  const auto tested = static_cast<std::int64_t>(results.verdicts.size());
  console.show(result, results.network + "\n\n" + steps.to_text(2) + "\naccuracy " +
                           report::format_percent(accuracy) + ": " + report::format_count(right) +
                           " of " + report::format_count(tested) +
                           " held-out digits are right\nreport   " + flags.out + '\n');
}

void run_demo(const DemoFlags& flags, Console& console) {
  { const AtomicFile probe(flags.out); }  // refused now rather than at the end
  const Architecture architecture = parse_architecture(example_network(10));
  const FitOptions options = fit_options(console, console.device());
  Job job;
  job.step("read the digits",
           [&] { job.digits = read_digits(flags.data.empty() ? find_digits() : flags.data); });
  job.step("fit " + report::format_count(job.digits.y_train.size()) + " digits",
           [&] { job.model = fit(architecture, job.digits.x_train, job.digits.y_train, options); });
  job.step("predict " + report::format_count(job.digits.y_test.size()) + " digits", [&] {
    job.prediction = job.model->predict(job.digits.x_test, predict_options(options, std::nullopt));
  });
  Array ntk;
  report::DemoResults results;
  job.step("figures of the report", [&] {
    GramOptions gram_options;
    gram_options.get = Get::ntk;
    gram_options.device = options.device;
    gram_options.dtype = options.dtype;
    gram_options.threads = options.threads;
    gram_options.memory_limit = options.memory_limit;
    gram_options.progress = options.progress;
    ntk = gram(architecture, job.digits.x_train, gram_options).ntk;
    results = results_of(job, architecture, options, ntk);
  });
  results.seconds = job.seconds;
  write_report(flags.out, report::demo_report(results));
  show(console, flags, job, results);
}

}  // namespace

void add_demo_command(CLI::App& program, Invocation& invocation) {
  const auto flags = std::make_shared<DemoFlags>();
  CLI::App& command = *program.add_subcommand(
      "demo", "fit handwritten digits, predict held-out ones, and write a report");
  set_help(command, "ntk demo [--out report.html] [flags]", "ntk demo --out report.html");
  add_text(command, "--out", flags->out, "FILE",
           "the report, one HTML page (default: report.html)");
  add_text(command, "--data", flags->data, "FILE",
           "an .npz with x_train, y_train, x_test and y_test (default: the bundled digits)");
  add_common_flags(command, invocation.common,
                   "precision of the kernel's arithmetic (default: that of the data)");
  set_action(command, invocation, flags, run_demo);
}

}  // namespace ntk::cli
