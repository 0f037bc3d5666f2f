// ntk bench gram: how fast kernel matrices are computed, and how far that is from the floor.
#include "ntk/architecture.h"
#include "ntk/gram.h"
#include "src/base/large_memory.h"
#include "src/cli/commands.h"
#include "src/cli/flags.h"
#include "src/cli/help.h"
#include "src/cli/kernels_wanted.h"
#include "src/cli/matmul_floor.h"
#include "src/cli/measure.h"
#include "src/report/number.h"
#include "src/report/table.h"

namespace ntk::cli {
namespace {

struct BenchGramFlags {
  std::string arch = example_network(1);
  Shape shape = {4096, 784};
  std::int64_t repeats = 5;
  std::int64_t seed = 1;
  Get get = Get::both;
  MemorySpace output = MemorySpace::host;
};

struct Measured {
  Timing gram, gemm;
  std::size_t bytes_written = 0;  // of kernels, in one repetition
  std::size_t peak_memory = 0;    // before the floor was measured
};

std::size_t kernel_bytes(const BenchGramFlags& flags, DType dtype) {
  return static_cast<std::size_t>(element_count({flags.shape[0], flags.shape[0]})) * size_of(dtype);
}

// In memory that is there already, so that the time is that of the computation.
void measure_kernels(const BenchGramFlags& flags, const Architecture& architecture, const Array& x,
                     const GramOptions& options, Measured& measured) {
  const std::size_t bytes = kernel_bytes(flags, x.dtype());
  const Device place = flags.output == MemorySpace::host ? Device::cpu : options.device;
  const DeviceMemory memory(place, bytes * kernel_count(flags.get));
  const Shape square = {x.shape()[0], x.shape()[0]};
  KernelViews out;
  char* next = static_cast<char*>(memory.data());
  const auto take = [&] {
    MutableArrayView view{next, x.dtype(), square, {}, memory.space()};
    next += bytes;
    return view;
  };
  if (flags.get != Get::ntk) out.nngp = take();
  if (flags.get != Get::nngp) out.ntk = take();
  measured.gram = measure(flags.repeats, [&] { gram_into(architecture, x, out, options); });
  measured.bytes_written = bytes * kernel_count(flags.get);
  measured.peak_memory = peak_memory();
}

void show(Console& console, const BenchGramFlags& flags, const Architecture& architecture,
          DType dtype, Device device, const Measured& measured) {
  const double seconds = measured.gram.median();
  const double n = static_cast<double>(flags.shape[0]);
  const double gigabytes = static_cast<double>(measured.bytes_written) / 1e9;
  const char* place = flags.output == MemorySpace::host ? "host" : "device";
  Json result = {{"command", "bench gram"},  {"architecture", architecture.to_expression()},
                 {"shape", flags.shape},     {"get", words_of(flags.get)},
                 {"dtype", name_of(dtype)},  {"output", place},
                 {"repeats", flags.repeats}, {"seed", flags.seed}};
  add_timing(result, "seconds", measured.gram);
  result["entries_per_second"] = n * n / seconds;
  result["gemm"] = "X X^T, whole matrix, by the device's BLAS";
  add_timing(result, "gemm_seconds", measured.gemm);
  result["gemm_ratio"] = seconds / measured.gemm.median();
  result["bytes_written"] = measured.bytes_written;
  result["gigabytes_per_second"] = gigabytes / seconds;
  result["peak_memory_bytes"] = measured.peak_memory;
  describe_work(result, console, device);

  report::Table table({{""}, {""}});
  table.add_row({"network", architecture.to_expression()});
  table.add_row({"samples", to_string(flags.shape) + ", " + name_of(dtype)});
  table.add_row({"kernels", std::string(words_of(flags.get)) + ", into " + place + " memory"});
  table.add_row({"device", std::string(name_of(device)) + ", " +
                               std::to_string(thread_count(console.flags())) + " threads"});
  table.add_row({"time", timing_text(measured.gram)});
  table.add_row({"X Xᵀ alone", timing_text(measured.gemm) + ", gemm"});
  table.add_row({"ratio", report::format_fixed(seconds / measured.gemm.median(), 2)});
  table.add_row({"rate", report::format_rate(n * n / seconds, "entries")});
  table.add_row({"written", format_bytes(measured.bytes_written) + ", " +
                                report::format_significant(gigabytes / seconds) + " GB/s"});
  table.add_row({"peak memory", format_bytes(measured.peak_memory)});
  console.show(result, table.to_text());
}

void run_bench_gram(const BenchGramFlags& flags, Console& console) {
  if (flags.shape.size() != 2)
    throw UsageError("--shape: expected N,d: the number of samples and their width");
  const Architecture architecture = parse_architecture(flags.arch);
  const Device device = console.device();
  const DType dtype = console.flags().dtype.value_or(DType::float32);
  const std::size_t inputs = static_cast<std::size_t>(element_count(flags.shape)) * size_of(dtype);
  if (flags.output == MemorySpace::host)
    require_memory(inputs + kernel_bytes(flags, dtype) * kernel_count(flags.get),
                   console.flags().memory_limit, "a benchmark of this shape",
                   "take fewer samples, one kernel, or float32");
  const Array x = random_normal(dtype, flags.shape, static_cast<std::uint64_t>(flags.seed));
  GramOptions options;
  options.get = flags.get;
  options.device = device;
  options.dtype = dtype;
  options.memory_limit = console.flags().memory_limit;
  options.threads = static_cast<int>(console.flags().threads);
  options.progress = console.progress();
  Measured measured;
  measure_kernels(flags, architecture, x, options, measured);
  measured.gemm = measure_gemm(device, options.threads, x, flags.repeats);
  show(console, flags, architecture, dtype, device, measured);
}

}  // namespace

void add_bench_gram(CLI::App& bench, Invocation& invocation) {
  const auto flags = std::make_shared<BenchGramFlags>();
  CLI::App& command = *bench.add_subcommand("gram", "kernel matrices, beside the product X Xᵀ");
  set_help(command, "ntk bench gram [--arch A] [--shape N,d] [flags]",
           "ntk bench gram --shape 1024,784 --repeats 3");
  add_text(command, "--arch", flags->arch, "A",
           "the network (default: three hidden layers of ReLU)");
  add_parsed(
      command, "--shape",
      [flags](const std::string& text) { flags->shape = parse_shape("--shape", text); }, "N,d",
      "standard-normal samples and their width (default: 4096,784)");
  add_kernels_wanted(command, flags->get);
  add_choice(command, "--output", flags->output,
             std::vector<std::pair<std::string, MemorySpace>>{{"host", MemorySpace::host},
                                                              {"device", MemorySpace::cuda}},
             "PLACE", "host or device: the memory that the kernels are written to (default: host)");
  add_integer(command, "--repeats", flags->repeats, 1, "N",
              "repetitions after one to warm up (default: 5)");
  add_integer(command, "--seed", flags->seed, 0, "N", "of the samples (default: 1)");
  add_common_flags(command, invocation.common, "of samples and kernels (default: float32)");
  set_action(command, invocation, flags, run_bench_gram);
}

}  // namespace ntk::cli
