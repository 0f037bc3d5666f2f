#include <gmock/gmock.h>

#include "program.h"
#include "src/architecture/activations.h"

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
  for (
      const char* line :
      {"place                     layer     parameters            output  state         entry      "
       "     operations\n",
       "inputs                                                        64  not Gaussian  K          "
       "            128\n",
       "layers[1]                 Dense     512, W_std=1.5           512  Gaussian      K, Θ       "
       "              5\n",
       "layers[2]                 Residual  added to its input       512  Gaussian      K, Θ       "
       "            110\n",
       "layers[2].layers[0]         Relu                             512  not Gaussian  K, Θ + 1 "
       "saved          60\n",
       "layers[3].branches[1][0]    Dense   3                          3  Gaussian      K, Θ + 2 "
       "saved           5\n",
       "total                                                                                      "
       "            378\n"})
    EXPECT_THAT(told.out, HasSubstr(line));
}

TEST_F(Info, PlansNetworksOfImages) {
  const std::string convolutions =
      "serial(Conv(8, (3, 3), padding='SAME'), Residual(Relu(), Dense(8)), Relu(), ";
  const Json one =
      run({"info", "--arch", convolutions + "Flatten(), Dense(1))", "--input", "6,5,3", "--json"})
          .json()
          .at("architecture");
  const Json all = run({"info", "--arch", convolutions + "GlobalAvgPool(), Dense(1))", "--input",
                        "6,5,3", "--json"})
                       .json()
                       .at("architecture");
  EXPECT_EQ(one.at("images").at("pixel_pairs"), 30);
  EXPECT_EQ(all.at("images").at("pixel_pairs"), 900);
  EXPECT_EQ(all.at("images").at("slices"), 11 * 9);
  EXPECT_GT(all.at("images").at("bytes_per_image").get<int>(), 30 * 4);
  EXPECT_GT(all.at("images").at("bytes_per_thread").get<int>(), 30 * 4);
  for (std::size_t i : {0u, 1u, 2u}) {
    EXPECT_EQ(all.at("layers")[i].at("operations").get<int>(),
              30 * one.at("layers")[i].at("operations").get<int>());
    EXPECT_EQ(one.at("layers")[i].at("output"), Json({6, 5, 8}));
  }
  EXPECT_EQ(one.at("operations_per_entry").at("inputs"), 2 * 3 * 30);
  const Outcome told =
      run({"info", "--arch", convolutions + "GlobalAvgPool())", "--input", "6x5x3"});
  EXPECT_THAT(told.out,
              HasSubstr("all 900 pairs of pixels, in 99 slices of one displacement each"));
}

TEST_F(Info, ListsEveryLayerOnPixels) {
  const std::string arch =
      "serial(Conv(4, (3, 3), strides=(2, 2)), Relu(), AvgPool((2, 2)), ConvTranspose(4, (2, 2)), "
      "ConvLocal(4, (1, 1)), ImageResize((-1, 5, -1, -1), 'nearest'), GlobalSelfAttention(8, 8, 8, "
      "2), Index(Slice[:, 0]), LayerNorm(axis=(1, 2)), Aggregate(), GlobalSumPool(), Dense(1))";
  const std::vector<Json> outputs = {{4, 4, 4}, {4, 4, 4}, {3, 3, 4}, {4, 4, 4},
                                     {4, 4, 4}, {5, 4, 4}, {5, 4, 8}, {4, 8},
                                     {4, 8},    {4, 8},    {8},       {1}};
  const Json layers = run({"info", "--arch", arch, "--input", "9,9,3", "--json"})
                          .json()
                          .at("architecture")
                          .at("layers");
  ASSERT_EQ(layers.size(), outputs.size());
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    EXPECT_EQ(layers[i].at("output"), outputs[i]) << i;
    EXPECT_EQ(layers[i].at("entry").at("ntk"), true);
  }
  EXPECT_EQ(layers[7].at("op"), "Slice");
  EXPECT_THAT(run({"info", "--arch", arch}).out, HasSubstr("GlobalSelfAttention"));
  EXPECT_THAT(run({"info", "--arch", "CNTK(2)", "--input", "32,32,3"}).out,
              HasSubstr("GlobalAvgPool"));
}

// All pairs of pixels up to the last layer that looks at them, of whatever size images are there.
TEST_F(Info, CountsThePairsOfPixelsThatAreAskedFor) {
  const auto operations = [&](const std::string& layers) {
    const Json told =
        run({"info", "--arch", "serial(" + layers + ")", "--input", "8,8,3", "--json"})
            .json()
            .at("architecture");
    std::vector<std::int64_t> counts = {told.at("operations_per_entry").at("inputs")};
    for (const Json& layer : told.at("layers")) counts.push_back(layer.at("operations"));
    return counts;
  };
  const std::string conv = "Conv(2, (3, 3), padding='SAME', strides=(2, 2)), Relu(), ";
  const auto flat = operations(conv + "Flatten()"), all = operations(conv + "GlobalAvgPool()"),
             mixed = operations(conv + "AvgPool((2, 2), strides=(2, 2)), " + conv + "Flatten()"),
             ends = operations(conv + "Identity()");
  EXPECT_EQ(flat[0], 2 * 3 * 64);
  EXPECT_EQ(flat[2], 60 * 16);
  EXPECT_EQ(all[0], 2 * 3 * 64 * 64);
  EXPECT_EQ(all[1], 16 * flat[1]);
  EXPECT_EQ(all[2], 60 * 16 * 16);
  EXPECT_EQ(mixed[2], 60 * 16 * 16);
  EXPECT_EQ(mixed[5], 60);  // one pixel is left
  EXPECT_EQ(ends[2], 60 * 16 * 16);
  EXPECT_EQ(operations("GlobalSelfAttention(2, 2, 2, 2), Flatten()")[1], 8 * 64 * 64 * 64);
  const std::string huge = "serial(GlobalSelfAttention(2, 2, 2, 2), GlobalAvgPool())";
  EXPECT_THAT(run({"info", "--arch", huge, "--input", "4096,4096,3"}).out,
              HasSubstr(std::to_string(std::int64_t{1} << 61)));
}

TEST_F(Info, SaysWhatAnEntryCostsLayerByLayer) {
  const std::string arch =
      "serial(Dense(4), Sign(), Dense(4), Repeat(10, Relu(), Dense(4)), "
      "Parallel([Relu()], [Relu(), Dense(2)], join='FanInConcat'), Dense(1))";
  const Json told =
      run({"info", "--arch", arch, "--input", "7", "--json"}).json().at("architecture");
  const Json& layers = told.at("layers");
  const auto line = [&](const std::string& place) -> const Json& {
    for (const Json& one : layers)
      if (one.at("place") == place) return one;
    throw std::out_of_range(place);
  };
  EXPECT_EQ(line("layers[0]").at("gaussian"), true);
  EXPECT_EQ(line("layers[1]").at("gaussian"), false);
  EXPECT_EQ(line("layers[0]").at("entry").at("ntk"), true);
  EXPECT_EQ(line("layers[1]").at("entry").at("ntk"), false);  // Sign: nothing before it trains
  EXPECT_EQ(line("layers[3].layers[1]").at("parameters"), "4");
  const auto round = line("layers[3].layers[0]").at("operations").get<int>() +
                     line("layers[3].layers[1]").at("operations").get<int>();
  EXPECT_EQ(line("layers[3]").at("operations"), 10 * round);
  EXPECT_EQ(line("layers[4]").at("output"), Json({6}));
  EXPECT_EQ(line("layers[4].branches[0][0]").at("entry").at("saved"), 1);
  EXPECT_EQ(line("layers[4].branches[1][0]").at("entry").at("saved"), 2);
  int sum = 0;
  for (const char* place :
       {"layers[0]", "layers[1]", "layers[2]", "layers[3]", "layers[4]", "layers[5]"})
    sum += line(place).at("operations").get<int>();
  const Json& operations = told.at("operations_per_entry");
  EXPECT_EQ(operations.at("layers"), sum);
  EXPECT_EQ(operations.at("inputs"), 14);
  EXPECT_EQ(operations.at("total"), sum + 14);
}

// What each parameter is given in an expression.
std::string argument_of(const Parameter& parameter) {
  if (is_scalar(parameter)) return "1";
  return parameter.kind == ParameterKind::list ? "[1, 2]" : "[0, 1]";
}

TEST_F(Info, KnowsTheCostOfEveryNonlinearity) {
  std::string layers = "Dense(4)";
  for (const Activation& row : activations()) {
    layers += std::string(", ") + row.name + "(";
    for (const Parameter& parameter : row.parameters)
      if (!parameter.default_value)
        layers += std::string(parameter.name) + "=" + argument_of(parameter) + ", ";
    layers += "), Dense(4)";
  }
  const Json told =
      run({"info", "--arch", "serial(" + layers + ")", "--json"}).json().at("architecture");
  ASSERT_EQ(told.at("layers").size(), 2 * activations().size() + 1);
  for (const Json& layer : told.at("layers"))
    EXPECT_GT(layer.at("operations"), 0) << layer.at("op");
}

TEST_F(Info, CostsFollowFromTheParameters) {
  const auto cost_of = [&](const std::string& layer) {
    return run({"info", "--arch", "serial(Dense(4), " + layer + ")", "--json"})
        .json()
        .at("architecture")
        .at("layers")[1]
        .at("operations")
        .get<int>();
  };
  EXPECT_GT(cost_of("Monomial(5)"), cost_of("Monomial(4)"));
  EXPECT_GT(cost_of("Polynomial([1, 2, 3])"), cost_of("Polynomial([1, 2])"));
  EXPECT_GT(cost_of("Dense(4, b_std=0.1)"), cost_of("Dense(4)"));
  EXPECT_EQ(cost_of("Dense(4, b_std=0)"), cost_of("Dense(4)"));
  EXPECT_EQ(cost_of("Parallel([Relu()])"), cost_of("Relu()"));
  EXPECT_EQ(cost_of("Parallel([], [], [Dense(4)])"),
            2 * cost_of("Residual(Dense(4))") - cost_of("Dense(4)"));
}

TEST_F(Info, ListsALongNetworkInTime) {
  std::string layers = "Dense(3)";
  for (int i = 1; i < 10'000; ++i) layers += ", Dense(3)";
  std::ofstream(path("long.py")) << "serial(" << layers << ")";
  const Json told = run({"info", "--arch", "long.py", "--input", "3", "--json"}).json();
  EXPECT_EQ(told.at("architecture").at("layers").size(), 10'000u);
}

TEST_F(Info, IsReadableForLongParameters) {
  const Outcome told =
      run({"info", "--arch",
           "serial(Dense(4), Elementwise(x=[-2, 0, 2.5], phi=[0, 1, 2], dphi=[0, 0, 0]), Dense(4), "
           "Polynomial([0.12345678, 0.12345678, 0.12345678, 0.12345678]))"});
  EXPECT_THAT(told.out, HasSubstr("Elementwise  3 points, -2 to 2.5  "));
  EXPECT_THAT(told.out, HasSubstr("Polynomial   [0.12345678, 0.12345678, 0.12345678, 0.12...  "));
}

TEST_F(Info, RefusesSamplesThatDoNotFit) {
  const Outcome told = run({"info", "--arch", "serial(Dense(4))", "--input", "8x8"});
  EXPECT_EQ(told.exit_code, 2);
  EXPECT_THAT(told.err, HasSubstr("takes vectors, but a sample's shape is 8x8"));
}

TEST_F(Info, BothTextsOfANetworkMeanTheSame) {
  const std::string arch = "serial(Dense(2, b_std=0.1), LeakyRelu(0.2), Dense(1))";
  const Json told = run({"info", "--arch", arch, "--json"}).json().at("architecture");
  EXPECT_TRUE(parse_architecture(told.at("expression")) == parse_architecture(arch));
  EXPECT_TRUE(parse_architecture(told.at("json").dump()) == parse_architecture(arch));
  EXPECT_EQ(told.at("layers").size(), 3u);
  EXPECT_FALSE(told.at("layers")[0].contains("output"));
  EXPECT_FALSE(told.at("operations_per_entry").contains("inputs"));
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
