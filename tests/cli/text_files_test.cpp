// fit, predict, gram and info with tables of text, labels of text and normalization.
#include <gmock/gmock.h>

#include "program.h"

namespace ntk::cli_testing {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::string kNetwork = "serial(Dense(8, W_std=1.5, b_std=0.1), Relu(), Dense(1))";

class TextFiles : public ProgramTest {
 protected:
  TextFiles() {
    write("x.npy", kX, {6, 2});
    write("y.npy", kY, {6});
    write_labels("labels.npy", {1, 0, 1, 0, 0, 1});
    write_bytes("x.csv", "a,b\n0,1\n1,0\n1,1\n-1,0.5\n2,-1\n3,2\n");
    write_bytes("y.csv", "1\n-1\n0\n0.5\n2\n0\n");
    write_bytes("data.csv", "a,kind,b\n0,dog,1\n1,cat,0\n1,dog,1\n-1,cat,0.5\n2,cat,-1\n3,dog,2\n");
    write_bytes("d.libsvm", "1 2:1\n0 1:1\n1 1:1 2:1\n0 1:-1 2:0.5\n0 1:2 2:-1\n1 1:3 2:2\n");
  }

  Outcome fit(const std::vector<std::string>& more) const {
    std::vector<std::string> words = {"fit",       "--arch",     kNetwork, "--out",
                                      "model.npz", "--diag-reg", "1e-3",   "--json"};
    words.insert(words.end(), more.begin(), more.end());
    return run(words);
  }
  Outcome predict(const std::vector<std::string>& more) const {
    std::vector<std::string> words = {"predict", "--model", "model.npz", "--json"};
    words.insert(words.end(), more.begin(), more.end());
    return run(words);
  }
  std::vector<double> mean_of(const std::vector<std::string>& fit_with,
                              const std::string& x) const {
    const Outcome fitted = fit(fit_with);
    EXPECT_EQ(fitted.exit_code, 0) << fitted.err;
    const Outcome answer = predict({"--x", x, "--out", "p.npz"});
    EXPECT_EQ(answer.exit_code, 0) << answer.err;
    const Array mean = read("p.npz:mean");
    return {mean.as<double>(), mean.as<double>() + mean.size()};
  }

  const std::vector<double> kX = {0, 1, 1, 0, 1, 1, -1, 0.5, 2, -1, 3, 2};
  const std::vector<double> kY = {1, -1, 0, 0.5, 2, 0};
};

TEST_F(TextFiles, TablesGiveWhatArraysGive) {
  const std::vector<double> expected = mean_of({"--x", "x.npy", "--y", "y.npy"}, "x.npy");
  EXPECT_EQ(mean_of({"--x", "x.csv", "--y", "y.csv", "--task", "regression"}, "x.csv"), expected);
  EXPECT_EQ(mean_of({"--x", "x.csv:a,b", "--y", "y.npy"}, "x.npy"), expected);
  EXPECT_EQ(mean_of({"--x", "d.libsvm", "--y", "y.npy"}, "d.libsvm"), expected);
  const std::vector<double> classes = mean_of({"--x", "x.npy", "--y", "labels.npy"}, "x.npy");
  EXPECT_EQ(mean_of({"--x", "d.libsvm", "--task", "classification"}, "d.libsvm"), classes);
  EXPECT_EQ(mean_of({"--x", "data.csv", "--y", "data.csv:kind"}, "x.csv"), classes);
}

TEST_F(TextFiles, NumbersInTextNeedTheTaskSaid) {
  EXPECT_FAILS(run({"fit", "--arch", kNetwork, "--x", "x.csv", "--y", "y.csv", "--out", "m.npz"}),
               2, "--task is needed: y.csv is a text file");
  EXPECT_FAILS(run({"fit", "--arch", kNetwork, "--x", "d.libsvm", "--out", "m.npz"}), 2,
               "--task is needed: d.libsvm");
  EXPECT_FAILS(run({"fit", "--arch", kNetwork, "--x", "x.csv", "--out", "m.npz"}), 2,
               "--y is needed");
}

TEST_F(TextFiles, LabelsOfTextComeBackAsText) {
  const Outcome fitted = fit({"--x", "data.csv", "--y", "data.csv:kind"});
  ASSERT_EQ(fitted.exit_code, 0) << fitted.err;
  EXPECT_EQ(fitted.json().at("classes"), Json({"cat", "dog"}));
  EXPECT_THAT(fitted.err, HasSubstr("y holds text: it is taken as class labels"));
  const Outcome answer = predict({"--x", "data.csv", "--y", "data.csv:kind", "--out", "p.npz"});
  ASSERT_EQ(answer.exit_code, 0) << answer.err;
  EXPECT_EQ(answer.json().at("accuracy"), 1.0);
  EXPECT_EQ(answer.json().at("classes"), Json({"cat", "dog"}));
  EXPECT_EQ(answer.json().at("arrays").at("label_names").at("dtype"), "text");
  const Array labels = read("p.npz:labels");
  const std::vector<std::string> names =
      read_targets(path("p.npz").string() + ":label_names").texts;
  std::vector<std::string> said;
  for (std::int64_t i = 0; i < labels.size(); ++i)
    said.push_back(names.at(static_cast<std::size_t>(labels.as<std::int64_t>()[i])));
  EXPECT_THAT(said, ElementsAre("dog", "cat", "dog", "cat", "cat", "dog"));
}

TEST_F(TextFiles, LabelsOfTextMayBeAnArray) {
  const std::vector<std::string> labels = {"dog", "cat", "dog", "cat", "cat", "dog"};
  write_npz(path("t.npz").string(), {}, {{"y", labels}});
  ASSERT_EQ(fit({"--x", "x.npy", "--y", "t.npz:y"}).exit_code, 0);
  EXPECT_EQ(predict({"--x", "x.npy", "--y", "t.npz:y"}).json().at("correct"), 6);
}

TEST_F(TextFiles, TruthMustBeOfTheKindOfTheLabels) {
  ASSERT_EQ(fit({"--x", "data.csv", "--y", "data.csv:kind"}).exit_code, 0);
  EXPECT_FAILS(run({"predict", "--model", "model.npz", "--x", "x.npy", "--y", "labels.npy"}), 2,
               "labels that are text, found numbers");
  write_bytes("other.csv", "dog\ncat\ndog\ncow\ncat\ndog\n");
  const Outcome strange = predict({"--x", "x.npy", "--y", "other.csv"});
  EXPECT_EQ(strange.json().at("correct"), 5);
  EXPECT_THAT(strange.err, HasSubstr("1 of the true labels are none of the model's classes"));
  ASSERT_EQ(fit({"--x", "x.npy", "--y", "labels.npy"}).exit_code, 0);
  EXPECT_FAILS(run({"predict", "--model", "model.npz", "--x", "x.npy", "--y", "other.csv"}), 2,
               "labels that are integers, found text");
  ASSERT_EQ(fit({"--x", "x.npy", "--y", "y.npy"}).exit_code, 0);
  EXPECT_FAILS(run({"predict", "--model", "model.npz", "--x", "x.npy", "--y", "other.csv"}), 2,
               "a regression.*found text");
}

TEST_F(TextFiles, LibsvmIsScoredByItsOwnLabels) {
  ASSERT_EQ(fit({"--x", "d.libsvm", "--task", "classification"}).exit_code, 0);
  EXPECT_EQ(predict({"--x", "d.libsvm"}).json().at("accuracy"), 1.0);
  write_bytes("off.csv", "0\n0\n1\n0\n0\n1\n");
  EXPECT_EQ(predict({"--x", "d.libsvm", "--y", "off.csv"}).json().at("correct"), 5);
}

TEST_F(TextFiles, TheModelGivesLibsvmItsWidth) {
  ASSERT_EQ(fit({"--x", "d.libsvm", "--task", "classification"}).exit_code, 0);
  write_bytes("narrow.svm", "1 1:1\n");
  EXPECT_EQ(predict({"--x", "narrow.svm"}).exit_code, 0);
  write_bytes("wide.svm", "1 1:1\n0 1:1 3:1\n");
  EXPECT_FAILS(run({"predict", "--model", "model.npz", "--x", "wide.svm"}), 1,
               "wide.svm: line 2: the index 3 is past the 2 features");
  EXPECT_EQ(
      run({"gram", "--arch", kNetwork, "--x1", "d.libsvm", "--x2", "narrow.svm", "--out", "k.npz"})
          .exit_code,
      0);
  EXPECT_EQ(read("k.npz:ntk").shape(), (Shape{6, 1}));
}

TEST_F(TextFiles, MistakesAreNamedByFileLineAndColumn) {
  write_bytes("bad.csv", "a,b\n1,2\n3,NA\n");
  EXPECT_FAILS(run({"gram", "--arch", kNetwork, "--x1", "bad.csv", "--out", "k.npz"}), 1,
               "bad.csv: line 3, column 2 \\('b'\\): is missing \\('NA'\\)");
}

TEST_F(TextFiles, PrecisionIsThatOfDtype) {
  const Outcome fitted =
      fit({"--x", "x.csv", "--y", "y.csv", "--task", "regression", "--dtype", "float32"});
  ASSERT_EQ(fitted.exit_code, 0) << fitted.err;
  EXPECT_EQ(read("model.npz:x").dtype(), DType::float32);
}

TEST_F(TextFiles, AHeaderMayBeSaid) {
  write_bytes("names.csv", "0,1\n5,6\n7,8\n");
  EXPECT_EQ(run({"info", "--x", "names.csv", "--json"}).json().at("data").at("shape"),
            Json({3, 2}));
  EXPECT_EQ(
      run({"gram", "--arch", kNetwork, "--x1", "names.csv", "--header", "yes", "--out", "k.npz"})
          .exit_code,
      0);
  EXPECT_EQ(read("k.npz:ntk").shape(), (Shape{2, 2}));
}

TEST_F(TextFiles, InfoSaysHowATableIsUnderstood) {
  const Json table = run({"info", "--x", "data.csv", "--json"}).json().at("data");
  EXPECT_EQ(table.at("shape"), Json({6, 3}));
  EXPECT_EQ(table.at("header"), true);
  EXPECT_EQ(table.at("columns").at(1), Json({{"name", "kind"}, {"kind", "text"}}));
  EXPECT_THAT(run({"info", "--x", "data.csv"}).out, HasSubstr("column b     numbers"));
  const Json kinds = run({"info", "--x", "data.csv:kind", "--json"}).json().at("data");
  EXPECT_EQ(kinds.at("dtype"), "text");
  EXPECT_EQ(kinds.at("distinct"), 2);
  EXPECT_EQ(run({"info", "--x", "d.libsvm", "--json"}).json().at("data").at("shape"), Json({6, 2}));
}

TEST_F(TextFiles, NormalizationIsRepeatedByPredict) {
  const Outcome fitted = fit({"--x", "x.npy", "--y", "labels.npy", "--normalize", "standard"});
  ASSERT_EQ(fitted.exit_code, 0) << fitted.err;
  EXPECT_EQ(fitted.json().at("normalize"), "standard");
  EXPECT_EQ(predict({"--x", "x.npy", "--y", "labels.npy"}).json().at("accuracy"), 1.0);
  EXPECT_EQ(run({"info", "--model", "model.npz", "--json"}).json().at("model").at("normalize"),
            "standard");
  // Unit samples forget their length.
  ASSERT_EQ(fit({"--x", "x.npy", "--y", "labels.npy", "--normalize", "unit"}).exit_code, 0);
  std::vector<double> longer = kX;
  for (double& value : longer) value *= 1024;
  write("longer.npy", longer, {6, 2});
  ASSERT_EQ(predict({"--x", "x.npy", "--out", "p.npz"}).exit_code, 0);
  ASSERT_EQ(predict({"--x", "longer.npy", "--out", "q.npz"}).exit_code, 0);
  const Array p = read("p.npz:mean"), q = read("q.npz:mean");
  for (std::int64_t i = 0; i < p.size(); ++i) EXPECT_EQ(p.as<double>()[i], q.as<double>()[i]);
  EXPECT_FAILS(
      run({"fit", "--gram", "k.npy", "--y", "y.npy", "--normalize", "unit", "--out", "m.npz"}), 2,
      "--normalize does not go with --gram");
}

}  // namespace
}  // namespace ntk::cli_testing
