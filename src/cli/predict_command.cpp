// ntk predict: answers of a fitted model.
#include <optional>

#include "ntk/model.h"
#include "src/cli/commands.h"
#include "src/cli/data_summary.h"
#include "src/cli/files.h"
#include "src/cli/flags.h"
#include "src/cli/help.h"
#include "src/cli/score.h"
#include "src/io/file_kind.h"
#include "src/report/number.h"

namespace ntk::cli {
namespace {

struct PredictFlags {
  std::string model, x, gram, gram_test_test, y, f0_train, f0_test, out;
  std::optional<double> time;  // nullopt: infinity
  std::optional<double> learning_rate;
  Cov cov = Cov::none;
  Header header = Header::automatic;
};

// Truth to compare with is given, or comes with the samples.
bool has_truth(const PredictFlags& flags) {
  return !flags.y.empty() || (flags.gram.empty() && is_libsvm_path(flags.x));
}

void check(const PredictFlags& flags) {
  require_flag("--model", !flags.model.empty(), "(a file that ntk fit wrote)");
  const bool from_gram = !flags.gram.empty();
  forbid_flag("--x", from_gram && !flags.x.empty(),
              "with --gram: the matrix holds all there is to know of the samples");
  require_flag("--x", from_gram || !flags.x.empty(),
               "(the new samples, a file such as x.npy, data.npz:x or table.csv; or --gram, for a "
               "model of a kernel matrix)");
  require_flag("--gram", from_gram || flags.gram_test_test.empty(), "for --gram-test-test");
  require_flag("--out", !flags.out.empty() || has_truth(flags), "(or --y, for a score alone)");
  require_flag("--f0-train", flags.f0_test.empty() || !flags.f0_train.empty(), "for --f0-test");
  require_flag("--f0-test", flags.f0_train.empty() || !flags.f0_test.empty(), "for --f0-train");
}

void check_kind(const PredictFlags& flags, const Model& model) {
  const bool of_samples = !model.sample_shape().empty();
  if (!of_samples && flags.gram.empty())
    throw UsageError("--x: " + flags.model +
                     " was fitted to a kernel matrix, so it takes --gram, the kernel between the "
                     "new samples (rows) and the training samples (columns)");
  if (of_samples && !flags.gram.empty())
    throw UsageError("--gram: " + flags.model +
                     " holds a kernel and its training samples, so it takes --x");
}

std::size_t array_count(const PredictFlags& flags, const Model& model) {
  return 1 + (flags.cov == Cov::none ? 0 : 1) + (model.is_classifier() ? 1 : 0) +
         (model.class_names().empty() ? 0 : 1);
}

// The arrays that options hold views of.
struct Inputs {
  Array samples, gram_test_test, f0_train, f0_test;
  TargetValues y;
};

// Text is read in the model's precision, and to its width.
ReadOptions read_options(const PredictFlags& flags, const Model& model, const CommonFlags& common) {
  ReadOptions options;
  options.dtype = model.dtype();
  options.header = flags.header;
  options.memory_limit = common.memory_limit;
  if (model.sample_shape().size() == 1) options.width = model.sample_shape()[0];
  return options;
}

Inputs read_inputs(const PredictFlags& flags, const ReadOptions& options) {
  const auto read = [&](const std::string& path) {
    return path.empty() ? Array() : read_input(path, options);
  };
  Dataset data;
  if (flags.gram.empty())
    data = read_data(flags.x, flags.y, options);
  else
    data.x = read(flags.gram);
  if (!flags.gram.empty() && !flags.y.empty()) data.y = read_target_values(flags.y, options);
  return {std::move(data.x), read(flags.gram_test_test), read(flags.f0_train), read(flags.f0_test),
          std::move(data.y)};
}

PredictOptions options_of(const PredictFlags& flags, const Inputs& inputs, Console& console,
                          Device device) {
  PredictOptions options;
  options.time = flags.time;
  options.learning_rate = flags.learning_rate.value_or(1);
  options.cov = flags.cov;
  if (!flags.f0_train.empty()) {
    options.f0_train = inputs.f0_train;
    options.f0_test = inputs.f0_test;
  }
  options.device = device;
  options.threads = static_cast<int>(console.flags().threads);
  options.memory_limit = console.flags().memory_limit;
  options.progress = console.progress();
  options.log = console.log();
  return options;
}

Prediction compute(const PredictFlags& flags, const Model& model, const Inputs& inputs,
                   const PredictOptions& options) {
  if (flags.gram.empty()) return model.predict(inputs.samples, options);
  const ArrayView test_test =
      flags.gram_test_test.empty() ? ArrayView{} : inputs.gram_test_test.view();
  return model.predict_from_gram(inputs.samples, test_test, options);
}

void convert(Prediction& prediction, std::optional<DType> dtype) {
  if (!dtype) return;
  if (prediction.mean.dtype() != *dtype) prediction.mean = prediction.mean.converted_to(*dtype);
  if (!prediction.cov.empty() && prediction.cov.dtype() != *dtype)
    prediction.cov = prediction.cov.converted_to(*dtype);
}

void run_predict(const PredictFlags& flags, Console& console) {
  check(flags);
  const Device device = console.device();
  const Model model = Model::load(flags.model);
  check_kind(flags, model);
  if (!flags.out.empty()) require_output(flags.out, array_count(flags, model), 0);
  const Inputs inputs = read_inputs(flags, read_options(flags, model, console.flags()));
  const bool from_gram = !flags.gram.empty();
  if (has_truth(flags))
    require_same_rows(from_gram ? "--gram" : "--x", from_gram ? flags.gram : flags.x,
                      inputs.samples, flags.y.empty() ? flags.x : flags.y, inputs.y);
  const PredictOptions options = options_of(flags, inputs, console, device);

  const Stopwatch watch;
  Prediction prediction = compute(flags, model, inputs, options);
  const double seconds = watch.seconds();
  Json result = {{"command", "predict"}, {"model", flags.model}};
  result["samples"] = prediction.mean.shape().at(0);
  result["outputs"] = model.output_count();
  result["time"] = flags.time ? Json(*flags.time) : Json("inf");
  std::string text;
  if (has_truth(flags)) {
    const Score score = score_of(model, prediction.mean, inputs.y);
    for (const std::string& note : score.notes) console.note(note);
    result.update(score.json);
    text += score.text;
  }

  Array labels;
  if (model.is_classifier()) {
    result["classes"] = classes_as_json(model);
    const std::vector<std::int64_t> classes = model.classify(prediction.mean);
    labels = Array::of(classes, {static_cast<std::int64_t>(classes.size())});
  }
  if (!flags.out.empty()) {
    convert(prediction, console.flags().dtype);
    NamedViews arrays = {{"mean", prediction.mean.view()}};
    if (flags.cov != Cov::none) arrays.emplace_back("cov", prediction.cov.view());
    if (model.is_classifier()) arrays.emplace_back("labels", labels.view());
    std::vector<NamedTexts> texts;
    if (!model.class_names().empty()) texts.push_back({"label_names", model.class_names()});
    write_output(flags.out, arrays, texts);
    result["out"] = flags.out;
    result["arrays"] = arrays_as_json(arrays, texts);
    text = flags.out + '\n' + describe_arrays(arrays, texts) + text;
  }
  result["seconds"] = seconds;
  describe_work(result, console, device);
  console.show(result, text + "predicted in " + report::format_seconds(seconds) + " on " +
                           name_of(device) + '\n');
}

void add_predict_flags(CLI::App& command, PredictFlags& flags) {
  add_text(command, "--model", flags.model, "FILE", "a model that ntk fit wrote");
  add_text(command, "--x", flags.x, "X",
           "new samples, one a row: x.npy, data.npz:name, x.csv, x.tsv or x.libsvm");
  add_text(command, "--gram", flags.gram, "K",
           "for a model of a kernel matrix: new x training samples, in place of --x");
  add_text(command, "--gram-test-test", flags.gram_test_test, "K",
           "and among the new samples, or its diagonal: needed for a covariance");
  add_parsed(
      command, "--time",
      [&flags](const std::string& text) { flags.time = parse_time("--time", text); }, "T",
      "time of gradient flow, or inf (default: inf)");
  add_number(command, "--learning-rate", flags.learning_rate, "R",
             "time is counted in steps of this size (default: 1)");
  add_choice(command, "--cov", flags.cov,
             std::vector<std::pair<std::string, Cov>>{
                 {"none", Cov::none}, {"diag", Cov::diag}, {"full", Cov::full}},
             "COV", "covariance: none, diag (the variances) or full (default: none)");
  add_text(command, "--f0-train", flags.f0_train, "F",
           "outputs on the training samples at t = 0: the mean then starts from these");
  add_text(command, "--f0-test", flags.f0_test, "G", "and on the new samples");
  add_text(command, "--y", flags.y, "Y",
           "what is true of the new samples: accuracy (labels) or RMSE and R² are reported "
           "(default: the labels of a LIBSVM file)");
  add_text(command, "--out", flags.out, "FILE",
           "file to write: .npz with the arrays mean, cov if asked for, and labels of a classifier "
           "(places in label_names if these are text)");
  add_header_flag(command, flags.header);
}

}  // namespace

void add_predict_command(CLI::App& program, Invocation& invocation) {
  const auto flags = std::make_shared<PredictFlags>();
  CLI::App& command =
      *program.add_subcommand("predict", "mean and covariance of a fitted model on new samples");
  set_help(command, "ntk predict --model model.npz --x X [--y Y] [--out p.npz] [flags]",
           "ntk fit --arch \"serial(Flatten(), Dense(512), Relu(), Dense(10))\" \\\n"
           "  --x examples/data/digits.npz:x_train --y examples/data/digits.npz:y_train \\\n"
           "  --diag-reg 1e-4 --out model.npz\n"
           "ntk predict --model model.npz --x examples/data/digits.npz:x_test \\\n"
           "  --y examples/data/digits.npz:y_test --cov diag --out predictions.npz");
  add_predict_flags(command, *flags);
  add_common_flags(command, invocation.common,
                   "element type of the arrays written (default: float64)");
  set_action(command, invocation, flags, run_predict);
}

}  // namespace ntk::cli
