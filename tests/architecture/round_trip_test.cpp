// Architecture, JSON and expression say the same; no text makes the parsers fall.
#include <fstream>
#include <nlohmann/json.hpp>

#include "architecture/refusal.h"
#include "src/architecture/names.h"
#include "src/architecture/parse.h"
#include "tests/support/random_architecture.h"
#include "tests/support/random_pixel_texts.h"

namespace ntk {
namespace {

using testing::HasSubstr;

nlohmann::json read_data(const std::string& name) {
  std::ifstream file(std::string(NTK_TEST_DATA) + "/" + name);
  return nlohmann::json::parse(file);
}

void expect_round_trips(const Architecture& net) {
  EXPECT_EQ(parse_architecture(net.to_json()), net);
  EXPECT_EQ(parse_architecture(net.to_json(true)), net);
  EXPECT_EQ(parse_architecture(net.to_expression()), net);
  EXPECT_EQ(nlohmann::json::parse(net.to_json()), nlohmann::json::parse(net.to_json(true)));
}

TEST(RoundTrip, OfKnownArchitectures) {
  const auto architectures = read_data("architectures.json");
  EXPECT_EQ(architectures.size(), 87u);
  for (const auto& [name, json] : architectures.items()) {
    SCOPED_TRACE(name);
    const Architecture net = parse_architecture(json.dump());
    expect_round_trips(net);
    EXPECT_EQ(net.layers().size(), json.at("layers").size());
    EXPECT_EQ(net.parameterization() == Parameterization::standard,
              json.at("parameterization") == "standard");
    EXPECT_EQ(net.needs_patterns(), name == "aggregate");
  }
}

TEST(RoundTrip, OfRandomArchitectures) {
  RandomArchitectures architectures(1);
  for (int i = 0; i < 500; ++i) {
    SCOPED_TRACE(i);
    expect_round_trips(architectures.next());
  }
}

TEST(RoundTrip, OfRandomArchitecturesWithEveryOp) {
  RandomArchitectures architectures(5, Numbers::any, Ops::all);
  std::string texts;
  for (int i = 0; i < 1500; ++i) {
    SCOPED_TRACE(i);
    const Architecture net = architectures.next();
    expect_round_trips(net);
    texts += net.to_json();
  }
  for (int i = 0; i < 300; ++i) {
    SCOPED_TRACE(i);
    const Architecture net = architectures.next_of_images();
    expect_round_trips(net);
    texts += net.to_json();
  }
  RandomPixelTexts networks(6);
  for (int i = 0; i < 1000; ++i) {
    SCOPED_TRACE(i);
    const Architecture net = networks.next();
    expect_round_trips(net);
    texts += net.to_json();
  }
  for (const std::string& op : supported_ops())
    EXPECT_THAT(texts, HasSubstr("{\"op\": \"" + op + "\""));
  for (const std::string& join : join_names())
    EXPECT_THAT(texts, HasSubstr("\"join\": \"" + join + "\""));
}

// What a layer reads as in both languages; every op, in the words of neural_tangents.
TEST(RoundTrip, OfEveryOpInThreeWays) {
  struct Written {
    Layer layer;
    std::string expression, json;
  };
  const std::vector<Written> all = {
      {Dense(3), "Dense(3)", R"({"op": "Dense", "out_dim": 3})"},
      {Conv(4, {3, 5}, {.padding = Padding::same, .b_std = 0.5}),
       "Conv(4, (3, 5), padding='SAME', b_std=0.5)",
       R"({"op": "Conv", "out_chan": 4, "filter_shape": [3, 5], "padding": "SAME", "b_std": 0.5})"},
      {Conv(4, {3}, {.strides = {2}, .padding = Padding::circular}),
       "Conv(4, (3,), strides=(2,), padding='CIRCULAR')",
       R"({"op": "Conv", "out_chan": 4, "filter_shape": [3], "strides": [2], )"
       R"("padding": "CIRCULAR"})"},
      {ConvTranspose(4, {3, 3}, {.strides = {2, 2}, .W_std = 2}),
       "ConvTranspose(4, (3, 3), strides=(2, 2), W_std=2)",
       R"({"op": "ConvTranspose", "out_chan": 4, "filter_shape": [3, 3], "strides": [2, 2], )"
       R"("W_std": 2})"},
      {ConvLocal(4, {1, 2, 3}, {.trainable = false}), "ConvLocal(4, (1, 2, 3), trainable=False)",
       R"({"op": "ConvLocal", "out_chan": 4, "filter_shape": [1, 2, 3], "trainable": false})"},
      {AvgPool({2, 3}, {2, 1}, Padding::same, true),
       "AvgPool((2, 3), strides=(2, 1), padding='SAME', normalize_edges=True)",
       R"({"op": "AvgPool", "window_shape": [2, 3], "strides": [2, 1], "padding": "SAME", )"
       R"("normalize_edges": true})"},
      {SumPool({2}), "SumPool((2,))", R"({"op": "SumPool", "window_shape": [2]})"},
      {GlobalAvgPool(), "GlobalAvgPool()", R"({"op": "GlobalAvgPool"})"},
      {GlobalSumPool(), "GlobalSumPool()", R"({"op": "GlobalSumPool"})"},
      {GlobalSelfAttention(8, 7, 6, 5), "GlobalSelfAttention(8, 7, 6, 5)",
       R"({"op": "GlobalSelfAttention", "n_chan_out": 8, "n_chan_key": 7, "n_chan_val": 6, )"
       R"("n_heads": 5})"},
      {GlobalSelfAttention(8, 7, 6, 5,
                           {.linear_scaling = false,
                            .W_key_std = 2,
                            .b_std = 0.5,
                            .mechanism = AttentionMechanism::identity,
                            .pos_emb_type = PositionalEmbedding::concat,
                            .pos_emb_p_norm = 1,
                            .pos_emb_decay_fn = PositionalDecay{PositionalDecay::Kind::exp, 3},
                            .n_chan_pos_emb = 9,
                            .W_pos_emb_std = 1.5,
                            .val_pos_emb = true}),
       "GlobalSelfAttention(8, 7, 6, 5, linear_scaling=False, W_key_std=2, b_std=0.5, "
       "attention_mechanism='IDENTITY', pos_emb_type='CONCAT', pos_emb_p_norm=1, "
       "pos_emb_decay_fn=exp(3), n_chan_pos_emb=9, W_pos_emb_std=1.5, val_pos_emb=True)",
       R"({"op": "GlobalSelfAttention", "n_chan_out": 8, "n_chan_key": 7, "n_chan_val": 6, )"
       R"("n_heads": 5, "linear_scaling": false, "W_key_std": 2, "b_std": 0.5, )"
       R"("attention_mechanism": "IDENTITY", "pos_emb_type": "CONCAT", "pos_emb_p_norm": 1, )"
       R"("pos_emb_decay_fn": {"exp": 3}, "n_chan_pos_emb": 9, "W_pos_emb_std": 1.5, )"
       R"("val_pos_emb": true})"},
      {Aggregate(), "Aggregate()", R"({"op": "Aggregate"})"},
      {Aggregate({1}, 0, 2), "Aggregate(aggregate_axis=1, channel_axis=2)",
       R"({"op": "Aggregate", "aggregate_axis": 1, "channel_axis": 2})"},
      {ImageResize({-1, 4, -1, -1}, ResizeMethod::linear, false),
       "ImageResize((-1, 4, -1, -1), 'linear', antialias=False)",
       R"({"op": "ImageResize", "shape": [-1, 4, -1, -1], "method": "linear", )"
       R"("antialias": false})"},
      {Slice({{}, {.start = 1, .stop = 7, .step = 2}, {.index = -1}, {.step = -1}}),
       "Index(Slice[:, 1:7:2, -1, ::-1])",
       R"({"op": "Slice", "slices": [[null, null, null], [1, 7, 2], -1, [null, null, -1]]})"},
      {Identity(), "Identity()", R"({"op": "Identity"})"},
      {Relu(), "Relu()", R"({"op": "Relu"})"},
      {LeakyRelu(0.2), "LeakyRelu(0.2)", R"({"op": "LeakyRelu", "alpha": 0.2})"},
      {ABRelu(1, 2), "ABRelu(1, 2)", R"({"op": "ABRelu", "a": 1, "b": 2})"},
      {Abs(), "Abs()", R"({"op": "Abs"})"},
      {Sign(), "Sign()", R"({"op": "Sign"})"},
      {Erf(2), "Erf(a=2)", R"({"op": "Erf", "a": 2})"},
      {Sigmoid_like(), "Sigmoid_like()", R"({"op": "Sigmoid_like"})"},
      {Gelu(), "Gelu()", R"({"op": "Gelu"})"},
      {Gelu(true), "Gelu(approximate=True)", R"({"op": "Gelu", "approximate": true})"},
      {Sin(1, 2), "Sin(b=2)", R"({"op": "Sin", "b": 2})"},
      {Cos(1, 1, 3), "Cos(c=3)", R"({"op": "Cos", "c": 3})"},
      {Rbf(0.7), "Rbf(gamma=0.7)", R"({"op": "Rbf", "gamma": 0.7})"},
      {Gaussian(1, 2), "Gaussian(b=2)", R"({"op": "Gaussian", "b": 2})"},
      {Exp(), "Exp()", R"({"op": "Exp"})"},
      {ExpNormalized(2, -1, true), "ExpNormalized(gamma=2, do_clip=True)",
       R"({"op": "ExpNormalized", "gamma": 2, "do_clip": true})"},
      {Gabor(), "Gabor()", R"({"op": "Gabor"})"},
      {Hermite(3), "Hermite(3)", R"({"op": "Hermite", "degree": 3})"},
      {Monomial(0), "Monomial(0)", R"({"op": "Monomial", "degree": 0})"},
      {RectifiedMonomial(64), "RectifiedMonomial(64)",
       R"({"op": "RectifiedMonomial", "degree": 64})"},
      {Polynomial({0.5, -1, 2}), "Polynomial([0.5, -1, 2])",
       R"({"op": "Polynomial", "coef": [0.5, -1, 2]})"},
      {Tanh(), "Tanh()", R"({"op": "Tanh"})"},
      {Sigmoid(), "Sigmoid()", R"({"op": "Sigmoid"})"},
      {Softplus(), "Softplus()", R"({"op": "Softplus"})"},
      {Swish(), "Swish()", R"({"op": "Swish"})"},
      {Mish(), "Mish()", R"({"op": "Mish"})"},
      {Elu(0.5), "Elu(alpha=0.5)", R"({"op": "Elu", "alpha": 0.5})"},
      {Selu(), "Selu()", R"({"op": "Selu"})"},
      {ElementwiseTable({-1, 1}, {0, 2}, {1, 1}), "Elementwise(x=[-1, 1], phi=[0, 2], dphi=[1, 1])",
       R"({"op": "Elementwise", "x": [-1, 1], "phi": [0, 2], "dphi": [1, 1]})"},
      {LayerNorm(), "LayerNorm()", R"({"op": "LayerNorm"})"},
      {LayerNorm(1, 0.001), "LayerNorm(axis=1, eps=0.001)",
       R"({"op": "LayerNorm", "axis": 1, "eps": 0.001})"},
      {Dropout(0.8), "Dropout(0.8)", R"({"op": "Dropout", "rate": 0.8})"},
      {Dropout(0.8, DropoutMode::test), "Dropout(0.8, mode='test')",
       R"({"op": "Dropout", "rate": 0.8, "mode": "test"})"},
      {Residual({Dense(3)}), "Residual(Dense(3))",
       R"({"op": "Residual", "layers": [{"op": "Dense", "out_dim": 3}]})"},
      {Parallel({{Dense(3)}, {}}), "Parallel([Dense(3)], [])",
       R"({"op": "Parallel", "branches": [[{"op": "Dense", "out_dim": 3}], []], )"
       R"("join": "FanInSum"})"},
      {Parallel({{Abs()}, {}}, Join::fan_in_prod), "Parallel([Abs()], [], join='FanInProd')",
       R"({"op": "Parallel", "branches": [[{"op": "Abs"}], []], "join": "FanInProd"})"},
      {Parallel({{Abs()}, {}}, Join::fan_in_concat), "Parallel([Abs()], [], join='FanInConcat')",
       R"({"op": "Parallel", "branches": [[{"op": "Abs"}], []], "join": "FanInConcat"})"},
      {Repeat(2, {Dense(3)}), "Repeat(2, Dense(3))",
       R"({"op": "Repeat", "times": 2, "layers": [{"op": "Dense", "out_dim": 3}]})"}};
  std::string ops = "Flatten ";
  for (const Written& written : all) {
    const Architecture net = serial(Dense(3), written.layer);
    EXPECT_EQ(net.to_expression(), "serial(Dense(3), " + written.expression + ")");
    EXPECT_THAT(net.to_json(),
                HasSubstr(R"({"op": "Dense", "out_dim": 3}, )" + written.json + "]}"));
    expect_round_trips(net);
    ops += written.expression + ' ';
  }
  for (const std::string& op : supported_ops())
    EXPECT_THAT(ops, HasSubstr(op)) << "is missing above";
}

TEST(RoundTrip, OfTheDeepestArchitecture) {
  Layer layer = Dense(3);
  for (int i = 0; i < 64; ++i) layer = Parallel({{std::move(layer)}});
  expect_round_trips(serial(std::move(layer)));
}

TEST(RoundTrip, OfALongArchitecture) {
  Layers layers;
  for (int i = 0; i < 20'000; ++i)
    layers.push_back(Dense(3, {.W_std = 0.1 + i, .b_std = 1e-5 * i}));
  expect_round_trips(serial(std::move(layers)));
}

TEST(Equality, StridesOfOneNeedNotBeGiven) {
  EXPECT_EQ(serial(Conv(3, {3, 3}, {.strides = {1, 1}})), serial(Conv(3, {3, 3})));
  EXPECT_EQ(serial(SumPool({3}, {1})), serial(SumPool({3})));
}

TEST(Equality, SeesEveryDifference) {
  const std::vector<Architecture> all = {
      serial(Dense(3)),
      serial({Dense(3)}, Parameterization::standard),
      serial(Dense(4)),
      serial(Dense(3, {.W_std = 2})),
      serial(Dense(3, {.b_std = 0})),
      serial(Dense(3, {.trainable = false})),
      serial({Dense(3, {.s = {2, 1}})}, Parameterization::standard),
      serial(Dense(3), Dense(3)),
      serial(Dense(3), Relu()),
      serial(Dense(3), LeakyRelu(0.1)),
      serial(Dense(3), LeakyRelu(0.2)),
      serial(Identity()),
      serial(Flatten()),
      serial(Conv(3, {3, 3}, {.padding = Padding::same})),
      serial(Conv(4, {3, 3}, {.padding = Padding::same})),
      serial(Conv(3, {1, 3}, {.padding = Padding::same})),
      serial(Conv(3, {3, 3}, {.padding = Padding::same, .W_std = 2})),
      serial(Conv(3, {3, 3}, {.padding = Padding::same, .b_std = 0})),
      serial(Conv(3, {3, 3}, {.padding = Padding::same, .trainable = false})),
      serial(Conv(3, {3, 3}, {.padding = Padding::same}), Flatten()),
      serial(Conv(3, {3, 3}, {.padding = Padding::same}), GlobalAvgPool()),
      serial(Conv(3, {3, 3}, {.padding = Padding::same}), GlobalSumPool()),
      serial(Conv(3, {3, 3})),
      serial(Conv(3, {3, 3}, {.padding = Padding::circular})),
      serial(Conv(3, {3, 3}, {.strides = {1, 2}})),
      serial(Conv(3, {3})),
      serial(ConvTranspose(3, {3, 3})),
      serial(ConvTranspose(3, {3, 3}, {.strides = {2, 2}})),
      serial(ConvLocal(3, {3, 3})),
      serial(ConvLocal(3, {3, 3}, {.b_std = 0.5})),
      serial(AvgPool({2, 2})),
      serial(AvgPool({2, 3})),
      serial(AvgPool({2, 2}, {2, 2})),
      serial(AvgPool({2, 2}, {}, Padding::same)),
      serial(AvgPool({2, 2}, {}, Padding::same, true)),
      serial(SumPool({2, 2})),
      serial(GlobalSelfAttention(2, 2, 2, 2)),
      serial(GlobalSelfAttention(3, 2, 2, 2)),
      serial(GlobalSelfAttention(2, 3, 2, 2)),
      serial(GlobalSelfAttention(2, 2, 3, 2)),
      serial(GlobalSelfAttention(2, 2, 2, 3)),
      serial(GlobalSelfAttention(2, 2, 2, 2, {.W_key_std = 2})),
      serial(GlobalSelfAttention(2, 2, 2, 2, {.W_value_std = 2})),
      serial(GlobalSelfAttention(2, 2, 2, 2, {.W_query_std = 2})),
      serial(GlobalSelfAttention(2, 2, 2, 2, {.W_out_std = 2})),
      serial(GlobalSelfAttention(2, 2, 2, 2, {.b_std = 0})),
      serial(GlobalSelfAttention(2, 2, 2, 2, {.mechanism = AttentionMechanism::identity})),
      serial(GlobalSelfAttention(
          2, 2, 2, 2, {.linear_scaling = false, .mechanism = AttentionMechanism::identity})),
      serial(GlobalSelfAttention(2, 2, 2, 2, {.pos_emb_type = PositionalEmbedding::sum})),
      serial(GlobalSelfAttention(2, 2, 2, 2, {.pos_emb_p_norm = 1})),
      serial(GlobalSelfAttention(2, 2, 2, 2, {.pos_emb_decay_fn = PositionalDecay{}})),
      serial(GlobalSelfAttention(2, 2, 2, 2, {.pos_emb_decay_fn = PositionalDecay{{}, 2}})),
      serial(GlobalSelfAttention(
          2, 2, 2, 2, {.pos_emb_decay_fn = PositionalDecay{PositionalDecay::Kind::rational, 1}})),
      serial(GlobalSelfAttention(2, 2, 2, 2, {.n_chan_pos_emb = 2})),
      serial(GlobalSelfAttention(2, 2, 2, 2, {.W_pos_emb_std = 2})),
      serial(GlobalSelfAttention(2, 2, 2, 2, {.val_pos_emb = true})),
      serial(Aggregate()),
      serial(Aggregate({1})),
      serial(Aggregate({}, 0, 2)),
      serial(ImageResize({-1, 4, -1}, ResizeMethod::linear)),
      serial(ImageResize({-1, 5, -1}, ResizeMethod::linear)),
      serial(ImageResize({-1, 4, -1}, ResizeMethod::nearest)),
      serial(ImageResize({-1, 4, -1}, ResizeMethod::linear, false)),
      serial(Slice({{}})),
      serial(Slice({{}, {.index = 1}})),
      serial(Slice({{}, {.start = 1}})),
      serial(Slice({{}, {.stop = 1}})),
      serial(Slice({{}, {.step = 2}})),
      serial(Dense(3), Residual({Dense(3)})),
      serial(Dense(3), Parallel({{Dense(3)}})),
      serial(Dense(3), Parallel({{Dense(3)}, {}})),
      serial(Dense(3), Parallel({{Dense(3)}, {}}, Join::fan_in_prod)),
      serial(Dense(3), Parallel({{Dense(3)}, {}}, Join::fan_in_concat)),
      serial(Dense(3), Sin(1, 2)),
      serial(Dense(3), Cos(1, 2)),
      serial(Dense(3), Hermite(2)),
      serial(Dense(3), Hermite(3)),
      serial(Dense(3), Gelu()),
      serial(Dense(3), Gelu(true)),
      serial(Dense(3), Polynomial({1, 2})),
      serial(Dense(3), Polynomial({1, 2, 0})),
      serial(Dense(3), LayerNorm()),
      serial(Dense(3), LayerNorm(1)),
      serial(Dense(3), LayerNorm({1, 2}), GlobalAvgPool()),
      serial(Dense(3), LayerNorm(-1, 0.1)),
      serial(Dense(3), Dropout(0.5)),
      serial(Dense(3), Dropout(0.6)),
      serial(Dense(3), Dropout(0.5, DropoutMode::test)),
      serial(Dense(3), ElementwiseTable({0, 1}, {0, 1}, {1, 1})),
      serial(Dense(3), ElementwiseTable({0, 2}, {0, 1}, {1, 1})),
      serial(Dense(3), ElementwiseTable({0, 1}, {0, 2}, {1, 1})),
      serial(Dense(3), ElementwiseTable({0, 1}, {0, 1}, {1, 0})),
      serial(Dense(3), Repeat(1, {Dense(3)})),
      serial(Dense(3), Repeat(2, {Dense(3)}))};
  for (std::size_t i = 0; i < all.size(); ++i)
    for (std::size_t j = 0; j < all.size(); ++j)
      EXPECT_EQ(all[i] == all[j], i == j) << all[i].to_json() << '\n' << all[j].to_json();
}

TEST(Writer, LeavesDefaultsOut) {
  const Architecture net =
      serial(Dense(512, {.W_std = 1.5}), Erf(1, 2), Dense(4), Residual({Dense(4)}));
  EXPECT_EQ(net.to_expression(),
            "serial(Dense(512, W_std=1.5), Erf(b=2), Dense(4), Residual(Dense(4)))");
  EXPECT_EQ(net.to_json(),
            R"({"ntk_architecture": 1, "parameterization": "ntk", "layers": [)"
            R"({"op": "Dense", "out_dim": 512, "W_std": 1.5}, {"op": "Erf", "b": 2}, )"
            R"({"op": "Dense", "out_dim": 4}, )"
            R"({"op": "Residual", "layers": [{"op": "Dense", "out_dim": 4}]}]})");
}

TEST(Writer, PutsEachLayerOnALineWhenPretty) {
  EXPECT_EQ(serial(Dense(2), Residual({Dense(2)})).to_json(true), R"({
  "ntk_architecture": 1,
  "parameterization": "ntk",
  "layers": [
    {"op": "Dense", "out_dim": 2},
    {"op": "Residual", "layers": [
      {"op": "Dense", "out_dim": 2}
    ]}
  ]
})");
}

// The reason that each refusal must give, by a part of the stated one.
TEST(Refusals, SayWhy) {
  const std::vector<std::pair<std::string, std::string>> reasons = {
      {"unknown op", "nearest known name: Relu"},
      {"misspelt key", "nearest known name: W_std"},
      {"unknown version", "unknown version"},
      {"negative standard deviation", "standard deviation and must not be negative"},
      {"string where a number belongs", "must be a whole number"},
      {"LayerNorm after", "LayerNorm needs a Gaussian input, but it comes from Relu"},
      {"two nonlinearities in a row", "Erf needs a Gaussian input, but it comes from Relu"},
      {"FanInSum of branches that are not Gaussian", "adds Gaussian branches"},
      {"FanInSum of branches with unequal shapes",
       "layers[1].branches[1]: FanInSum joins branches of equal shapes: this one has images of 8x8 "
       "pixels, the first one images of 6x6 pixels"},
      {"a network without layers", "at least one layer"},
      {"convolution on vectors", "the network takes images, height x width x channels"},
      {"filter larger than the image",
       "layers[0]: Conv's filter of 3x3 pixels is larger than its input of 2x2 pixels"},
      {"a nonlinearity on raw data", "a weight layer such as Dense must come before"},
      {"a nonlinearity after Dropout",
       "layers[2]: Relu needs a Gaussian input, but it comes from Dropout"},
      {"a rate of Dropout", "layers[1].rate: "},
      {"LayerNorm over the batch", "layers[1].axis: axis 0 is the batch"},
      {"a degree that is no whole number", "layers[1].degree: must be a whole number"},
      {"a degree above 64", "layers[1].degree: must be a whole number from 0 to 64, is 65"},
      {"a polynomial without coefficients", "layers[1].coef: must have 1 to 65 numbers"},
      {"a table that does not ascend", "layers[1].x[2]: must be larger than"},
      {"a negative gamma", "layers[1].gamma: must be a number from 0"},
      {"FanInProd of branches with unequal shapes", "layers[1].branches[1]: FanInProd multiplies"},
      {"FanInConcat of a branch whose width", "layers[0].branches[1]: FanInConcat needs the width"},
      {"a nonlinearity after FanInConcat", "comes from FanInConcat at layers[0]"},
      {"an unknown join",
       "layers[0].join: unknown join \"FanInMean\"; nearest known name: FanInSum"}};
  const auto cases = read_data("refusals.json");
  ASSERT_EQ(cases.size(), reasons.size());
  for (std::size_t i = 0; i < cases.size(); ++i) {
    EXPECT_EQ(cases[i].at("why").get<std::string>().rfind(reasons[i].first, 0), 0u);
    const Shape input = cases[i].value("input", Shape{10});
    EXPECT_THAT(refusal_of([&] {
                  parse_architecture(cases[i].at("architecture").dump()).output_shape(input);
                }),
                HasSubstr(reasons[i].second));
  }
}

// A network that parses must survive; anything else must be refused as what it is.
void expect_parsed_or_refused(const std::string& text) {
  SCOPED_TRACE(text);
  try {
    const Architecture net = parse_architecture_text(text);
    EXPECT_EQ(parse_architecture_text(net.to_json()), net);
    EXPECT_EQ(parse_architecture_text(net.to_expression()), net);
  } catch (const UsageError& error) {
    EXPECT_GT(std::string(error.what()).size(), std::string("architecture: ").size());
  }
}

TEST(Robustness, RandomBytesAreRefused) {
  std::mt19937 random(2);
  for (int i = 0; i < 3000; ++i) {
    std::string text = i % 2 ? "{" : "serial(";
    for (std::size_t n = random() % 60; n > 0; --n) text += static_cast<char>(random() % 256);
    expect_parsed_or_refused(text);
  }
}

TEST(Robustness, MutatedTextsAreParsedOrRefused) {
  const std::vector<std::string> pieces = {
      "{",       "}",       "[",        "]",        "(",        ")",       ",",
      ":",       "\"",      "op",       "null",     "true",     "-1",      "1e999",
      "0",       "Relu()",  "Dense(",   "=",        "W_std",    "None",    "layers",
      "serial(", "FanOut(", "Repeat(2", "parallel", "\xff\xfe", "times",   "1.5",
      "join=",   "'ntk'",   "{\"op\"",  "stax.",    "branches", "s=(1,2)", "\n",
      "#",       "coef",    "65",       "mode=",    "'test'",   "axis",    "FanInConcat()",
      "rate",    "x=[0,1]", "dphi",     "Conv(",    "'SAME'",   "(3,3)",   "GlobalAvgPool()",
      "Slice[",  "]",       "...",      "::",       "exp(2)",   "CNTK(2)", "AvgPool("};
  std::mt19937 random(3);
  RandomArchitectures architectures(4, Numbers::any, Ops::all);
  RandomPixelTexts networks(7);
  for (int i = 0; i < 3000; ++i) {
    const Architecture net = i % 3 ? architectures.next() : networks.next();
    std::string text = i % 2 ? net.to_json() : net.to_expression();
    for (std::size_t n = 1 + random() % 3; n > 0; --n) {
      const std::size_t at = random() % (text.size() + 1);
      switch (random() % 4) {
        case 0:
          text.insert(at, pieces[random() % pieces.size()]);
          break;
        case 1:
          text.erase(at, random() % 8);
          break;
        case 2:
          text.resize(at);
          break;
        default:
          text.insert(at, text.substr(random() % (text.size() + 1), random() % 30));
          break;
      }
    }
    expect_parsed_or_refused(text);
  }
}

}  // namespace
}  // namespace ntk
