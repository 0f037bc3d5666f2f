// Files, and the shapes of outputs.
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "architecture/refusal.h"

namespace ntk {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class ArchitectureFile : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::path(testing::TempDir()) /
              ("architecture_" + std::to_string(testing::UnitTest::GetInstance()->random_seed()) +
               testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string write(const std::string& name, const std::string& text) const {
    const std::string path = (folder_ / name).string();
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }

  std::filesystem::path folder_;
};

TEST_F(ArchitectureFile, HoldsJsonOrAnExpression) {
  const Architecture net = serial(Dense(8), Relu(), Dense(1));
  EXPECT_EQ(parse_architecture(write("net.json", net.to_json(true))), net);
  EXPECT_EQ(parse_architecture(write("net.py", "# a network\n" + net.to_expression() + "\n")), net);
  EXPECT_EQ(parse_architecture(write("bom.json", "\xEF\xBB\xBF" + net.to_json())), net);
}

TEST_F(ArchitectureFile, MayBeNamedLikeACall) {
  const auto before = std::filesystem::current_path();
  write("net(2).json", serial(Dense(8)).to_json());
  std::filesystem::current_path(folder_);
  const Architecture net = parse_architecture("net(2).json");
  std::filesystem::current_path(before);
  EXPECT_EQ(net, serial(Dense(8)));
}

TEST_F(ArchitectureFile, IsNamedByItsErrors) {
  EXPECT_THAT(refusal_of_text(write("bad.json", json_of(R"({"op": "Dense", "out_dim": 0})"))),
              AllOf(HasSubstr("bad.json"), HasSubstr("layers[0].out_dim")));
  EXPECT_THAT(refusal_of_text(write("text.txt", "hello")),
              AllOf(HasSubstr("text.txt"), HasSubstr("neither JSON")));
  EXPECT_THAT(refusal_of_text(write("empty.json", "")), HasSubstr("empty.json"));
}

TEST_F(ArchitectureFile, ThatIsTooLargeIsRefused) {
  EXPECT_THAT(refusal_of_text(write("large.json", std::string(std::size_t{17} << 20, ' '))),
              HasSubstr("16 MiB"));
}

std::string data_error_of(const std::string& text) {
  try {
    parse_architecture(text);
  } catch (const DataError& error) {
    return error.what();
  }
  ADD_FAILURE() << "no DataError for " << text;
  return "";
}

TEST_F(ArchitectureFile, ThatIsMissingIsADataError) {
  const std::string path = (folder_ / "none.json").string();
  EXPECT_THAT(data_error_of(path), AllOf(HasSubstr("there is no file"), HasSubstr("neither JSON"),
                                         HasSubstr("nor an expression")));
  EXPECT_THAT(data_error_of(folder_.string()), HasSubstr("is a directory"));
  EXPECT_THAT(data_error_of("Dense"), HasSubstr("\"Dense\""));
  EXPECT_THAT(data_error_of(""), HasSubstr("there is no file"));
  EXPECT_THAT(data_error_of(std::string(100'000, 'a')), HasSubstr("there is no file"));
}

TEST(OutputShape, IsTheWidthOfTheLastLayerThatChangesIt) {
  EXPECT_EQ(serial(Dense(8), Relu(), Dense(3)).output_shape({10}), Shape{3});
  EXPECT_EQ(serial(Dense(8), Residual({Relu(), Dense(8)}), Relu()).output_shape({10}), Shape{8});
  EXPECT_EQ(serial(Identity()).output_shape({10}), Shape{10});
  EXPECT_EQ(serial(Flatten()).output_shape({8, 8, 3}), Shape{192});
  EXPECT_EQ(serial(Flatten(), Dense(2)).output_shape({8, 8, 3}), Shape{2});
}

TEST(OutputShape, WantsVectorsUnlessTheNetworkFlattens) {
  const Architecture net = serial(Dense(8));
  EXPECT_THAT(
      refusal_of([&] {
        net.output_shape({8, 8});
      }),
      AllOf(HasSubstr("layers[0]"), HasSubstr("8x8"), HasSubstr("Flatten"), HasSubstr("reshape")));
  EXPECT_THAT(refusal_of([&] { net.output_shape({}); }), HasSubstr("vectors"));
  EXPECT_THAT(refusal_of([&] { net.output_shape({0}); }), HasSubstr("no features"));
  EXPECT_THROW(net.output_shape({-3}), UsageError);
}

}  // namespace
}  // namespace ntk
