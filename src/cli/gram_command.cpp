// ntk gram: kernel matrices to a file.
#include <algorithm>
#include <variant>

#include "ntk/architecture.h"
#include "ntk/classical.h"
#include "ntk/gram.h"
#include "src/base/large_memory.h"
#include "src/cli/commands.h"
#include "src/cli/files.h"
#include "src/cli/flags.h"
#include "src/cli/help.h"
#include "src/cli/kernels_wanted.h"
#include "src/report/number.h"

namespace ntk::cli {
namespace {

using Source = std::variant<Architecture, ClassicalKernel>;

struct GramFlags {
  std::string arch, x1, x2, out, pattern1, pattern2;
  std::optional<double> mask_constant;
  std::optional<ClassicalKernel> kernel;  // in the place of arch
  Get get = Get::both;                    // nngp for a classical kernel
  const CLI::Option* get_flag = nullptr;
  bool diagonal = false;
  Header header = Header::automatic;
};

// x2 of a LIBSVM file has the width of x1.
Array read_samples(const GramFlags& flags, const CommonFlags& common, const std::string& path,
                   const Array* like) {
  ReadOptions options;
  options.dtype = common.dtype.value_or(DType::float64);
  options.header = flags.header;
  options.memory_limit = common.memory_limit;
  if (like != nullptr && like->shape().size() == 2) options.width = like->shape()[1];
  return read_data(path, "", options).x;
}

// Of the samples' graphs.
Array read_pattern(const std::string& path, const CommonFlags& common) {
  if (path.empty()) return {};
  ReadOptions options;
  options.memory_limit = common.memory_limit;
  return read_data(path, "", options).x;
}

// Numbers of a pair: of a network that ends on images one for each pair of pixels.
std::uint64_t entries_of_pair(const Source& source, const ArrayView& x) {
  const auto* const architecture = std::get_if<Architecture>(&source);
  if (!architecture || x.shape.size() < 2) return 1;
  const Shape output = architecture->output_shape({x.shape.begin() + 1, x.shape.end()});
  std::uint64_t pixels = 1;
  for (std::size_t axis = 0; axis + 1 < output.size(); ++axis)
    pixels *= static_cast<std::uint64_t>(output[axis]);
  return pixels * pixels;
}

// What the file will hold, for the check that it has room.
std::uint64_t output_bytes(const GramFlags& flags, const Source& source, const ArrayView& x1,
                           const ArrayView& x2, DType dtype) {
  const auto rows = static_cast<std::uint64_t>(x1.shape.empty() ? 0 : x1.shape[0]);
  const auto columns = static_cast<std::uint64_t>(x2.shape.empty() ? 0 : x2.shape[0]);
  const std::uint64_t entries =
      flags.diagonal ? rows * size_of(DType::float64) : rows * columns * size_of(dtype);
  return entries * kernel_count(flags.get) * entries_of_pair(source, x1);
}

Source source_of(const GramFlags& flags) {
  if (flags.kernel) return *flags.kernel;
  return parse_architecture(flags.arch);
}

// A classical kernel without gamma or length gets it from x2, as in gram().
void complete(Source& source, const Array& x1, const Array& x2, Console& console) {
  auto* const kernel = std::get_if<ClassicalKernel>(&source);
  if (kernel && x2.empty()) *kernel = complete_kernel(*kernel, x1, console.log(), "x1");
  if (kernel && !x2.empty()) *kernel = complete_kernel(*kernel, x2, console.log(), "x2");
}

Kernels compute(const GramFlags& flags, const Source& source, const Array& x1, const Array& x2,
                const GramOptions& options) {
  return std::visit(
      [&](const auto& of) {
        if (flags.diagonal) return gram_diagonal(of, x1, options);
        if (flags.x2.empty()) return gram(of, x1, options);
        return gram(of, x1, x2, options);
      },
      source);
}

void show(Console& console, const GramFlags& flags, const Source& source, const NamedViews& arrays,
          const SeriesError& series_error, Device device, double seconds) {
  const auto entries = static_cast<double>(arrays.front().second.size());
  Json result = {{"command", "gram"},
                 {"out", flags.out},
                 {"arrays", arrays_as_json(arrays)},
                 {"seconds", seconds},
                 {"entries_per_second", entries / seconds}};
  const auto* const kernel = std::get_if<ClassicalKernel>(&source);
  if (kernel)
    result["kernel"] = kernel->to_text();
  else
    result["series_error"] = {{"nngp", series_error.nngp}, {"derivative", series_error.derivative}};
  describe_work(result, console, device);
  console.show(result, flags.out + '\n' + (kernel ? "  " + kernel->to_text() + '\n' : "") +
                           describe_arrays(arrays) + "computed in " +
                           report::format_seconds(seconds) + " on " + name_of(device) + ", " +
                           report::format_rate(entries / seconds, "entries") + '\n');
}

void check(const GramFlags& flags) {
  require_flag("--arch", !flags.arch.empty() || flags.kernel,
               "(the network, such as \"serial(Dense(512), Relu(), Dense(1))\"; or --kernel)");
  forbid_flag("--arch", !flags.arch.empty() && flags.kernel, "with --kernel: it takes its place");
  forbid_flag("--get", flags.kernel && flags.get_flag->count() > 0,
              "with --kernel: a classical kernel is one matrix, which is named kernel");
  require_flag("--x1", !flags.x1.empty(),
               "(the samples, a file such as x.npy, data.npz:x or table.csv)");
  require_flag("--out", !flags.out.empty(), "(the file for the kernels, such as k.npz)");
  forbid_flag("--pattern1", flags.kernel && !flags.pattern1.empty(),
              "with --kernel: patterns are for a network's Aggregate");
  forbid_flag("--mask-constant", flags.kernel && flags.mask_constant,
              "with --kernel: masks are for networks of images or sequences");
  forbid_flag("--pattern2", flags.x2.empty() && !flags.pattern2.empty(),
              "without --x2: it belongs to these samples");
  forbid_flag("--x2", flags.diagonal && !flags.x2.empty(),
              "with --diagonal: the diagonal is of x1 with itself");
}

void run_gram(const GramFlags& given, Console& console) {
  check(given);
  GramFlags flags = given;
  if (flags.kernel) flags.get = Get::nngp;
  Source source = source_of(flags);
  require_output(flags.out, kernel_count(flags.get), 0);
  const Device device = console.device();
  const Array x1 = read_samples(flags, console.flags(), flags.x1, nullptr);
  const Array x2 = flags.x2.empty() ? Array() : read_samples(flags, console.flags(), flags.x2, &x1);

  GramOptions options;
  options.get = flags.get;
  options.device = device;
  options.dtype = console.flags().dtype;
  options.memory_limit = console.flags().memory_limit;
  options.threads = static_cast<int>(console.flags().threads);
  options.progress = console.progress();
  options.log = console.log();
  options.mask_constant = flags.mask_constant;
  const Array pattern1 = read_pattern(flags.pattern1, console.flags()),
              pattern2 = read_pattern(flags.pattern2, console.flags());
  if (!flags.pattern1.empty()) options.pattern1 = pattern1.view();
  if (!flags.pattern2.empty()) options.pattern2 = pattern2.view();
  const DType data_dtype = x1.dtype() == DType::int64 ? DType::float64 : x1.dtype();
  const std::uint64_t bytes =
      output_bytes(flags, source, x1, flags.x2.empty() ? x1.view() : x2.view(),
                   options.dtype.value_or(data_dtype));
  // What memory cannot hold is refused by gram(), which says what would fit.
  if (bytes <= available_memory()) require_output(flags.out, kernel_count(flags.get), bytes);

  const Stopwatch watch;
  complete(source, x1, x2, console);
  const Kernels kernels = compute(flags, source, x1, x2, options);
  const double seconds = watch.seconds();
  NamedViews arrays;
  if (flags.get != Get::ntk)
    arrays.emplace_back(flags.kernel ? "kernel" : "nngp", kernels.nngp.view());
  if (flags.get != Get::nngp) arrays.emplace_back("ntk", kernels.ntk.view());
  write_output(flags.out, arrays);
  show(console, flags, source, arrays, kernels.series_error, device, seconds);
}

}  // namespace

void add_gram_command(CLI::App& program, Invocation& invocation) {
  const auto flags = std::make_shared<GramFlags>();
  CLI::App& command = *program.add_subcommand(
      "gram", "kernel matrices: NNGP and NTK of an infinitely wide network, or a classical kernel");
  set_help(command,
           "ntk gram --arch A --x1 X [--x2 Y] --out K.npz [flags]\n"
           "       ntk gram --kernel K --x1 X [--x2 Y] --out K.npz [flags]",
           "ntk gram --arch \"serial(Flatten(), Dense(512, W_std=1.5), Relu(), Dense(1))\" \\\n"
           "  --x1 examples/data/digits.npz:x_test --get nngp,ntk --out kernels.npz\n"
           "ntk gram --kernel rbf:gamma=0.5 --x1 examples/data/digits.npz:x_test --out rbf.npz");
  add_architecture(command, flags->arch);
  add_classical(command, flags->kernel);
  add_text(command, "--x1", flags->x1, "X",
           "samples, one a row: x.npy, data.npz:name, x.csv, x.tsv or x.libsvm");
  add_text(command, "--x2", flags->x2, "Y", "other samples (default: x1, each pair computed once)");
  add_text(command, "--pattern1", flags->pattern1, "P",
           "for networks with Aggregate: the graphs of x1, N x V x V edge weights");
  add_text(command, "--pattern2", flags->pattern2, "P", "the graphs of x2");
  add_number(command, "--mask-constant", flags->mask_constant, "C",
             "pixels of images or sequences whose channels all have this value are not "
             "there (samples of different lengths)");
  flags->get_flag = add_kernels_wanted(command, flags->get);
  add_switch(command, "--diagonal", flags->diagonal,
             "only the diagonals, of x1 with itself, in float64");
  add_text(command, "--out", flags->out, "FILE",
           "file to write: .npz with the arrays nngp and ntk (a classical one: kernel); .npy for "
           "one kernel alone");
  add_header_flag(command, flags->header);
  add_common_flags(command, invocation.common,
                   "precision of the arithmetic and of the result (default: that of the data)");
  set_action(command, invocation, flags, run_gram);
}

}  // namespace ntk::cli
