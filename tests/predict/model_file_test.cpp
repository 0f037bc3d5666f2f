#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "ntk/model.h"
#include "src/io/sealed.h"
#include "tests/predict/kernels.h"

namespace ntk::testing {
namespace {

class ModelFile : public ::testing::Test {
 protected:
  ModelFile() {
    const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
    path_ = (std::filesystem::temp_directory_path() /
             (std::string("ntk_") + test->name() + "_" + std::to_string(::getpid()) + ".npz"))
                .string();
  }
  ~ModelFile() override { std::filesystem::remove(path_); }

  std::string bytes() const {
    std::ifstream file(path_, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void write(const std::string& bytes) const {
    std::ofstream(path_, std::ios::binary)
        .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  }

  std::string path_;
};

Architecture network() { return serial(Dense(8, {.W_std = 1.3, .b_std = 0.1}), Erf(), Dense(1)); }

Model small_model(FitOptions options = {}) {
  options.device = Device::cpu;
  if (!options.pseudo_inverse_cutoff) options.diag_reg = 1e-3;
  return fit(network(), random_matrix(4, 3, 1), random_matrix(4, 2, 2), options);
}

PredictOptions asked(std::optional<double> time, Cov cov) {
  PredictOptions options;
  options.device = Device::cpu;
  options.time = time;
  options.cov = cov;
  return options;
}

void expect_same_answers(const Model& a, const Model& b, std::initializer_list<double> times) {
  const Array z = random_matrix(5, 3, 9);
  for (const double time : times) {
    const std::optional<double> t = std::isinf(time) ? std::nullopt : std::optional<double>(time);
    const Prediction p = a.predict(z, asked(t, Cov::full)), q = b.predict(z, asked(t, Cov::full));
    EXPECT_EQ(p.mean.shape(), q.mean.shape());
    EXPECT_EQ(relative_error(p.mean, q.mean), 0) << time;
    EXPECT_EQ(relative_error(p.cov, q.cov), 0) << time;
  }
  EXPECT_EQ(a.ridge(), b.ridge());
  EXPECT_EQ(a.classes(), b.classes());
  EXPECT_EQ(a.summary(), b.summary());
}

constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST_F(ModelFile, KeepsEveryAnswer) {
  for (const KernelKind kernel : {KernelKind::nngp, KernelKind::ntk})
    for (const Solver solver : {Solver::automatic, Solver::eigen}) {
      FitOptions options;
      options.kernel = kernel;
      options.solver = solver;
      const Model model = small_model(options);
      model.save(path_);
      expect_same_answers(model, Model::load(path_), {kInfinity, 2});
    }
}

TEST_F(ModelFile, KeepsTheRidgelessLimit) {
  FitOptions options;
  options.pseudo_inverse_cutoff = 1e-10;
  const Model model = small_model(options);
  model.save(path_);
  expect_same_answers(model, Model::load(path_), {kInfinity, 2});
}

TEST_F(ModelFile, KeepsWhatASolverRefuses) {
  FitOptions options;
  options.solver = Solver::cholesky;
  small_model(options).save(path_);
  const Model loaded = Model::load(path_);
  EXPECT_THROW(loaded.predict(random_matrix(2, 3, 1), asked(1.0, Cov::none)), UsageError);
}

TEST_F(ModelFile, KeepsClassesVectorsAndPrecision) {
  FitOptions options;
  options.device = Device::cpu;
  options.diag_reg = 1e-2;
  const Array x = random_matrix(5, 3, 1, DType::float32);
  const Array labels = Array::of<std::int64_t>({4, 1, 4, 1, 9}, {5});
  for (const bool classes : {true, false}) {
    const Array y = classes ? labels.clone() : Array::of<double>({1, 2, 3, 4, 5}, {5});
    const Model model = fit(network(), x, y, options);
    model.save(path_);
    expect_same_answers(model, Model::load(path_), {kInfinity, 2});
  }
}

TEST_F(ModelFile, KeepsNormalization) {
  for (const Normalize how : {Normalize::unit, Normalize::standard}) {
    FitOptions options;
    options.normalize = how;
    const Model model = small_model(options);
    model.save(path_);
    const Model loaded = Model::load(path_);
    EXPECT_EQ(loaded.normalize(), how);
    expect_same_answers(model, loaded, {kInfinity, 2});
  }
}

TEST_F(ModelFile, KeepsTheNamesOfClasses) {
  FitOptions options;
  options.device = Device::cpu;
  options.diag_reg = 1e-2;
  const std::vector<std::string> labels = {"dog", "cat", "dog", "\xc3\xa9t\xc3\xa9", "cat"};
  const Model model = fit(network(), random_matrix(5, 3, 1), labels, options);
  model.save(path_);
  const Model loaded = Model::load(path_);
  EXPECT_EQ(loaded.class_names(), (std::vector<std::string>{"cat", "dog", "\xc3\xa9t\xc3\xa9"}));
  expect_same_answers(model, loaded, {kInfinity});
}

TEST_F(ModelFile, KeepsAModelOfAGramMatrix) {
  const SmallKernels k = small_kernels(6, 2, 1);
  FitOptions options;
  options.device = Device::cpu;
  options.max_jitter = 1e-6;
  const Model model = fit_gram(k.train, random_matrix(6, 1, 2), options);
  model.save(path_);
  const Model loaded = Model::load(path_);
  for (const std::optional<double> t : {std::optional<double>(), std::optional<double>(4)}) {
    const Prediction p = model.predict_from_gram(k.test_train, {}, asked(t, Cov::none));
    const Prediction q = loaded.predict_from_gram(k.test_train, {}, asked(t, Cov::none));
    EXPECT_EQ(relative_error(p.mean, q.mean), 0);
  }
}

TEST_F(ModelFile, ALoadedModelAnswersOnAnotherDevice) {
  const Model model = small_model();
  model.save(path_);
  const Model loaded = Model::load(path_);
  PredictOptions options = asked(std::nullopt, Cov::full);
  const Array z = random_matrix(5, 3, 9);
  const Prediction p = model.predict(z, options);
  options.device = Device::reference;
  const Prediction q = loaded.predict(z, options);
  EXPECT_LE(relative_error(q.mean, p.mean), 1e-10);
  EXPECT_LE(relative_error(q.cov, p.cov), 1e-10);
}

TEST_F(ModelFile, AnyByteThatChangesIsNoticed) {
  small_model().save(path_);
  const std::string whole = bytes();
  ASSERT_GT(whole.size(), 1000u);
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string changed = whole;
    changed[at] = static_cast<char>(changed[at] ^ (1 << (at % 8)));
    write(changed);
    EXPECT_THROW(Model::load(path_), DataError) << "byte " << at;
  }
}

TEST_F(ModelFile, ATornFileIsNoticed) {
  small_model().save(path_);
  const std::string whole = bytes();
  for (std::size_t length = 0; length < whole.size(); length += 1 + length / 50) {
    write(whole.substr(0, length));
    EXPECT_THROW(Model::load(path_), DataError) << length << " bytes";
  }
  write(whole + "x");
  EXPECT_THROW(Model::load(path_), DataError);
}

TEST_F(ModelFile, AMissingFileIsADataError) { EXPECT_THROW(Model::load(path_), DataError); }

// A file that is sealed, but does not make sense.
class ForgedModel : public ModelFile {
 protected:
  ForgedModel() {
    small_model().save(path_);
    archive_ = read_sealed_npz(path_);
    json_ = nlohmann::json::parse(archive_.metadata);
  }
  Array& array(const std::string& name) {
    for (NamedArray& named : archive_.arrays)
      if (named.name == name) return named.array;
    throw std::logic_error(name);
  }
  void seal() {
    std::vector<std::pair<std::string, ArrayView>> arrays;
    for (const NamedArray& named : archive_.arrays) arrays.emplace_back(named.name, named.array);
    write_sealed_npz(path_, arrays, json_.dump());
  }
  std::string refusal() {
    seal();
    return message_of<DataError>([&] { Model::load(path_); });
  }

  SealedArchive archive_;
  nlohmann::json json_;
};

TEST_F(ForgedModel, ThatIsWholeIsLoaded) {
  seal();
  EXPECT_NO_THROW(Model::load(path_));
}

TEST_F(ForgedModel, OfAnotherVersionIsRefusedWithBothVersions) {
  json_["ntk_model"] = 3;
  expect_says(refusal(), {"version 3", "reads 1 to 2"});
  json_["ntk_model"] = "2";
  expect_says(refusal(), {"version \"2\"", "reads 1 to 2"});
}

TEST_F(ForgedModel, OfTheFirstVersionIsRead) {
  json_["ntk_model"] = 1;
  json_.erase("class_names");
  json_.erase("normalize");
  seal();
  const Model old = Model::load(path_);
  EXPECT_EQ(old.normalize(), Normalize::none);
  EXPECT_TRUE(old.class_names().empty());
  expect_same_answers(old, small_model(), {kInfinity});
  json_["normalize"] = "unit";
  expect_says(refusal(), {"unknown", "normalize"});
}

TEST_F(ForgedModel, WithAnotherNormalizationIsRefused) {
  json_["normalize"] = "sideways";
  expect_says(refusal(), {"normalize", "sideways"});
  json_["normalize"] = "standard";
  expect_says(refusal(), {"normalize_mean", "missing"});
  archive_.arrays.push_back({"normalize_mean", Array(DType::float64, {2})});
  archive_.arrays.push_back({"normalize_scale", Array(DType::float64, {3})});
  expect_says(refusal(), {"normalize_mean", "x"});
  array("normalize_mean") = Array(DType::float64, {3});
  array("normalize_scale") = Array::of<double>({1, -1, 1}, {3});
  expect_says(refusal(), {"normalize_scale", "negative"});
}

TEST_F(ForgedModel, WithNamesThatAreNotThoseOfItsClassesIsRefused) {
  json_["class_names"] = {"a", "b"};
  expect_says(refusal(), {"class_names"});
  json_["classes"] = {0, 1};
  json_["class_names"] = {"b", "a"};
  expect_says(refusal(), {"ascending"});
  json_["class_names"] = {"", "a"};
  expect_says(refusal(), {"ascending"});
  json_["classes"] = {0, 2};
  json_["class_names"] = {"a", "b"};
  expect_says(refusal(), {"class_names"});
}

TEST_F(ForgedModel, WithoutAnEntryIsRefusedByItsName) {
  const nlohmann::json whole = json_;
  for (const auto& [key, value] : whole.items()) {
    if (key == "architecture") continue;
    json_.erase(key);
    const std::string message = refusal();
    if (key != "ntk_model") expect_says(message, {key.c_str(), "missing"});
    json_ = whole;
  }
}

TEST_F(ForgedModel, WithAnEntryOfAnotherTypeIsRefusedByItsName) {
  const nlohmann::json whole = json_;
  for (const auto& [key, value] : whole.items()) {
    if (key == "architecture") continue;
    json_[key] = nlohmann::json::object({{"a", 1}});
    const std::string message = refusal();
    if (key != "ntk_model") expect_says(message, {key.c_str()});
    json_ = whole;
  }
}

TEST_F(ForgedModel, WithAnUnknownEntryOrArrayIsRefused) {
  json_["colour"] = "red";
  expect_says(refusal(), {"colour"});
  json_.erase("colour");
  archive_.arrays.push_back({"extra", identity(2)});
  expect_says(refusal(), {"extra"});
}

TEST_F(ForgedModel, WithArraysThatDoNotFitIsRefused) {
  array("y") = random_matrix(5, 2, 1);
  refusal();
  array("y") = Array::of<double>({1, 2, 3, std::nan(""), 5, 6, 7, 8}, {4, 2});
  expect_says(refusal(), {"y", "NaN"});
  array("y") = random_matrix(4, 2, 1, DType::float32);
  expect_says(refusal(), {"y", "float64"});
  array("y") = random_matrix(4, 2, 1);
  array("x") = random_matrix(3, 3, 1);
  expect_says(refusal(), {"x", "3x3"});
  array("x") = random_matrix(4, 3, 1);
  array("cholesky") = Array(DType::float64, {10});
  expect_says(refusal(), {"diagonal"});
  array("cholesky") = Array(DType::float64, {11});
  refusal();
}

TEST_F(ForgedModel, WithOptionsThatContradictEachOtherIsRefused) {
  json_["pseudo_inverse_cutoff"] = 0.1;
  refusal();
  json_.erase("pseudo_inverse_cutoff");
  json_["classes"] = {3, 1};
  expect_says(refusal(), {"ascending"});
  json_["classes"] = {1, 2.5};
  expect_says(refusal(), {"classes"});
  json_["classes"] = nlohmann::json::array();
  json_["solver"] = "magic";
  expect_says(refusal(), {"solver", "magic"});
  json_["solver"] = "eigen";
  refusal();
  json_["solver"] = "automatic";
  json_["architecture"] = nlohmann::json::object();
  refusal();
}

}  // namespace
}  // namespace ntk::testing
