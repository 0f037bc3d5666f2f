// JSON is read strictly: what is wrong is named with its place.
#include "architecture/refusal.h"

namespace ntk {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr const char* kDense = R"({"op": "Dense", "out_dim": 4})";

std::string refused_layers(const std::string& layers) { return refusal_of_text(json_of(layers)); }

std::string refused_dense(const std::string& rest) {
  return refused_layers(R"({"op": "Dense", "out_dim": 4, )" + rest + "}");
}

TEST(Json, ReadsEveryKey) {
  const Architecture net = parse_architecture(R"({
    "layers": [
      {"op": "Flatten"},
      {"s": [1, 2.5], "op": "Dense", "out_dim": 4, "W_std": 2, "b_std": 0.5, "trainable": false},
      {"op": "Erf", "b": 2, "c": -0.25},
      {"op": "Dense", "out_dim": 3, "b_std": null, "trainable": true},
      {"op": "Residual", "layers": [{"op": "LeakyRelu", "alpha": 0.1}, {"op": "Dense", "out_dim": 3}]},
      {"op": "Parallel", "branches": [[{"op": "Identity"}], []], "join": "FanInSum"},
      {"op": "Repeat", "times": 2, "layers": [{"op": "Gelu", "approximate": false},
                                              {"op": "Dense", "out_dim": 3}]}],
    "parameterization": "standard", "ntk_architecture": 1})");
  EXPECT_EQ(net, serial({Flatten(),
                         Dense(4, {.W_std = 2, .b_std = 0.5, .s = {1, 2.5}, .trainable = false}),
                         Erf(1, 2, -0.25), Dense(3), Residual({LeakyRelu(0.1), Dense(3)}),
                         Parallel({{Identity()}, {}}), Repeat(2, {Gelu(), Dense(3)})},
                        Parameterization::standard));
}

TEST(Json, DefaultsAreThoseOfNeuralTangents) {
  const Architecture net = parse_architecture(json_of(kDense));
  EXPECT_EQ(net.parameterization(), Parameterization::ntk);
  const auto& options = std::get<DenseLayer>(net.layers()[0].value).options;
  EXPECT_EQ(options.W_std, 1);
  EXPECT_EQ(options.b_std, std::nullopt);
  EXPECT_EQ(options.s, (std::array<double, 2>{1, 1}));
  EXPECT_TRUE(options.trainable);
}

TEST(Json, ABiasOfZeroIsNotTheSameAsNoBias) {
  const Architecture net =
      parse_architecture(json_of(R"({"op": "Dense", "out_dim": 4, "b_std": 0})"));
  EXPECT_EQ(net, serial(Dense(4, {.b_std = 0})));
  EXPECT_FALSE(net == serial(Dense(4)));
}

TEST(Json, NamesUnknownOpsWithPlaceAndNearestName) {
  EXPECT_THAT(refused_layers(std::string(kDense) + R"(, {"op": "ReLU6"})"),
              AllOf(HasSubstr("layers[1].op"), HasSubstr("\"ReLU6\""),
                    HasSubstr("nearest known name: Relu")));
}

TEST(Json, SaysThatPlannedOpsAreNotYetSupported) {
  for (const char* op : {"DotGeneral", "ElementwiseNumerical"}) {
    EXPECT_THAT(refused_layers(std::string(R"({"op": ")") + op + "\"}"),
                AllOf(HasSubstr("layers[0].op"), HasSubstr(op),
                      HasSubstr("known to the plan of libntk but not yet supported")));
  }
}

TEST(Json, NamesUnknownKeysWithPlaceAndNearestName) {
  EXPECT_THAT(refused_dense(R"("w_std": 1.5)"),
              AllOf(HasSubstr("layers[0].w_std"), HasSubstr("nearest known name: W_std")));
  EXPECT_THAT(refused_layers(R"({"op": "Dense", "out_dims": 4})"),
              AllOf(HasSubstr("layers[0].out_dims"), HasSubstr("nearest known name: out_dim")));
  EXPECT_THAT(refusal_of_text(R"({"ntk_architecture": 1, "Layers": []})"),
              AllOf(HasSubstr("Layers"), HasSubstr("nearest known name: layers")));
  EXPECT_THAT(refusal_of_text(R"({"ntk_architectur": 1, "layers": []})"),
              HasSubstr("nearest known name: ntk_architecture"));
  EXPECT_THAT(refused_layers(R"({"op": "Relu", "alpha": 1})"), HasSubstr("layers[0].alpha"));
}

TEST(Json, NamesPlacesInsideBranches) {
  EXPECT_THAT(refused_layers(std::string(kDense) +
                             R"(, {"op": "Relu"}, {"op": "Parallel", "branches": [[{"op": "Dense",
                        "out_dim": 4}, {"op": "Dense", "out_dim": 4, "W_std": -1}]]})"),
              HasSubstr("layers[2].branches[0][1].W_std: "));
  EXPECT_THAT(refused_layers(R"({"op": "Repeat", "times": 2, "layers": [{"op": "Residual", "layers":
                        [{"op": "Dense", "out_dim": "4"}]}]})"),
              HasSubstr("layers[0].layers[0].layers[0].out_dim: "));
}

TEST(Json, NamesMissingKeys) {
  EXPECT_THAT(refused_layers(R"({"op": "Dense"})"), HasSubstr("out_dim is missing"));
  EXPECT_THAT(refused_layers(R"({"out_dim": 3})"), HasSubstr("op is missing"));
  EXPECT_THAT(refused_layers(R"({"op": "LeakyRelu"})"), HasSubstr("alpha is missing"));
  EXPECT_THAT(refused_layers(R"({"op": "ABRelu", "a": 1})"), HasSubstr("b is missing"));
  EXPECT_THAT(refused_layers(R"({"op": "Repeat", "layers": []})"), HasSubstr("times is missing"));
  EXPECT_THAT(refused_layers(R"({"op": "Parallel"})"), HasSubstr("branches is missing"));
  EXPECT_THAT(refusal_of_text(R"({"ntk_architecture": 1})"), HasSubstr("layers is missing"));
  EXPECT_THAT(refusal_of_text("{}"), HasSubstr("ntk_architecture is missing"));
}

TEST(Json, RefusesOtherVersions) {
  for (const char* version : {"2", "0", "1.0", "\"1\"", "true", "null"})
    EXPECT_THAT(refusal_of_text(std::string(R"({"ntk_architecture": )") + version +
                                R"(, "layers": [{"op": "Dense", "out_dim": 1}]})"),
                AllOf(HasSubstr("ntk_architecture"), HasSubstr("must be 1")));
}

TEST(Json, RefusesValuesOfOtherTypes) {
  EXPECT_THAT(
      refused_layers(R"({"op": "Dense", "out_dim": "many"})"),
      AllOf(HasSubstr("layers[0].out_dim"), HasSubstr("whole number"), HasSubstr("\"many\"")));
  EXPECT_THAT(refused_layers(R"({"op": "Dense", "out_dim": 64.5})"), HasSubstr("64.5"));
  EXPECT_THAT(refused_layers(R"({"op": "Dense", "out_dim": 64.0})"), HasSubstr("64.0"));
  EXPECT_THAT(refused_layers(R"({"op": "Dense", "out_dim": 9223372036854775808})"),
              HasSubstr("layers[0].out_dim"));
  EXPECT_THAT(refused_dense(R"("W_std": "1.5")"), HasSubstr("must be a number"));
  EXPECT_THAT(refused_dense(R"("W_std": null)"), HasSubstr("must be a number"));
  EXPECT_THAT(refused_dense(R"("b_std": true)"), HasSubstr("layers[0].b_std"));
  EXPECT_THAT(refused_dense(R"("trainable": 0)"), HasSubstr("true or false"));
  EXPECT_THAT(refused_dense(R"("s": [1])"), HasSubstr("two numbers"));
  EXPECT_THAT(refused_dense(R"("s": [1, "2"])"), HasSubstr("layers[0].s[1]"));
  EXPECT_THAT(refused_dense(R"("s": 2)"), HasSubstr("two numbers"));
  EXPECT_THAT(refused_layers("3"), HasSubstr("layers[0]"));
  EXPECT_THAT(refused_layers(R"({"op": 3})"), HasSubstr("layers[0].op"));
  EXPECT_THAT(refusal_of_text(R"({"ntk_architecture": 1, "layers": {}})"),
              HasSubstr("a list of layers"));
  EXPECT_THAT(refusal_of_text("[]"), HasSubstr("an object"));
}

std::string refused_after_dense(const std::string& layer) {
  return refused_layers(std::string(kDense) + ", " + layer);
}

TEST(Json, RefusesDegreesThatAreNone) {
  for (const char* op : {"Hermite", "Monomial", "RectifiedMonomial"}) {
    const auto refused = [&](const std::string& degree) {
      return refused_after_dense(std::string(R"({"op": ")") + op + R"(", "degree": )" + degree +
                                 "}");
    };
    for (const char* degree : {"-1", "65", "9223372036854775807"})
      EXPECT_THAT(refused(degree), AllOf(HasSubstr("layers[1].degree: "),
                                         HasSubstr("must be a whole number from 0 to 64, is ")));
    EXPECT_THAT(refused("2.5"), AllOf(HasSubstr("layers[1].degree: "), HasSubstr("whole number"),
                                      HasSubstr("2.5")));
    EXPECT_THAT(refused("\"3\""), HasSubstr("the text \"3\""));
    EXPECT_THAT(refused_after_dense(std::string(R"({"op": ")") + op + "\"}"),
                HasSubstr("degree is missing"));
  }
}

TEST(Json, RefusesFlagsThatAreNone) {
  EXPECT_THAT(refused_after_dense(R"({"op": "Gelu", "approximate": 1})"),
              AllOf(HasSubstr("layers[1].approximate: "), HasSubstr("true or false")));
  EXPECT_THAT(refused_after_dense(R"({"op": "ExpNormalized", "do_clip": "yes"})"),
              AllOf(HasSubstr("layers[1].do_clip: "), HasSubstr("true or false")));
}

TEST(Json, RefusesListsThatAreNone) {
  EXPECT_THAT(refused_after_dense(R"({"op": "Polynomial", "coef": 3})"),
              AllOf(HasSubstr("layers[1].coef: "), HasSubstr("a list of numbers")));
  EXPECT_THAT(refused_after_dense(R"({"op": "Polynomial", "coef": [1, null]})"),
              AllOf(HasSubstr("layers[1].coef[1]: "), HasSubstr("a number")));
  EXPECT_THAT(refused_after_dense(R"({"op": "Polynomial", "coef": []})"),
              AllOf(HasSubstr("layers[1].coef: "), HasSubstr("must have 1 to 65 numbers, has 0")));
  EXPECT_THAT(refused_after_dense(R"({"op": "Polynomial", "coefs": [1]})"),
              AllOf(HasSubstr("layers[1].coefs: "), HasSubstr("nearest known name: coef")));
}

TEST(Json, RefusesTablesThatAreNone) {
  const auto refused = [](const std::string& rest) {
    return refused_after_dense(R"({"op": "Elementwise", )" + rest + "}");
  };
  EXPECT_THAT(refused(R"("x": [0, 1], "phi": [0, 1])"), HasSubstr("dphi is missing"));
  EXPECT_THAT(refused(R"("x": [], "phi": [], "dphi": [])"),
              AllOf(HasSubstr("layers[1].x: "), HasSubstr("at least 2 numbers, has 0")));
  EXPECT_THAT(refused(R"("x": [0, 1, 1], "phi": [0, 0, 0], "dphi": [0, 0, 0])"),
              AllOf(HasSubstr("layers[1].x[2]: "), HasSubstr("larger than the number before it")));
  EXPECT_THAT(refused(R"("x": [0, 1, 2], "phi": [0, 0], "dphi": [0, 0, 0])"),
              AllOf(HasSubstr("layers[1].phi: "), HasSubstr("as many numbers as x")));
  EXPECT_THAT(refused(R"("x": [0, 1], "phi": [0, 0], "dphi": [0, 1e200])"),
              HasSubstr("layers[1].dphi[1]: "));
}

TEST(Json, RefusesLayerNormAndDropoutOutOfRange) {
  EXPECT_THAT(refused_after_dense(R"({"op": "LayerNorm", "axis": 0})"),
              AllOf(HasSubstr("layers[1].axis: "), HasSubstr("the batch")));
  EXPECT_THAT(refused_after_dense(R"({"op": "LayerNorm", "axis": [0, 1]})"),
              AllOf(HasSubstr("layers[1].axis: "), HasSubstr("the batch")));
  EXPECT_THAT(refused_after_dense(R"({"op": "LayerNorm", "axis": 1.5})"),
              AllOf(HasSubstr("layers[1].axis: "), HasSubstr("an axis or a list of axes")));
  EXPECT_EQ(
      parse_architecture(json_of(std::string(kDense) + R"(, {"op": "LayerNorm", "axis": [1]})")),
      serial(Dense(4), LayerNorm(1)));
  EXPECT_THAT(refused_after_dense(R"({"op": "Dropout"})"), HasSubstr("rate is missing"));
  EXPECT_THAT(refused_after_dense(R"({"op": "Dropout", "rate": 0.5, "mode": "trian"})"),
              AllOf(HasSubstr("layers[1].mode: "), HasSubstr("nearest known name: train")));
  EXPECT_THAT(refused_after_dense(R"({"op": "Dropout", "keep": 0.5})"),
              AllOf(HasSubstr("layers[1].keep: "), HasSubstr("known: op, rate, mode")));
}

TEST(Json, RefusesOtherJoinsAndParameterizations) {
  EXPECT_THAT(refused_layers(R"({"op": "Parallel", "branches": [[]], "join": "FanInMean"})"),
              AllOf(HasSubstr("layers[0].join"), HasSubstr("nearest known name: FanInSum")));
  EXPECT_THAT(refused_layers(R"({"op": "Parallel", "branches": [[]], "join": "fan_in_sum"})"),
              HasSubstr("nearest known name: FanInSum"));
  EXPECT_THAT(refusal_of_text(R"({"ntk_architecture": 1, "parameterization": "standart",
                                  "layers": []})"),
              AllOf(HasSubstr("parameterization"), HasSubstr("nearest known name: standard")));
}

TEST(Json, RefusesAParameterizationOfASingleLayer) {
  EXPECT_THAT(refused_dense(R"("parameterization": "ntk")"),
              AllOf(HasSubstr("layers[0].parameterization"), HasSubstr("one parameterization")));
}

TEST(Json, NamesLineColumnAndPlaceOfWhatIsNoJson) {
  EXPECT_THAT(refusal_of_text("{\"ntk_architecture\": 1,\n \"layers\": [{\"op\": \"Dense\","),
              AllOf(HasSubstr("line 2, column 28"), HasSubstr("layers[0]"),
                    HasSubstr("unexpected end of input")));
  EXPECT_THAT(refused_dense(R"("W_std": NaN)"),
              AllOf(HasSubstr("layers[0].W_std"), HasSubstr("no NaN")));
  EXPECT_THAT(refused_dense(R"("W_std": Infinity)"), HasSubstr("layers[0].W_std"));
  EXPECT_THAT(refused_dense(R"("W_std": 1e999)"),
              AllOf(HasSubstr("layers[0].W_std"), HasSubstr("overflow")));
  EXPECT_THAT(refusal_of_text(json_of(kDense) + " {}"), HasSubstr("expected end of input"));
  EXPECT_THAT(refusal_of_text(json_of("{\"op\": \"D\xff\"}")), HasSubstr("UTF-8"));
}

TEST(Json, RefusesEveryTruncation) {
  const std::string whole = serial({Dense(4, {.W_std = 1.5, .b_std = 0.1}), Relu(),
                                    Parallel({{Dense(3)}, {Dense(3)}}), Repeat(2, {Dense(4)})})
                                .to_json();
  for (std::size_t n = 1; n < whole.size(); ++n)
    EXPECT_THAT(refusal_of_text(whole.substr(0, n)), HasSubstr("not JSON at column")) << n;
}

TEST(Json, RefusesKeysThatStandTwice) {
  EXPECT_THAT(refused_dense(R"("W_std": 1, "W_std": 2)"),
              AllOf(HasSubstr("layers[0]"), HasSubstr("\"W_std\" stands twice")));
  EXPECT_THAT(refusal_of_text(R"({"ntk_architecture": 1, "layers": [], "layers": []})"),
              HasSubstr("\"layers\" stands twice"));
}

TEST(Json, RefusesHostileSizes) {
  EXPECT_THAT(refusal_of_text(std::string(100'000, '[')), HasSubstr("deep"));
  std::string many_keys = "{\"k0\": 0";
  for (int i = 1; i < 1000; ++i) many_keys += ", \"k" + std::to_string(i) + "\": 0";
  EXPECT_THAT(refusal_of_text(many_keys + "}"), HasSubstr("more than 100 keys"));
  std::string many_values = "[0";
  for (int i = 0; i < 1'000'000; ++i) many_values += ",0";
  EXPECT_THAT(refusal_of_text(many_values + "]"), HasSubstr("1000000 values"));
  EXPECT_THAT(refusal_of_text("{" + std::string(std::size_t{17} << 20, ' ') + "}"),
              HasSubstr("16 MiB"));
}

TEST(Json, MayBeginWithSpaceOrAByteOrderMark) {
  EXPECT_EQ(parse_architecture("\n\t " + json_of(kDense)), serial(Dense(4)));
  EXPECT_EQ(parse_architecture("\xEF\xBB\xBF" + json_of(kDense)), serial(Dense(4)));
}

}  // namespace
}  // namespace ntk
