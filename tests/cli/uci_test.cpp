// Real tables through fit and predict, from arrays and from text: the answers are the same.
#include <gmock/gmock.h>

#include <cstdio>

#include "program.h"

namespace ntk::cli_testing {
namespace {

// Rows first, first + 2, ... of a matrix or a vector.
Array every_other_row(const Array& a, std::int64_t first) {
  const std::int64_t rows = a.shape()[0], width = a.size() / rows;
  Shape shape = a.shape();
  shape[0] = (rows - first + 1) / 2;
  Array half(a.dtype(), shape);
  const auto row_bytes = static_cast<std::size_t>(width) * size_of(a.dtype());
  const auto* from = static_cast<const char*>(a.data());
  auto* to = static_cast<char*>(half.data());
  for (std::int64_t i = first; i < rows; i += 2, to += row_bytes)
    std::copy_n(from + static_cast<std::size_t>(i) * row_bytes, row_bytes, to);
  return half;
}

std::string number(double value) {
  char text[40];
  std::snprintf(text, sizeof text, "%.17g", value);
  return text;
}

// Features, then the label, with a header; every third number in quotes.
std::string table_of(const Array& x, const Array& y) {
  const std::int64_t rows = x.shape()[0], width = x.shape()[1];
  std::string text;
  for (std::int64_t j = 0; j < width; ++j) text += "\"feature, " + std::to_string(j) + "\",";
  text += "label\r\n";
  for (std::int64_t i = 0; i < rows; ++i) {
    for (std::int64_t j = 0; j < width; ++j) {
      const std::string value = number(x.as<float>()[i * width + j]);
      text += (i + j) % 3 == 0 ? '"' + value + "\"," : value + ',';
    }
    text += std::to_string(y.as<std::int64_t>()[i]) + "\r\n";
  }
  return text;
}

std::string libsvm_of(const Array& x, const Array& y) {
  const std::int64_t rows = x.shape()[0], width = x.shape()[1];
  std::string text;
  for (std::int64_t i = 0; i < rows; ++i) {
    text += std::to_string(y.as<std::int64_t>()[i]);
    for (std::int64_t j = 0; j < width; ++j)
      if (const float value = x.as<float>()[i * width + j]; value != 0)
        text += ' ' + std::to_string(j + 1) + ':' + number(value);
    text += '\n';
  }
  return text;
}

struct Set {
  const char* name;
  double accuracy;  // at least, on the other half
};

class Uci : public ProgramTest, public testing::WithParamInterface<Set> {
 protected:
  Uci() {
    const std::string file = std::string(NTK_TEST_DATA) + "/uci/" + GetParam().name + ".npz";
    const Array x = read_array(file + ":X"), y = read_array(file + ":y");
    const Array x_train = every_other_row(x, 0), x_test = every_other_row(x, 1);
    const Array y_train = every_other_row(y, 0), y_test = every_other_row(y, 1);
    write_npz(path("data.npz").string(),
              {{"x_train", x_train}, {"y_train", y_train}, {"x_test", x_test}, {"y_test", y_test}});
    write_bytes("train.csv", table_of(x_train, y_train));
    write_bytes("test.csv", table_of(x_test, y_test));
    write_bytes("train.libsvm", libsvm_of(x_train, y_train));
    write_bytes("test.libsvm", libsvm_of(x_test, y_test));
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

INSTANTIATE_TEST_SUITE_P(Sets, Uci,
                         testing::Values(Set{"iris", 0.9}, Set{"wine", 0.95}, Set{"glass", 0.7},
                                         Set{"zoo", 0.92}),
                         [](const auto& set) { return std::string(set.param.name); });

}  // namespace
}  // namespace ntk::cli_testing
