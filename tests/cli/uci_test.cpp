// Real tables through fit and predict, from arrays and from text: the answers are the same.
#include <gmock/gmock.h>

#include "program.h"
#include "uci_files.h"

namespace ntk::cli_testing {
namespace {

struct Set {
  const char* name;
  double accuracy;  // at least, on the other half
};

class Uci : public ProgramTest, public testing::WithParamInterface<Set> {
 protected:
  Uci() {
    const std::string file = std::string(NTK_TEST_DATA) + "/uci/" + GetParam().name + ".npz";
    uci::write_files(file, 2, folder_);
  }

  using Words = std::vector<std::string>;

  // Fits and predicts; the accuracy. The prediction is in p.npz then.
  double answer(const Words& train, const Words& test) const {
    Words fit = {
        "fit",         "--arch",   "serial(Dense(64, W_std=1.5, b_std=0.3), Relu(), Dense(1))",
        "--normalize", "standard", "--diag-reg",
        "0.02",        "--device", "cpu",
        "--out",       "model.npz"};
    fit.insert(fit.end(), train.begin(), train.end());
    const Outcome fitted = run(fit);
    EXPECT_EQ(fitted.exit_code, 0) << fitted.err;
    Words predict = {"predict",  "--model", "model.npz", "--cov", "diag",
                     "--device", "cpu",     "--json",    "--out", "p.npz"};
    predict.insert(predict.end(), test.begin(), test.end());
    const Outcome done = run(predict);
    EXPECT_EQ(done.exit_code, 0) << done.err;
    return done.json().at("accuracy").get<double>();
  }
  std::vector<double> numbers(const std::string& name) const {
    const Array a = read("p.npz:" + name).converted_to(DType::float64);
    return {a.as<double>(), a.as<double>() + a.size()};
  }
};

TEST_P(Uci, TextGivesTheAnswersOfArrays) {
  const double accuracy = answer({"--x", "data.npz:x_train", "--y", "data.npz:y_train"},
                                 {"--x", "data.npz:x_test", "--y", "data.npz:y_test"});
  EXPECT_GE(accuracy, GetParam().accuracy);
  const std::vector<double> mean = numbers("mean"), cov = numbers("cov"),
                            labels = numbers("labels");
  const Words single = {"--task", "classification", "--dtype", "float32"};
  Words csv = {"--x", "train.csv", "--y", "train.csv:label"}, libsvm = {"--x", "train.libsvm"};
  csv.insert(csv.end(), single.begin(), single.end());
  libsvm.insert(libsvm.end(), single.begin(), single.end());
  const std::vector<std::pair<Words, Words>> from_text = {
      {csv, {"--x", "test.csv", "--y", "test.csv:label"}}, {libsvm, {"--x", "test.libsvm"}}};
  for (const auto& [train, test] : from_text) {
    EXPECT_EQ(answer(train, test), accuracy) << train[1];
    EXPECT_EQ(numbers("mean"), mean) << train[1];
    EXPECT_EQ(numbers("cov"), cov) << train[1];
    EXPECT_EQ(numbers("labels"), labels) << train[1];
  }
}

// Of each table half of the rows are predicted; all of them larger than these: bench/uci_sets.cpp.
INSTANTIATE_TEST_SUITE_P(Sets, Uci,
                         testing::Values(Set{"breast_cancer_wdbc", 0.9}, Set{"breastcancer", 0.9},
                                         Set{"glass", 0.7}, Set{"housevotes84", 0.9},
                                         Set{"ionosphere", 0.85}, Set{"iris", 0.9},
                                         Set{"sonar", 0.75}, Set{"soybean", 0.85},
                                         Set{"vehicle", 0.75}, Set{"vowel", 0.8}, Set{"wine", 0.95},
                                         Set{"zoo", 0.92}),
                         [](const auto& set) { return std::string(set.param.name); });

}  // namespace
}  // namespace ntk::cli_testing
