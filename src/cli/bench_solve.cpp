// ntk bench solve: how fast linear systems and eigenproblems of kernel matrices are solved.
#include <cmath>

#include "ntk/solve.h"
#include "src/base/large_memory.h"
#include "src/cli/commands.h"
#include "src/cli/flags.h"
#include "src/cli/help.h"
#include "src/cli/interrupt.h"
#include "src/cli/measure.h"
#include "src/report/number.h"
#include "src/report/table.h"

namespace ntk::cli {
namespace {

struct BenchSolveFlags {
  std::int64_t n = 1000;
  std::int64_t right_hand_sides = 10;
  std::int64_t repeats = 3;
  std::int64_t seed = 1;
  bool no_eigen = false;
  bool refine = false;
};

struct Problem {
  Array matrix;  // n x n, positive definite
  Array b;       // n x right-hand sides
};

// G G^T/n + I for a standard-normal G: eigenvalues between 1 and about 5.
template <class T>
void add_identity(Array& matrix, std::int64_t n) {
  T* data = matrix.as<T>();
  for (std::int64_t i = 0; i < n * n; ++i) data[i] /= static_cast<T>(n);
  for (std::int64_t i = 0; i < n; ++i) data[i * (n + 1)] += T{1};
}

Problem make_problem(const BenchSolveFlags& flags, DType dtype, const SolveOptions& options) {
  const auto seed = static_cast<std::uint64_t>(flags.seed);
  const Array g = random_normal(dtype, {flags.n, flags.n}, seed);
  Problem problem{matmul(g, g, false, true, options),
                  random_normal(dtype, {flags.n, flags.right_hand_sides}, seed + 1)};
  if (dtype == DType::float32)
    add_identity<float>(problem.matrix, flags.n);
  else
    add_identity<double>(problem.matrix, flags.n);
  return problem;
}

double norm(const Array& array) {
  const Array wide = array.converted_to(DType::float64);
  double sum = 0;
  for (std::int64_t i = 0; i < wide.size(); ++i) sum += wide.as<double>()[i] * wide.as<double>()[i];
  return std::sqrt(sum);
}

double distance(const Array& a, const Array& b) {
  const Array left = a.converted_to(DType::float64);
  const Array right = b.converted_to(DType::float64);
  double sum = 0;
  for (std::int64_t i = 0; i < left.size(); ++i) {
    const double difference = left.as<double>()[i] - right.as<double>()[i];
    sum += difference * difference;
  }
  return std::sqrt(sum);
}

// |A x - b| / |b|, Frobenius norms.
double residual(const Problem& problem, const Array& x, SolveOptions options) {
  options.dtype = DType::float64;
  const Array product = matmul(problem.matrix, x, false, false, options);
  return distance(product, problem.b) / norm(problem.b);
}

struct Line {
  std::string name;
  Timing timing;
  double operations;  // floating-point; 0: no agreed count
  double residual;    // NaN: of the lines that use it
};

std::vector<Line> measure_cholesky(const BenchSolveFlags& flags, const Problem& problem,
                                   const CholeskyOptions& options) {
  const auto n = static_cast<double>(flags.n);
  const Timing factor =
      measure(flags.repeats, [&] { const Cholesky cholesky(problem.matrix, 0, options); });
  const Cholesky cholesky(problem.matrix, 0, options);
  Array x;
  const Timing solve = measure(flags.repeats, [&] { x = cholesky.solve(problem.b); });
  return {{"cholesky", factor, n * n * n / 3, std::nan("")},
          {"solve", solve, 2 * n * n * static_cast<double>(flags.right_hand_sides),
           residual(problem, x, options)}};
}

// The same solutions from a float32 factor.
std::vector<Line> measure_refinement(const BenchSolveFlags& flags, const Problem& problem,
                                     CholeskyOptions options) {
  const auto n = static_cast<double>(flags.n);
  options.dtype = DType::float32;
  const Timing factor =
      measure(flags.repeats, [&] { const Cholesky cholesky(problem.matrix, 0, options); });
  const Cholesky cholesky(problem.matrix, 0, options);
  Refinement refined;
  const Timing solve = measure(
      flags.repeats, [&] { refined = refined_solve(cholesky, problem.matrix, 0, problem.b); });
  if (!refined.converged) throw NumericalError("bench solve: the refinement did not converge");
  return {{"single_cholesky", factor, n * n * n / 3, std::nan("")},
          {"refined_solve", solve, 0, residual(problem, refined.solution, options)}};
}

Line measure_eigen(const BenchSolveFlags& flags, const Problem& problem,
                   const SolveOptions& options) {
  std::optional<Eigen> eigen;
  const Timing timing = measure(flags.repeats, [&] { eigen.emplace(problem.matrix, options); });
  const Array x = eigen->apply([](double w) { return 1 / w; }, problem.b);
  return {"eigen", timing, 0, residual(problem, x, options)};
}

void show(Console& console, const BenchSolveFlags& flags, DType dtype, Device device,
          const std::vector<Line>& lines) {
  using report::Align;
  Json result = {{"command", "bench solve"},
                 {"n", flags.n},
                 {"right_hand_sides", flags.right_hand_sides},
                 {"dtype", name_of(dtype)},
                 {"repeats", flags.repeats},
                 {"seed", flags.seed}};
  report::Table table({{"step"},
                       {"time", Align::right},
                       {"least", Align::right},
                       {"most", Align::right},
                       {"GFLOP/s", Align::right},
                       {"residual", Align::right}});
  for (const Line& line : lines) {
    const double rate = line.operations / line.timing.median() / 1e9;
    add_timing(result, line.name + "_seconds", line.timing);
    if (line.operations > 0) result[line.name + "_gflops"] = rate;
    if (!std::isnan(line.residual)) result[line.name + "_residual"] = line.residual;
    table.add_row({line.name, report::format_seconds(line.timing.median()),
                   report::format_seconds(line.timing.shortest()),
                   report::format_seconds(line.timing.longest()),
                   line.operations > 0 ? report::format_significant(rate) : "–",
                   std::isnan(line.residual) ? "–" : report::format_significant(line.residual, 2)});
  }
  result["peak_memory_bytes"] = peak_memory();
  describe_work(result, console, device);
  console.show(result, "n = " + report::format_count(flags.n) + ", " +
                           report::format_count(flags.right_hand_sides) + " right-hand sides, " +
                           name_of(dtype) + ", on " + name_of(device) + " with " +
                           std::to_string(thread_count(console.flags())) + " threads\n\n" +
                           table.to_text());
}

void run_bench_solve(const BenchSolveFlags& flags, Console& console) {
  const Device device = console.device();
  const DType dtype = console.flags().dtype.value_or(DType::float64);
  forbid_flag("--refine", flags.refine && dtype == DType::float32,
              "with --dtype float32: it compares with a float64 factor");
  // The matrix, the random one that it is made of, the factor or basis, and copies in float64.
  constexpr std::size_t kMatrices = 5;
  require_memory(
      kMatrices * static_cast<std::size_t>(element_count({flags.n, flags.n})) * sizeof(double),
      console.flags().memory_limit, "a benchmark with n = " + std::to_string(flags.n),
      "take a smaller --n");
  CholeskyOptions options;
  options.device = device;
  options.threads = static_cast<int>(console.flags().threads);
  options.memory_limit = console.flags().memory_limit;
  options.dtype = dtype;
  options.log = console.log();
  const Problem problem = make_problem(flags, dtype, options);
  throw_if_interrupted();
  std::vector<Line> lines = measure_cholesky(flags, problem, options);
  if (flags.refine)
    for (Line& line : measure_refinement(flags, problem, options)) lines.push_back(std::move(line));
  if (!flags.no_eigen) lines.push_back(measure_eigen(flags, problem, options));
  show(console, flags, dtype, device, lines);
}

}  // namespace

void add_bench_solve(CLI::App& bench, Invocation& invocation) {
  const auto flags = std::make_shared<BenchSolveFlags>();
  CLI::App& command =
      *bench.add_subcommand("solve", "Cholesky and eigendecomposition of a random matrix");
  set_help(command, "ntk bench solve [--n N] [flags]", "ntk bench solve --n 500");
  add_integer(command, "--n", flags->n, 1, "N", "order of the matrix (default: 1000)");
  add_integer(command, "--right-hand-sides", flags->right_hand_sides, 1, "N", "(default: 10)");
  add_integer(command, "--repeats", flags->repeats, 1, "N",
              "repetitions after one to warm up (default: 3)");
  add_integer(command, "--seed", flags->seed, 0, "N", "of the matrix (default: 1)");
  add_switch(command, "--no-eigen", flags->no_eigen, "only Cholesky, which is much faster");
  add_switch(command, "--refine", flags->refine,
             "also a float32 factor, and solutions that are refined from it to float64 accuracy");
  add_common_flags(command, invocation.common,
                   "of the matrix and of the solves (default: float64)");
  set_action(command, invocation, flags, run_bench_solve);
}

}  // namespace ntk::cli
