#include <gmock/gmock.h>

#include "program.h"

namespace ntk::cli_testing {
namespace {

using testing::HasSubstr;

class Info : public ProgramTest {};

TEST_F(Info, ListsEveryDeviceWithItsState) {
  const Outcome text = run({"info"});
  const Json result = run({"info", "--json"}).json();
  EXPECT_EQ(text.exit_code, 0);
  const std::vector<DeviceInfo> known = devices();
  ASSERT_EQ(result.at("devices").size(), known.size());
  for (std::size_t d = 0; d < known.size(); ++d) {
    const Json& told = result.at("devices")[d];
    EXPECT_EQ(told.at("device"), name_of(known[d].device));
    EXPECT_EQ(told.at("usable"), known[d].usable);
    EXPECT_THAT(text.out, HasSubstr(name_of(known[d].device)));
    // Something is said of each: what it is, or why it cannot be used.
    EXPECT_NE(told.at(known[d].usable ? "description" : "reason"), "");
  }
  EXPECT_GT(result.at("memory").at("available_bytes").get<std::uint64_t>(), 0u);
  EXPECT_GE(result.at("threads").get<int>(), 1);
}

TEST_F(Info, ListsTheLayersWithPlaceAndShape) {
  const Outcome told = run({"info", "--arch",
                            "serial(Flatten(), Dense(512, W_std=1.5), Residual(Relu(), Dense(512)),"
                            " Parallel([Erf(), Dense(3)], [Dense(3)]), Dense(1))",
                            "--input", "8x8"});
  ASSERT_EQ(told.exit_code, 0) << told.err;
  EXPECT_THAT(told.out,
              HasSubstr("place                     layer     parameters            output\n"));
  EXPECT_THAT(told.out,
              HasSubstr("layers[1]                 Dense     512, W_std=1.5           512\n"));
  EXPECT_THAT(told.out,
              HasSubstr("layers[2].layers[0]         Relu                             512\n"));
  EXPECT_THAT(told.out,
              HasSubstr("layers[3].branches[1][0]    Dense   3                          3\n"));
}

TEST_F(Info, BothTextsOfANetworkMeanTheSame) {
  const std::string arch = "serial(Dense(2, b_std=0.1), LeakyRelu(0.2), Dense(1))";
  const Json told = run({"info", "--arch", arch, "--json"}).json().at("architecture");
  EXPECT_TRUE(parse_architecture(told.at("expression")) == parse_architecture(arch));
  EXPECT_TRUE(parse_architecture(told.at("json").dump()) == parse_architecture(arch));
  EXPECT_EQ(told.at("layers").size(), 3u);
  EXPECT_FALSE(told.at("layers")[0].contains("output"));
}

TEST_F(Info, SummarizesData) {
  write("x.npy", {1, 2, 3, 6}, {2, 2});
  write_labels("y.npy", {4, 4, 9});
  const Json x = run({"info", "--x", "x.npy", "--json"}).json().at("data");
  EXPECT_EQ(x.at("shape"), Json({2, 2}));
  EXPECT_EQ(x.at("dtype"), "float64");
  EXPECT_EQ(x.at("min"), 1.0);
  EXPECT_EQ(x.at("max"), 6.0);
  EXPECT_EQ(x.at("mean"), 3.0);
  EXPECT_EQ(x.at("not_finite"), 0);
  EXPECT_EQ(run({"info", "--x", "y.npy", "--json"}).json().at("data").at("distinct"), 2);
}

TEST_F(Info, SummarizesAModel) {
  write("x.npy", {1, 2, 3, 6}, {2, 2});
  write_labels("y.npy", {4, 9});
  ASSERT_EQ(run({"fit", "--arch", "serial(Dense(2), Erf(), Dense(1))", "--x", "x.npy", "--y",
                 "y.npy", "--kernel", "nngp", "--diag-reg", "0.1", "--out", "m.npz"})
                .exit_code,
            0);
  const Outcome text = run({"info", "--model", "m.npz"});
  EXPECT_THAT(text.out, HasSubstr("Erf()"));
  const Json model = run({"info", "--model", "m.npz", "--json"}).json().at("model");
  EXPECT_EQ(model.at("task"), "classification");
  EXPECT_EQ(model.at("classes"), Json({4, 9}));
  EXPECT_EQ(model.at("kernel"), "nngp");
  EXPECT_EQ(model.at("samples"), 2);
}

}  // namespace
}  // namespace ntk::cli_testing
