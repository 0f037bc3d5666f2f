// ntk info: what this machine offers, and what a network, a model or a data file is.
#include "ntk/architecture.h"
#include "ntk/device.h"
#include "ntk/model.h"
#include "src/base/large_memory.h"
#include "src/cli/commands.h"
#include "src/cli/data_summary.h"
#include "src/cli/files.h"
#include "src/cli/flags.h"
#include "src/cli/help.h"
#include "src/cli/kernels_wanted.h"
#include "src/cli/layer_table.h"
#include "src/report/table.h"

namespace ntk::cli {
namespace {

struct InfoFlags {
  std::string arch, model, x;
  Header header = Header::automatic;
  std::optional<Shape> input;
};

using report::Table;

void add_machine(Json& result, std::string& text, Console& console) {
  result["version"] = NTK_VERSION;
  result["devices"] = Json::array();
  Table table({{"device"}, {"state"}, {""}});
  for (const DeviceInfo& info : devices()) {
    result["devices"].push_back({{"device", name_of(info.device)},
                                 {"usable", info.usable},
                                 {"description", info.description},
                                 {"reason", reason_of(info)}});
    table.add_row({name_of(info.device), info.usable ? "ready" : "not usable",
                   info.usable ? info.description : reason_of(info)});
  }
  std::string told_in_the_table;
  const Device chosen = choose_device(console.flags(), told_in_the_table);
  result["device"] = name_of(chosen);
  result["threads"] = thread_count(console.flags());
  result["memory"] = {{"available_bytes", available_memory()}};
  text += std::string("libntk ") + NTK_VERSION + "\n\n" + table.to_text() + '\n';
  Table facts({{""}, {""}});
  facts.add_row({"work goes to", name_of(chosen)});
  facts.add_row({"cores", std::to_string(thread_count(console.flags()))});
  facts.add_row({"free memory", format_bytes(available_memory())});
  text += facts.to_text();
}

Json lines_as_json(const std::vector<LayerLine>& lines) {
  Json all = Json::array();
  for (const LayerLine& line : lines) {
    const LayerOutput& output = line.output;
    Json one = {{"place", line.place},
                {"op", line.op},
                {"parameters", line.parameters},
                {"gaussian", output.gaussian},
                {"entry", {{"nngp", true}, {"ntk", output.ntk}, {"saved", output.saved}}},
                {"operations", line.operations}};
    if (output.shape) one["output"] = *output.shape;
    all.push_back(one);
  }
  return all;
}

Json operations_as_json(const LayerList& list) {
  Json operations = {{"layers", list.operations}};
  if (list.input_operations > 0) {
    operations["inputs"] = list.input_operations;
    operations["total"] = list.operations + list.input_operations;
  }
  return operations;
}

void add_network(Json& result, std::string& text, const InfoFlags& flags) {
  const Architecture architecture = parse_architecture(flags.arch);
  const LayerList list = list_layers(architecture, flags.input);
  const bool standard = architecture.parameterization() == Parameterization::standard;
  result["architecture"] = {{"parameterization", standard ? "standard" : "ntk"},
                            {"layers", lines_as_json(list.lines)},
                            {"operations_per_entry", operations_as_json(list)},
                            {"expression", architecture.to_expression()},
                            {"json", Json::parse(architecture.to_json())}};
  if (const auto& plan = list.images)
    result["architecture"]["images"] = {{"state", plan->average ? "slices" : "same pixel"},
                                        {"pixel_pairs", plan->pixel_pairs},
                                        {"slices", plan->slices},
                                        {"bytes_per_image", plan->image_bytes},
                                        {"bytes_per_thread", plan->thread_bytes}};
  text += "network, " + std::string(standard ? "standard" : "ntk") + " parameterization";
  if (flags.input) text += ", samples of shape " + to_string(*flags.input);
  text += "\n\n" + layer_table(list).to_text(2) +
          (list.images ? "\n" + describe(*list.images) : "") + "\nas an expression:\n  " +
          architecture.to_expression() + "\nas JSON:\n  " + architecture.to_json() + '\n';
}

void add_model(Json& result, std::string& text, const InfoFlags& flags) {
  const Model model = Model::load(flags.model);
  Json about = {{"file", flags.model},
                {"task", model.is_classifier() ? "classification" : "regression"},
                {"samples", model.training_count()},
                {"outputs", model.output_count()},
                {"ridge", model.ridge()}};
  if (model.is_classifier()) about["classes"] = classes_as_json(model);
  about["normalize"] = model.normalize() == Normalize::none   ? "none"
                       : model.normalize() == Normalize::unit ? "unit"
                                                              : "standard";
  if (!model.sample_shape().empty()) about["kernel"] = kernel_text(model);
  if (model.architecture()) about["architecture"] = model.architecture()->to_expression();
  result["model"] = about;
  text += flags.model + '\n' + indented(model.summary());
}

void run_info(const InfoFlags& flags, Console& console) {
  require_flag("--arch", !flags.input || !flags.arch.empty(), "for --input");
  Json result = {{"command", "info"}};
  std::vector<std::string> parts;
  const auto part = [&](bool wanted, auto&& add) {
    if (!wanted) return;
    parts.emplace_back();
    add(parts.back());
  };
  part(!flags.arch.empty(), [&](std::string& text) { add_network(result, text, flags); });
  part(!flags.model.empty(), [&](std::string& text) { add_model(result, text, flags); });
  part(!flags.x.empty(), [&](std::string& text) {
    const DataSummary summary = summarize_file(flags.x, flags.header);
    result["data"] = summary.json;
    text = summary.text;
  });
  part(parts.empty(), [&](std::string& text) { add_machine(result, text, console); });
  std::string text;
  for (const std::string& one : parts) text += (text.empty() ? "" : "\n") + one;
  console.show(result, text);
}

}  // namespace

void add_info_command(CLI::App& program, Invocation& invocation) {
  const auto flags = std::make_shared<InfoFlags>();
  CLI::App& command = *program.add_subcommand(
      "info", "this machine's devices; or what a network, a model or a data file is");
  set_help(command, "ntk info [--arch A [--input D]] [--model FILE] [--x X] [flags]",
           "ntk info --arch \"serial(Dense(512, W_std=1.5), Relu(), Dense(1))\" --input 784");
  add_architecture(command, flags->arch);
  add_parsed(
      command, "--input",
      [flags](const std::string& text) { flags->input = parse_shape("--input", text); }, "D",
      "shape of one sample (784, or 8x8): adds the shape after each layer");
  add_text(command, "--model", flags->model, "FILE", "a model that ntk fit wrote");
  add_text(command, "--x", flags->x, "X",
           "data: x.npy, data.npz:name, t.csv (its columns), t.csv:name, x.libsvm");
  add_header_flag(command, flags->header);
  add_display_flags(command, invocation.common);
  set_action(command, invocation, flags, run_info);
}

}  // namespace ntk::cli
