// Networks of images: shapes, and what is refused.
#include "architecture/refusal.h"

namespace ntk {
namespace {

using testing::AllOf;
using testing::HasSubstr;

const ConvOptions kSame = {.padding = Padding::same};

std::string refused(const Layers& layers, Parameterization p = Parameterization::ntk) {
  return refusal_of([&] { serial(layers, p); });
}

TEST(Images, KeepTheirSizeUntilTheyAreVectors) {
  const Layer conv = Conv(16, {3, 5}, kSame);
  EXPECT_EQ(serial(conv).output_shape({9, 7, 3}), (Shape{9, 7, 16}));
  EXPECT_EQ(serial(conv, Relu(), GlobalAvgPool()).output_shape({9, 7, 3}), Shape{16});
  EXPECT_EQ(serial(conv, Relu(), Flatten()).output_shape({9, 7, 3}), Shape{9 * 7 * 16});
  EXPECT_EQ(serial(Dense(4), Relu(), GlobalAvgPool(), Dense(2)).output_shape({9, 7, 3}), Shape{2});
  EXPECT_EQ(serial(conv, Flatten()).output_shape({8, 8}), Shape{8 * 8 * 16});  // one channel
  EXPECT_EQ(serial(Conv(5, {9, 9}, kSame)).output_shape({1, 2, 3}), (Shape{1, 2, 5}));
  EXPECT_EQ(serial(GlobalAvgPool()).output_shape({1, 2, 3}), Shape{3});
}

TEST(Images, OfWhichShapesAreRefused) {
  const Architecture net = serial(Conv(16, {3, 3}, kSame), Relu(), Flatten(), Dense(1));
  for (const Shape& sample : {Shape{10}, Shape{}, Shape{2, 3, 4, 5}})
    EXPECT_THAT(refusal_of([&] { net.output_shape(sample); }),
                AllOf(HasSubstr("takes images, height x width x channels"),
                      HasSubstr("shape is " + to_string(sample))));
  EXPECT_THAT(refusal_of([&] { net.output_shape({0, 8, 3}); }), HasSubstr("no features"));
}

TEST(Images, AreNeededByConvolutionsAndPooling) {
  EXPECT_THAT(
      refused({Conv(4, {3, 3}, kSame), Flatten(), Conv(4, {3, 3}, kSame)}),
      HasSubstr("layers[2]: Conv needs images, but its input is vectors, made by Flatten at "
                "layers[1]"));
  EXPECT_THAT(refused({Conv(4, {3, 3}, kSame), GlobalAvgPool(), GlobalAvgPool()}),
              HasSubstr("layers[2]: GlobalAvgPool needs images, but its input is vectors, made by "
                        "GlobalAvgPool at layers[1]"));
  EXPECT_THAT(refused({Flatten(), Conv(4, {3, 3}, kSame)}),
              HasSubstr("made by Flatten at layers[0]"));
}

TEST(Images, ArePooledInTheNetworkItselfOrInEveryBranch) {
  const Layer conv = Conv(4, {3, 3}, kSame);
  for (const Layer& pool : {Flatten(), GlobalAvgPool(), GlobalSumPool()}) {
    const Layers inner = {conv, pool, Dense(4)};
    EXPECT_THAT(refused({conv, Residual(inner)}),
                AllOf(HasSubstr("layers[1]: Residual adds its branch to its input"),
                      HasSubstr("images in, vectors out")));
    EXPECT_THAT(refused({Repeat(1, inner)}),
                AllOf(HasSubstr("layers[0].layers[0]: Conv needs images"),
                      HasSubstr("layers[0].layers[1] (from the second round of Repeat on)")));
    for (const Join join : {Join::fan_in_sum, Join::fan_in_prod, Join::fan_in_concat}) {
      const Shape out = {join == Join::fan_in_concat ? 8 : 4};
      EXPECT_EQ(serial(conv, Parallel({inner, inner}, join)).output_shape({6, 5, 3}), out);
      EXPECT_THAT(refused({conv, Parallel({inner, {conv}}, join)}),
                  AllOf(HasSubstr("layers[1].branches[1]: FanIn"),
                        HasSubstr("has images, the first one vectors")));
    }
  }
}

TEST(Images, JoinBranchesOfEqualChannels) {
  const Layer conv = Conv(4, {3, 3}, kSame);
  EXPECT_EQ(
      serial(conv, Residual({Relu(), conv}), Parallel({{Relu(), Dense(4)}, {conv}}), Flatten())
          .output_shape({2, 3, 1}),
      Shape{24});
  EXPECT_THAT(refused({conv, Residual({Relu(), Conv(5, {1, 1}, kSame)}), Flatten()}),
              AllOf(HasSubstr("layers[1]: Residual adds"), HasSubstr("4 in, 5 out")));
}

TEST(Images, AreNormalizedOverChannelsAndPixels) {
  const Layer conv = Conv(4, {3, 3}, kSame);
  EXPECT_NO_THROW(serial(conv, LayerNorm(), Relu(), Flatten()));
  EXPECT_NO_THROW(serial(conv, LayerNorm(3), Relu(), Flatten()));
  EXPECT_NO_THROW(serial(conv, LayerNorm({1, 2, 3}), Relu(), Flatten()));
  EXPECT_NO_THROW(serial(conv, LayerNorm({-1, -3}), Relu(), Flatten()));
  EXPECT_THAT(refused({conv, LayerNorm(1), Flatten()}),
              HasSubstr("layers[1].axis: must be -1 (or 3), the channels of images"));
  EXPECT_THAT(refused({conv, LayerNorm(0), Flatten()}), HasSubstr("axis 0 is the batch"));
  EXPECT_THAT(refused({conv, Flatten(), Dense(3), LayerNorm(3)}), HasSubstr("must be -1 (or 1)"));
}

TEST(Convolutions, TakeSequencesImagesAndVolumes) {
  const auto shape = [](std::vector<std::int64_t> filter, const Shape& sample) {
    return serial(Conv(4, std::move(filter))).output_shape(sample);
  };
  EXPECT_EQ(shape({3}, {9, 2}), (Shape{7, 4}));
  EXPECT_EQ(shape({3, 2}, {9, 7, 2}), (Shape{7, 6, 4}));
  EXPECT_EQ(shape({3, 2, 5}, {9, 7, 6, 2}), (Shape{7, 6, 2, 4}));
  EXPECT_EQ(shape({3}, {9}), (Shape{7, 4}));  // one channel
  EXPECT_EQ(shape({3, 2, 5}, {9, 7, 6}), (Shape{7, 6, 2, 4}));
  for (const Shape& filter : {Shape{}, Shape{3, 3, 3, 3}})
    EXPECT_THAT(refused({Conv(4, filter)}),
                AllOf(HasSubstr("layers[0].filter_shape: has " + std::to_string(filter.size())),
                      HasSubstr("one for each axis of pixels")));
}

TEST(Convolutions, HaveTheirNumbersInRange) {
  EXPECT_THAT(refused({Conv(0, {3, 3}, kSame)}),
              HasSubstr("layers[0].out_chan: must be at least 1"));
  EXPECT_THAT(refused({Conv(4, {3, 0}, kSame)}),
              HasSubstr("layers[0].filter_shape[1]: must be at"));
  EXPECT_THAT(refused({Conv(4, {3, 1 << 20}, kSame)}),
              HasSubstr("filter_shape[1]: must be at most"));
  EXPECT_THAT(refused({Conv(4, {3, 3}, {.strides = {1}, .padding = Padding::same})}),
              HasSubstr("layers[0].strides: has 1 numbers, but filter_shape has 2"));
  EXPECT_THAT(refused({Conv(4, {3, 3}, {.strides = {0, 1}, .padding = Padding::same})}),
              HasSubstr("layers[0].strides[0]: must be at least 1"));
  EXPECT_THAT(refused({Conv(4, {3, 3}, {.padding = Padding::same, .W_std = -1})}),
              HasSubstr("layers[0].W_std: is a standard deviation"));
  EXPECT_THAT(refused({Conv(4, {3, 3}, {.padding = Padding::same, .W_std = 0})},
                      Parameterization::standard),
              HasSubstr("layers[0].W_std: "));
  EXPECT_THAT(refused({Conv(4, {3, 3}, {.padding = Padding::same, .s = {2, 1}})}),
              HasSubstr("layers[0].s: width scales belong to the standard parameterization"));
  EXPECT_THAT(refused({Relu(), Conv(4, {3, 3}, kSame)}), HasSubstr("Relu needs a Gaussian input"));
}

TEST(Convolutions, ReadTheKeysOfNeuralTangents) {
  const Architecture net =
      serial({Conv(4, {3, 5}, {.padding = Padding::same, .W_std = 1.5, .b_std = 0.5, .s = {2, 3}}),
              Relu(), GlobalAvgPool()},
             Parameterization::standard);
  EXPECT_EQ(parse_architecture("stax.serial(stax.Conv(4, (3, 5), (1, 1), 'SAME', 1.5, 0.5, None, "
                               "'standard', (2, 3)), stax.Relu(), stax.GlobalAvgPool())"),
            net);
  EXPECT_EQ(parse_architecture(
                R"({"ntk_architecture": 1, "parameterization": "standard", "layers": [)"
                R"({"op": "Conv", "out_chan": 4, "filter_shape": [3, 5], "strides": null, )"
                R"("padding": "SAME", "W_std": 1.5, "b_std": 0.5, "s": [2, 3]}, {"op": "Relu"}, )"
                R"({"op": "GlobalAvgPool"}]})"),
            net);
  EXPECT_THAT(refusal_of_text(json_of(R"({"op": "Conv", "out_chan": 4})")),
              HasSubstr("layers[0]: the key filter_shape is missing"));
  EXPECT_THAT(refusal_of_text(json_of(R"({"op": "Conv", "out_chan": 4, "filter_shape": 3})")),
              HasSubstr("layers[0].filter_shape: must be a list of whole numbers"));
}

}  // namespace
}  // namespace ntk
