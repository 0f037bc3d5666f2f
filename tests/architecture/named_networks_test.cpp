// Networks by name are the layers that the literature says.
#include "architecture/refusal.h"

namespace ntk {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr double kRoot2 = 1.4142135623730951;

void expect_same(const std::string& name, const std::string& expression) {
  const Architecture net = parse_architecture(name);
  EXPECT_EQ(net, parse_architecture(expression)) << net.to_expression();
  EXPECT_EQ(parse_architecture(net.to_expression()), net);
}

TEST(NamedNetworks, CNTKIsConvolutionsAndAPool) {
  const std::string conv = "Conv(64, (3, 3), padding='SAME', W_std=1.4142135623730951), Relu(), ";
  expect_same("CNTK(2)", "serial(" + conv + conv + "GlobalAvgPool(), Dense(1))");
  expect_same("CNTK(depth=1, pooling='Flatten', out_dim=10)",
              "serial(" + conv + "Flatten(), Dense(10))");
  expect_same("CNTK(1, W_std=2, b_std=0.5)",
              "serial(Conv(64, (3, 3), padding='SAME', W_std=2, b_std=0.5), Relu(), "
              "GlobalAvgPool(), Dense(1, b_std=0.5))");
  EXPECT_EQ(parse_architecture("CNTK(20)").layers().size(), 42u);
}

TEST(NamedNetworks, MyrtleHalvesImagesOf32PixelsFiveTimes) {
  const std::string conv = "Conv(64, (3, 3), padding='SAME', W_std=1.4142135623730951), Relu(), ";
  const std::string half = "AvgPool((2, 2), strides=(2, 2)), ";
  expect_same("Myrtle5()", "serial(" + conv + conv + half + conv + half + conv + half + half +
                               half + "Flatten(), Dense(1, W_std=1.4142135623730951))");
  const std::size_t layers[] = {2 * 4 + 7, 2 * 6 + 7, 2 * 9 + 7};
  int i = 0;
  for (const char* name : {"Myrtle5(10)", "Myrtle7(out_dim=10)", "Myrtle10(10, b_std=None)"}) {
    const Architecture net = parse_architecture(name);
    EXPECT_EQ(net.layers().size(), layers[i++]);
    EXPECT_EQ(net.output_shape({32, 32, 3}), Shape{10});
    EXPECT_THAT(refusal_of([&] {
                  net.output_shape({16, 16, 3});
                }),
                HasSubstr("AvgPool's window of 2x2 pixels is larger than its input of 1x1"));
  }
}

TEST(NamedNetworks, WideResNetIsGroupsOfResidualBlocks) {
  const auto conv = [](int channels, const std::string& strides = "") {
    return "Conv(" + std::to_string(channels) + ", (3, 3), " + strides + "padding='SAME')";
  };
  const std::string half = "strides=(2, 2), ";
  std::string expected = "serial(" + conv(16);
  for (const auto& [channels, strides] :
       {std::pair(32, std::string()), std::pair(64, half), std::pair(128, half)})
    expected += ", Parallel([Relu(), " + conv(channels, strides) + ", Relu(), " + conv(channels) +
                "], [" + conv(channels, strides) + "]), Residual(Relu(), " + conv(channels) +
                ", Relu(), " + conv(channels) + ")";
  expect_same("WideResNet(16, 2)", expected + ", GlobalAvgPool(), Dense(1))");
  EXPECT_EQ(parse_architecture("WideResNet(28, k=1)").layers().size(), 1u + 3 * 4 + 2);
  EXPECT_EQ(parse_architecture("WideResNet(10, 1, out_dim=7)").output_shape({32, 32, 3}), Shape{7});
  EXPECT_THAT(refusal_of_text("WideResNet(20, 1)"),
              AllOf(HasSubstr("column 12: "), HasSubstr("must be 10, 16, 22, ..., is 20")));
}

TEST(NamedNetworks, MLPIsDenseLayers) {
  EXPECT_EQ(parse_architecture("MLP(2)"), serial(Dense(512, {.W_std = kRoot2}), Relu(),
                                                 Dense(512, {.W_std = kRoot2}), Relu(), Dense(1)));
  EXPECT_EQ(parse_architecture("MLP(1, 64, 'Erf', out_dim=3, W_std=1.5, b_std=0.1)"),
            serial(Dense(64, {.W_std = 1.5, .b_std = 0.1}), Erf(), Dense(3, {.b_std = 0.1})));
}

TEST(NamedNetworks, MayStandAmongLayers) {
  EXPECT_EQ(parse_architecture("serial(Flatten(), MLP(1))"),
            serial(Flatten(), Dense(512, {.W_std = kRoot2}), Relu(), Dense(1)));
  EXPECT_EQ(parse_architecture("MLP(1, parameterization='standard')").parameterization(),
            Parameterization::standard);
  EXPECT_THAT(refusal_of_text("serial(Dense(2), MLP(1, parameterization='standard'))"),
              HasSubstr("one parameterization"));
  EXPECT_THAT(refusal_of_text("serial(Dense(2), CNTK(1), Conv(2, (3, 3)))"),
              AllOf(HasSubstr("column 27 (layers[5])"), HasSubstr("Conv needs images")));
}

TEST(NamedNetworks, RefuseArgumentsOutOfRange) {
  EXPECT_THAT(refusal_of_text("CNTK()"),
              AllOf(HasSubstr("column 1: "), HasSubstr("needs its argument depth: CNTK(20)")));
  EXPECT_THAT(refusal_of_text("WideResNet(28)"), HasSubstr("needs its argument k"));
  for (const char* depth : {"0", "-3", "2.5", "10001", "'deep'", "None"})
    EXPECT_THAT(refusal_of_text("CNTK(" + std::string(depth) + ")"),
                HasSubstr("depth must be a whole number from 1 to 10000, is "));
  EXPECT_THAT(refusal_of_text("CNTK(2, pooling='Max')"),
              AllOf(HasSubstr("column 17: "), HasSubstr("known: GlobalAvgPool, Flatten")));
  EXPECT_THAT(refusal_of_text("CNTK(2, W_std=-1)"), HasSubstr("W_std is a standard deviation"));
  EXPECT_THAT(refusal_of_text("CNTK(2, width=3)"), HasSubstr("unknown argument of CNTK"));
  EXPECT_THAT(refusal_of_text("MLP(2, activation='Hermite')"), HasSubstr("unknown activation"));
  EXPECT_THAT(refusal_of_text("Myrtle6()"), HasSubstr("nearest known name: Myrtle5"));
}

}  // namespace
}  // namespace ntk
