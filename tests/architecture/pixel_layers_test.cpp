// Layers on sequences, images and volumes in a network: shapes, what may follow what, refusals.
#include "architecture/refusal.h"
#include "src/architecture/check.h"
#include "src/architecture/sample_shape.h"
#include "tests/support/random_pixel_texts.h"

namespace ntk {
namespace {

using testing::AllOf;
using testing::HasSubstr;

const ConvOptions kSame = {.padding = Padding::same};

std::string refused(const Layers& layers, Parameterization p = Parameterization::ntk) {
  return refusal_of([&] { serial(layers, p); });
}

std::string refused_shape(const Layers& layers, const Shape& sample) {
  const Architecture net = serial(layers);
  return refusal_of([&] { net.output_shape(sample); });
}

TEST(PixelLayers, ChangeTheNumberOfPixels) {
  const auto shape = [](const Layer& layer, const Shape& sample) {
    return serial(Conv(4, Shape(sample.size() - 1, 1)), layer).output_shape(sample);
  };
  const Shape image = {9, 7, 3};
  EXPECT_EQ(shape(Conv(5, {3, 3}, {.strides = {2, 1}}), image), (Shape{4, 5, 5}));
  EXPECT_EQ(shape(Conv(5, {3, 3}, {.strides = {2, 3}, .padding = Padding::circular}), image),
            (Shape{5, 3, 5}));
  EXPECT_EQ(shape(ConvTranspose(5, {3, 3}, {.strides = {2, 2}, .padding = Padding::same}), image),
            (Shape{18, 14, 5}));
  EXPECT_EQ(shape(ConvTranspose(5, {3, 2}, {.strides = {2, 2}}), image), (Shape{19, 14, 5}));
  EXPECT_EQ(shape(ConvLocal(5, {3, 3}), image), (Shape{7, 5, 5}));
  EXPECT_EQ(shape(AvgPool({2, 2}, {2, 2}), image), (Shape{4, 3, 4}));
  EXPECT_EQ(shape(SumPool({2, 2}, {2, 2}, Padding::same), image), (Shape{5, 4, 4}));
  EXPECT_EQ(shape(ImageResize({-1, 3, -1, -1}, ResizeMethod::nearest), image), (Shape{3, 7, 4}));
  EXPECT_EQ(shape(Slice({{}, {.start = 1, .stop = 7, .step = 2}}), image), (Shape{3, 7, 4}));
  EXPECT_EQ(shape(Slice({{}, {}, {.index = 0}}), image), (Shape{9, 4}));
  EXPECT_EQ(shape(Slice({{}, {.index = 0}, {.index = 0}}), image), Shape{4});
  EXPECT_EQ(shape(AvgPool({3}, {3}), {9, 2}), (Shape{3, 4}));
  EXPECT_EQ(shape(ConvTranspose(5, {1, 1, 1}, {.strides = {1, 2, 3}}), {2, 3, 4, 1}),
            (Shape{2, 6, 12, 5}));
}

TEST(PixelLayers, OthersKeepThePixels) {
  const Shape sequence = {9, 3}, image = {9, 7, 3};
  EXPECT_EQ(serial(GlobalSelfAttention(5, 1, 1, 1)).output_shape(sequence), (Shape{9, 5}));
  EXPECT_EQ(serial(GlobalSelfAttention(5, 1, 1, 1)).output_shape(image), (Shape{9, 7, 5}));
  EXPECT_EQ(serial(Aggregate({1}), Dense(5)).output_shape(sequence), (Shape{9, 5}));
  EXPECT_EQ(serial(Aggregate()).output_shape(image), image);
  EXPECT_EQ(serial(GlobalSumPool(), Dense(2)).output_shape(image), Shape{2});
  EXPECT_EQ(serial(Conv(4, {3}, kSame), LayerNorm({1, 2}), Dropout(0.5)).output_shape(sequence),
            (Shape{9, 4}));
}

// By filters and windows, also behind slices that take axes away; else by the samples.
TEST(PixelLayers, SayHowManyAxesSamplesHave) {
  EXPECT_EQ(serial(Dense(2), AvgPool({2}), Dense(2)).output_shape({9}), (Shape{8, 2}));
  const Layers sliced = {Dense(2), Slice({{}, {}, {.index = 1}}), Conv(2, {3})};
  EXPECT_EQ(serial(sliced).output_shape({9, 7, 3}), (Shape{7, 2}));
  EXPECT_EQ(serial(sliced).output_shape({9, 7}), (Shape{7, 2}));  // of one channel
  EXPECT_THAT(refused_shape(sliced, {9}), HasSubstr("takes images, height x width x channels"));
  EXPECT_EQ(serial(Dense(2), GlobalAvgPool()).output_shape({8, 8}), Shape{2});  // a sequence
  EXPECT_EQ(layout_of({Dense(2), GlobalAvgPool()}, {8, 6}).extents, Shape{8});
  EXPECT_EQ(layout_of({Conv(2, {1, 1}), GlobalAvgPool()}, {8, 6}).extents, (Shape{8, 6}));
  EXPECT_EQ(layout_of({Conv(2, {1, 1, 1})}, {8, 6, 5}).pixels(), 240);
  EXPECT_EQ(layout_of({Dense(2)}, {8}).extents, Shape{});
  EXPECT_THAT(
      refused({Conv(4, {3, 3}), Conv(4, {3})}),
      HasSubstr("layers[1]: Conv has a filter of 1 axis (3 pixels), but its input has 2 axes "
                "of pixels (?x?)"));
  EXPECT_THAT(refused({Conv(4, {3}), AvgPool({2, 2})}),
              HasSubstr("layers[1]: AvgPool has a window of 2 axes"));
  EXPECT_THAT(refused({Conv(4, {3}), ImageResize({-1, 3, 3, -1}, ResizeMethod::linear)}),
              HasSubstr("layers[1].shape: must have 3 numbers"));
}

TEST(PixelLayers, RefuseSamplesWithoutThem) {
  for (const Layer& layer :
       {GlobalAvgPool(), GlobalSelfAttention(1, 1, 1, 1), Aggregate(), Slice({{}, {.stop = 1}})})
    for (const Shape& sample : {Shape{10}, Shape{1, 2, 3, 4, 5}})
      EXPECT_THAT(refused_shape({layer}, sample),
                  AllOf(HasSubstr("the network takes sequences, images or volumes (N x L x C, "),
                        HasSubstr("but a sample's shape is " + to_string(sample))));
  EXPECT_THAT(
      refused_shape({Conv(2, {3})}, {2, 3, 4}),
      HasSubstr("takes sequences, length x channels (N x L x C data; N x L are sequences of "
                "one channel), but a sample's shape is 2x3x4"));
  EXPECT_THAT(refused_shape({Conv(2, {1, 1, 1})}, {2, 3}), HasSubstr("takes volumes, depth x"));
  EXPECT_THAT(refused_shape({GlobalAvgPool()}, {0, 8, 3}), HasSubstr("no features"));
  EXPECT_THAT(
      refused_shape({ConvTranspose(2, {3}, {.strides = {1 << 16}})}, {std::int64_t{1} << 62, 1}),
      HasSubstr("takes images of at most 2^24 pixels"));
  const Layer drop = Slice({{}, {.index = 0}, {.index = 0}});
  EXPECT_THAT(refused_shape({Dense(2), drop, Dense(2), drop, Conv(2, {3})}, {2, 3}),
              HasSubstr("samples with 5 axes of pixels"));
}

TEST(PixelLayers, NeedPixels) {
  const std::vector<Layer> all = {ConvTranspose(2, {3, 3}),
                                  ConvLocal(2, {3, 3}),
                                  AvgPool({2, 2}),
                                  SumPool({2, 2}),
                                  GlobalSumPool(),
                                  GlobalSelfAttention(1, 1, 1, 1),
                                  Aggregate(),
                                  ImageResize({-1, 2, 2, -1}, ResizeMethod::linear),
                                  Slice({{}, {.stop = 1}})};
  for (const Layer& layer : all)
    EXPECT_THAT(
        refused({Conv(2, {3, 3}), GlobalAvgPool(), layer}),
        AllOf(HasSubstr("layers[2]: "), HasSubstr(" needs images, but its input is vectors, "
                                                  "made by GlobalAvgPool at layers[1]")));
  EXPECT_THAT(refused_shape({Dense(2), Slice({{}, {.index = 0}}), GlobalAvgPool()}, {8, 3}),
              HasSubstr("made by Slice at layers[1]"));
}

TEST(PixelLayers, NameFiltersAndImagesThatDoNotFit) {
  EXPECT_THAT(refused_shape({Conv(2, {3, 3}), Relu(), Conv(2, {3, 3})}, {4, 4, 1}),
              HasSubstr("layers[2]: Conv's filter of 3x3 pixels is larger than its input of 2x2"));
  EXPECT_THAT(
      refused_shape({AvgPool({2, 2}, {2, 2}), AvgPool({2, 2})}, {3, 9, 1}),
      HasSubstr("layers[1]: AvgPool's window of 2x2 pixels is larger than its input of 1x4"));
  EXPECT_THAT(refused_shape({Dense(2), Slice({{}, {.start = 5}})}, {5, 1}),
              HasSubstr("layers[1].slices[1]: the range 5: leaves nothing of the 5 pixels"));
  EXPECT_THAT(refused_shape({Dense(2), Aggregate({2})}, {5, 1}),
              HasSubstr("layers[1].aggregate_axis: must name axes of pixels (1), names 2"));
  EXPECT_THAT(refused_shape({Dense(2), LayerNorm(3), GlobalAvgPool()}, {5, 1}),
              HasSubstr("layers[1].axis: must be -1 (or 2), the channels"));
}

TEST(PixelLayers, KeepWhatIsGaussian) {
  const Layer conv = Conv(2, {1, 1});
  for (const Layer& layer :
       {AvgPool({2, 2}), SumPool({2, 2}), GlobalAvgPool(), GlobalSumPool(), Aggregate(),
        ImageResize({-1, 2, 2, -1}, ResizeMethod::linear), Slice({{}, {.stop = 1}})}) {
    EXPECT_NO_THROW(serial(conv, layer, Relu()));
    EXPECT_THAT(refused({conv, Erf(), layer, Relu()}),
                HasSubstr("layers[3]: Relu needs a Gaussian input, but it comes from Erf at"));
  }
  for (const Layer& layer :
       {ConvTranspose(2, {1, 1}), ConvLocal(2, {1, 1}), GlobalSelfAttention(1, 1, 1, 1)})
    EXPECT_NO_THROW(serial(conv, Relu(), layer, Relu()));
  EXPECT_THAT(refused({conv, Flatten(), Relu()}), HasSubstr("comes from Flatten"));
}

TEST(PixelLayers, JoinBranchesOfEqualPixels) {
  const Layer conv = Conv(4, {3, 3}, kSame), half = AvgPool({2, 2}, {2, 2});
  const Layers down = {Conv(4, {3, 3}, {.strides = {2, 2}, .padding = Padding::same})};
  EXPECT_EQ(serial(conv, Parallel({{conv, half}, {half, conv}})).output_shape({9, 6, 1}),
            (Shape{4, 3, 4}));
  for (const Join join : {Join::fan_in_sum, Join::fan_in_prod, Join::fan_in_concat})
    EXPECT_THAT(refused_shape({conv, Parallel({{conv}, {conv, half}}, join)}, {9, 6, 1}),
                AllOf(HasSubstr("layers[1].branches[1]: FanIn"),
                      HasSubstr("this one has images of 4x3 pixels, the first one images of 9x6")));
  EXPECT_THAT(
      refused_shape({conv, Residual(down)}, {9, 6, 1}),
      HasSubstr("layers[1]: Residual adds its branch to its input, but their shapes differ: "
                "images of 9x6 pixels in, images of 5x3 pixels out of the branch"));
  EXPECT_EQ(serial(conv, Residual(down)).output_shape({1, 1, 1}), (Shape{1, 1, 4}));
}

TEST(PixelLayers, MayShrinkInEachRoundOfARepeat) {
  const Layer repeat = Repeat(3, {Conv(4, {3}), Relu()});
  EXPECT_EQ(serial(repeat).output_shape({9, 2}), (Shape{3, 4}));
  EXPECT_EQ(serial(Repeat(1, {Conv(4, {9})})).output_shape({9, 2}), (Shape{1, 4}));
  EXPECT_THAT(
      refused_shape({repeat}, {6, 2}),
      HasSubstr("layers[0].layers[0]: Conv's filter of 3 pixels is larger than its input of "
                "2 pixels"));
  EXPECT_EQ(serial(Repeat(49'000, {ConvTranspose(2, {2})})).output_shape({9, 2}),
            (Shape{49'009, 2}));
  EXPECT_THAT(refused_shape({Repeat(60, {ConvTranspose(2, {1}, {.strides = {2}})})}, {9, 2}),
              HasSubstr("at most 2^24"));
}

TEST(PixelLayers, HaveTheirNumbersInRange) {
  EXPECT_THAT(refused({ConvTranspose(0, {3})}),
              HasSubstr("layers[0].out_chan: must be at least 1"));
  EXPECT_THAT(refused({ConvLocal(2, {3}, {.b_std = -1})}), HasSubstr("layers[0].b_std: "));
  EXPECT_THAT(refused({ConvTranspose(2, {3}, {.W_std = 0})}, Parameterization::standard),
              HasSubstr("layers[0].W_std: a ConvTranspose whose W_std is 0"));
  EXPECT_THAT(refused({AvgPool({})}), HasSubstr("layers[0].window_shape: has 0 numbers"));
  EXPECT_THAT(refused({AvgPool({2, 0})}), HasSubstr("layers[0].window_shape[1]: must be at least"));
  EXPECT_THAT(refused({SumPool({2, 2}, {1})}),
              HasSubstr("layers[0].strides: has 1 numbers, but window_shape has 2"));
  EXPECT_THAT(refused({SumPool({2}, {0})}), HasSubstr("layers[0].strides[0]: must be at least 1"));
  EXPECT_THAT(refused({{PoolLayer{Pool::sum, {2}, {}, Padding::same, true}}}),
              HasSubstr("layers[0].normalize_edges: belongs to AvgPool"));
  EXPECT_THAT(refused({ImageResize({-1, -1}, ResizeMethod::linear)}),
              HasSubstr("layers[0].shape: must have a number for each axis of the data"));
}

TEST(Attention, HasItsNumbersInRange) {
  const auto refused_with = [](AttentionOptions o) {
    return refused({Conv(4, {1}), GlobalSelfAttention(4, 1, 1, 1, o)});
  };
  EXPECT_THAT(refused({GlobalSelfAttention(0, 1, 1, 1)}),
              HasSubstr("n_chan_out: must be at least"));
  EXPECT_THAT(refused({GlobalSelfAttention(1, 0, 1, 1)}),
              HasSubstr("n_chan_key: must be at least"));
  EXPECT_THAT(refused({GlobalSelfAttention(1, 1, 0, 1)}),
              HasSubstr("n_chan_val: must be at least"));
  EXPECT_THAT(refused({GlobalSelfAttention(1, 1, 1, 0)}), HasSubstr("n_heads: must be at least 1"));
  EXPECT_THAT(refused_with({.W_key_std = -1}), HasSubstr("layers[1].W_key_std: "));
  EXPECT_THAT(refused_with({.W_value_std = -1}), HasSubstr("layers[1].W_value_std: "));
  EXPECT_THAT(refused_with({.W_query_std = -1}), HasSubstr("layers[1].W_query_std: "));
  EXPECT_THAT(refused_with({.W_out_std = -1}), HasSubstr("layers[1].W_out_std: "));
  EXPECT_THAT(refused_with({.b_std = -1}), HasSubstr("layers[1].b_std: "));
  EXPECT_THAT(refused_with({.W_pos_emb_std = -1}), HasSubstr("layers[1].W_pos_emb_std: "));
  for (const double norm : {0.0, -1.0, 2.5})
    EXPECT_THAT(refused_with({.pos_emb_p_norm = norm}),
                HasSubstr("layers[1].pos_emb_p_norm: must be above 0 and at most 2"));
  EXPECT_THAT(refused_with({.pos_emb_decay_fn = PositionalDecay{{}, 0}}),
              HasSubstr("layers[1].pos_emb_decay_fn: must have a positive length"));
  EXPECT_THAT(refused_with({.n_chan_pos_emb = 0}), HasSubstr("layers[1].n_chan_pos_emb: "));
}

TEST(Attention, OfRootScalingHasTheIdentityOnly) {
  for (const auto mechanism :
       {AttentionMechanism::softmax, AttentionMechanism::abs, AttentionMechanism::relu})
    EXPECT_THAT(refused({GlobalSelfAttention(1, 1, 1, 1,
                                             {.linear_scaling = false, .mechanism = mechanism})}),
                AllOf(HasSubstr("layers[0].attention_mechanism: "), HasSubstr("only IDENTITY")));
  EXPECT_NO_THROW(serial(GlobalSelfAttention(
      1, 1, 1, 1, {.linear_scaling = false, .mechanism = AttentionMechanism::identity})));
}

TEST(Attention, AddsEmbeddingsOfAsManyChannels) {
  const auto net = [](PositionalEmbedding type) {
    return Layers{Conv(4, {1}),
                  GlobalSelfAttention(1, 1, 1, 1, {.pos_emb_type = type, .n_chan_pos_emb = 5})};
  };
  EXPECT_THAT(refused(net(PositionalEmbedding::sum)),
              AllOf(HasSubstr("layers[1].n_chan_pos_emb: "), HasSubstr("input's channels, 4")));
  EXPECT_NO_THROW(serial(net(PositionalEmbedding::concat)));
}

// Layers as check_layers lists them have the shapes that are said of the network.
TEST(PixelLayers, OfRandomNetworksHaveTheShapesThatAreSaid) {
  RandomPixelTexts networks(11);
  for (int i = 0; i < 500; ++i) {
    const Architecture net = networks.next();
    SCOPED_TRACE(net.to_expression() + " of " + to_string(networks.sample()));
    const Shape out = net.output_shape(networks.sample());
    std::vector<LayerState> seen;
    check_layers(net.layers(), net.parameterization(), Source(),
                 input_of(layout_of(net.layers(), networks.sample())), &seen);
    const LayerState& last = seen.back();
    Shape expected = last.image ? *last.extents : Shape();
    expected.push_back(*last.width);
    EXPECT_EQ(out, expected);
    for (const std::int64_t extent : out) EXPECT_GE(extent, 1);
  }
}

TEST(Architectures, WithAggregateNeedPatterns) {
  EXPECT_TRUE(serial(Dense(2), Residual({Aggregate(), Dense(2)})).needs_patterns());
  EXPECT_TRUE(
      serial(Dense(2), Parallel({{Dense(2)}, {Repeat(2, {Aggregate()})}})).needs_patterns());
  EXPECT_FALSE(serial(Dense(2), GlobalAvgPool()).needs_patterns());
}

}  // namespace
}  // namespace ntk
