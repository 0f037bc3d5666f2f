#include <gmock/gmock.h>

#include "program.h"

namespace ntk::cli_testing {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class Usage : public ProgramTest {};

const std::vector<std::vector<std::string>> kCommands = {
    {"gram"},           {"fit"},          {"predict"}, {"info"}, {"bench"}, {"bench", "gram"},
    {"bench", "solve"}, {"bench", "fit"}, {"demo"}};

std::string help_of(const Outcome& outcome) {
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(outcome.err, "");
  return outcome.out;
}

// What stands under "Example:", without its indentation.
std::string example_in(const std::string& help) {
  const std::size_t at = help.find("\nExample:\n");
  if (at == std::string::npos) return "";
  std::istringstream lines(help.substr(at + 10));
  std::string line, example;
  while (std::getline(lines, line))
    example += line.substr(std::min<std::size_t>(2, line.size())) + '\n';
  return example;
}

TEST_F(Usage, EveryHelpShowsUsageFlagsAndAnExample) {
  for (std::vector<std::string> words : kCommands) {
    words.push_back("--help");
    const std::string help = help_of(run(words));
    EXPECT_THAT(help, StartsWith("ntk " + words[0]));
    EXPECT_THAT(help, HasSubstr("\nUsage: ntk " + words[0]));
    EXPECT_THAT(example_in(help), HasSubstr("ntk " + words[0]));
    if (words.size() > 2 || words[0] != "bench") {
      for (const char* flag : {"--json", "--device D", "--quiet"})
        EXPECT_THAT(help, HasSubstr(flag)) << words[0];
    }
  }
}

TEST_F(Usage, HelpLinesFitATerminal) {
  for (std::vector<std::string> words : kCommands) {
    words.push_back("--help");
    std::istringstream lines(help_of(run(words)));
    for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 96u) << line;
  }
}

// In the project's root, as a user would: here a folder that shows the same examples/.
TEST_F(Usage, ExamplesWorkWhenPasted) {
  fs::create_directory_symlink(fs::path(NTK_SOURCE_DIR) / "examples", path("examples"));
  const std::string programs = fs::path(NTK_PROGRAM).parent_path().string();
  const Environment environment = {{"PATH", programs + ":" + std::getenv("PATH")}};
  std::vector<std::vector<std::string>> commands = kCommands;
  commands.insert(commands.begin(), std::vector<std::string>{});
  for (std::vector<std::string> words : commands) {
    words.push_back("--help");
    const std::string example = example_in(help_of(run(words)));
    ASSERT_NE(example, "");
    const Outcome done = execute({"sh", "-e", "-c", example}, environment);
    EXPECT_EQ(done.exit_code, 0) << example << done.err;
  }
}

TEST_F(Usage, VersionIsTold) {
  EXPECT_THAT(help_of(run({"--version"})), testing::MatchesRegex("ntk [0-9]+\\.[0-9]+\\.[0-9]+\n"));
}

TEST_F(Usage, WhatNewcomersForgetIsExplained) {
  EXPECT_FAILS(run({"fit"}), 2, "--arch is needed .the network, such as .serial.*--kernel");
  EXPECT_FAILS(run({"fit", "--arch", "A"}), 2, "--x is needed .the training samples.*x.npy");
  EXPECT_FAILS(run({"fit", "--arch", "A", "--x", "x.npy"}), 2,
               "--y is needed .the targets or labels.*y.npy");
  EXPECT_FAILS(run({"fit", "--arch", "A", "--x", "x.npy", "--y", "y.npy"}), 2,
               "--out is needed .*model.npz");
  EXPECT_FAILS(run({"predict"}), 2, "--model is needed .*ntk fit wrote");
  EXPECT_FAILS(run({"gram", "--arch", "A"}), 2, "--x1 is needed .the samples.*x.npy");
  EXPECT_FAILS(run({"train"}), 2, "unknown command .train.; there are gram, fit, predict, info");
  EXPECT_FAILS(run({}), 2, "a command is needed: gram, fit, predict");
  EXPECT_FAILS(run({"info", "--device", "gpu"}), 2, "a GPU's name is cuda");
  EXPECT_FAILS(run({"info", "--arch", "Dense(8), Relu()"}), 2, "several layers go into serial");
}

TEST_F(Usage, WhatIsNoModelIsSaid) {
  write_bytes("t.csv", "1,2\n");
  EXPECT_FAILS(run({"predict", "--model", "t.csv", "--x", "t.csv", "--out", "p.npz"}), 1,
               "t.csv: is torn, or no model: expected a file that ntk fit wrote");
}

TEST_F(Usage, AHeaderAloneIsSaid) {
  write_bytes("t.csv", "a,b\n");
  EXPECT_FAILS(run({"gram", "--arch", "serial(Dense(1))", "--x1", "t.csv", "--out", "k.npz"}), 1,
               "is no number .'a'.*if this line is a header, no rows follow it");
}

TEST_F(Usage, ACommandIsNeeded) { EXPECT_FAILS(run({}), 2, "a command is needed.*ntk --help"); }

TEST_F(Usage, AnUnknownCommandIsAnsweredWithTheNearest) {
  EXPECT_FAILS(run({"grm"}), 2, "\"grm\"; did you mean gram\\?");
  EXPECT_FAILS(run({"bench", "slove"}), 2, "\"slove\"; did you mean solve\\?.*ntk bench --help");
}

TEST_F(Usage, AnUnknownFlagIsAnsweredWithTheNearest) {
  EXPECT_FAILS(run({"fit", "--diag-regg", "1"}), 2, "--diag-regg; did you mean --diag-reg\\?");
  EXPECT_FAILS(run({"predict", "--modle=m.npz"}), 2, "--modle; did you mean --model\\?");
}

TEST_F(Usage, AnArgumentThatNobodyAskedForIsRefused) {
  EXPECT_FAILS(run({"info", "extra"}), 2, "unexpected argument \"extra\"");
}

TEST_F(Usage, AMissingFlagIsNamed) {
  EXPECT_FAILS(run({"gram"}), 2, "--arch is needed");
  EXPECT_FAILS(run({"predict", "--model", "m.npz"}), 2, "--x is needed");
}

TEST_F(Usage, AFlagWithoutItsValueIsNamed) {
  EXPECT_FAILS(run({"info", "--arch"}), 2, "--arch needs a value");
}

TEST_F(Usage, AFlagGivenTwiceIsRefused) {
  EXPECT_FAILS(run({"info", "--x", "a.npy", "--x", "b.npy"}), 2, "--x is given more than once");
}

TEST_F(Usage, FlagsThatContradictEachOtherAreRefused) {
  EXPECT_FAILS(run({"fit", "--gram", "k.npy", "--x", "x.npy", "--y", "y.npy", "--out", "m.npz"}), 2,
               "--x does not go with --gram");
  EXPECT_FAILS(run({"gram", "--arch", "serial(Dense(1))", "--x1", "a", "--x2", "b", "--diagonal",
                    "--out", "k.npz"}),
               2, "--x2 does not go with --diagonal");
}

TEST_F(Usage, ValuesAreCheckedWithTheirFlagNamed) {
  EXPECT_FAILS(run({"info", "--device", "cudaa"}), 2,
               "--device: .*did you mean cuda\\?.*\"cudaa\"");
  EXPECT_FAILS(run({"gram", "--memory-limit", "4Q"}), 2, "--memory-limit: .*\"4Q\"");
  EXPECT_FAILS(run({"gram", "--memory-limit", "-1"}), 2, "--memory-limit");
  EXPECT_FAILS(run({"gram", "--threads", "0"}), 2, "--threads: .*at least 1");
  EXPECT_FAILS(run({"gram", "--dtype", "float16"}), 2, "--dtype: .*float64, float32");
  EXPECT_FAILS(run({"gram", "--get", "nngp,ntkk"}), 2, "--get: .*\"ntkk\"");
  EXPECT_FAILS(run({"fit", "--diag-reg", "nan"}), 2, "--diag-reg: .*finite");
  EXPECT_FAILS(run({"fit", "--diag-reg", "1e-3x"}), 2, "--diag-reg: .*\"1e-3x\"");
  EXPECT_FAILS(run({"predict", "--time", "-1"}), 2, "--time: .*inf");
  EXPECT_FAILS(run({"bench", "gram", "--shape", "8,0"}), 2, "--shape: .*at least 1");
  EXPECT_FAILS(run({"bench", "gram", "--shape", "8"}), 2, "--shape: expected N,d");
}

TEST_F(Usage, MemoryLimitsTakeBinaryAndDecimalUnits) {
  write("x.npy", Array(DType::float64, {100, 2}));
  const auto limited = [&](const std::string& limit) {
    return run({"gram", "--arch", "serial(Dense(1))", "--x1", "x.npy", "--out", "k.npz",
                "--memory-limit", limit});
  };
  EXPECT_FAILS(limited("2K"), 5, "2.0 KiB are allowed");
  EXPECT_FAILS(limited("2KiB"), 5, "2.0 KiB are allowed");
  EXPECT_FAILS(limited("2KB"), 5, "2.0 KiB are allowed");
  EXPECT_FAILS(limited("1.5K"), 5, "1.5 KiB are allowed");
  EXPECT_EQ(limited("1G").exit_code, 0);
}

TEST_F(Usage, TheDevicesVariableIsADefault) {
  const Outcome by_variable = run({"info", "--json"}, {{"NTK_DEVICE", "reference"}});
  EXPECT_EQ(by_variable.json().at("device"), "reference");
  const Outcome by_flag = run({"info", "--json", "--device", "cpu"}, {{"NTK_DEVICE", "reference"}});
  EXPECT_EQ(by_flag.json().at("device"), "cpu");
  EXPECT_FAILS(run({"info"}, {{"NTK_DEVICE", "gpu"}}), 2, "NTK_DEVICE: .*\"gpu\"");
}

TEST_F(Usage, ADeviceThatIsPassedOverIsToldOnStandardErrorAlone) {
  for (const DeviceInfo& info : devices())
    if (info.device == Device::cuda && info.usable) GTEST_SKIP() << "a usable GPU is here";
  write("x.npy", {1, 2}, {1, 2});
  std::vector<std::string> words = {"gram",  "--arch", "serial(Dense(1))", "--x1", "x.npy",
                                    "--out", "k.npz"};
  EXPECT_EQ(run(words).err, "");  // nobody is watching
  words.push_back("--verbose");
  const Outcome told = run(words);
  EXPECT_THAT(told.err, testing::MatchesRegex("ntk: cuda is not usable: [^\n]+; using cpu\n"));
  EXPECT_THAT(told.out, testing::Not(HasSubstr("usable")));
}

TEST_F(Usage, JsonErrorsComeForUsageToo) {
  const Outcome failed = run({"gram", "--jsn", "--json"});
  EXPECT_EQ(failed.exit_code, 2);
  EXPECT_EQ(failed.json().at("error").at("kind"), "usage");
}

}  // namespace
}  // namespace ntk::cli_testing
