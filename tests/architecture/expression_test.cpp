// Expressions are read as Python and neural_tangents would; what is wrong is named with its column.
#include "architecture/refusal.h"

namespace ntk {
namespace {

using testing::AllOf;
using testing::HasSubstr;

TEST(Expression, ReadsPositionalAndKeywordArguments) {
  EXPECT_EQ(parse_architecture("serial(Dense(512, W_std=1.5, b_std=0.1), Relu(), Dense(1))"),
            serial(Dense(512, {.W_std = 1.5, .b_std = 0.1}), Relu(), Dense(1)));
  EXPECT_EQ(parse_architecture("serial(Dense(8, 1.5, None, 0, -1, 'ntk', (1, 1)), Erf(0.7, c=.2))"),
            serial(Dense(8, {.W_std = 1.5}), Erf(0.7, 1, 0.2)));
  EXPECT_EQ(parse_architecture("Dense(out_dim=1_000, b_std=2e-1, trainable=False)"),
            serial(Dense(1000, {.b_std = 0.2, .trainable = false})));
}

TEST(Expression, TakesThePrefixesOfNotebooks) {
  const Architecture expected = serial(Dense(8), LeakyRelu(0.1), Dense(1));
  EXPECT_EQ(parse_architecture("stax.serial(stax.Dense(8), stax.LeakyRelu(0.1), stax.Dense(1))"),
            expected);
  EXPECT_EQ(parse_architecture("nt.stax.serial(nt.stax.Dense(8), LeakyRelu(alpha=0.1), Dense(1))"),
            expected);
  EXPECT_THAT(refusal_of_text("serial(flax.Dense(8))"),
              AllOf(HasSubstr("column 8"), HasSubstr("\"flax.Dense\"")));
}

TEST(Expression, MaySpanLinesWithCommentsAndATrailingComma) {
  EXPECT_EQ(
      parse_architecture("  serial(  # a network\n    Dense(8),\n\tSign(),\r\n Dense(1),\n)\n"),
      serial(Dense(8), Sign(), Dense(1)));
}

TEST(Expression, FlattensNestedSerials) {
  EXPECT_EQ(parse_architecture("serial(serial(Dense(8), serial(Gelu())), serial(), Dense(1))"),
            serial(Dense(8), Gelu(), Dense(1)));
}

TEST(Expression, FanOutParallelFanInSumIsParallel) {
  EXPECT_EQ(parse_architecture("serial(Dense(8), FanOut(3), parallel(serial(Relu(), Dense(8)), "
                               "Identity(), Dense(8)), FanInSum(), Abs())"),
            serial(Dense(8), Parallel({{Relu(), Dense(8)}, {}, {Dense(8)}}), Abs()));
}

TEST(Expression, FanOutParallelMayEndInAnyJoin) {
  EXPECT_EQ(parse_architecture("serial(Dense(8), FanOut(2), parallel(Relu(), Identity()), "
                               "FanInProd(), Dense(1))"),
            serial(Dense(8), Parallel({{Relu()}, {}}, Join::fan_in_prod), Dense(1)));
  for (const char* concat : {"FanInConcat()", "FanInConcat(-1)", "stax.FanInConcat(axis=-1)"})
    EXPECT_EQ(parse_architecture(std::string("serial(Dense(8), FanOut(2), parallel(Relu(), "
                                             "Dense(3)), ") +
                                 concat + ", Dense(1))"),
              serial(Dense(8), Parallel({{Relu()}, {Dense(3)}}, Join::fan_in_concat), Dense(1)));
}

TEST(Expression, ReadsWholeNumbersFlagsListsAndTables) {
  EXPECT_EQ(
      parse_architecture("serial(Dense(8), Gelu(True), Dense(8), Hermite(degree=3), Dense(8), "
                         "ExpNormalized(0.5, -1, do_clip=True))"),
      serial(Dense(8), Gelu(true), Dense(8), Hermite(3), Dense(8), ExpNormalized(0.5, -1, true)));
  for (const char* coef : {"[1, -0.5]", "(1, -0.5)", "coef=[1, -0.5,]"})
    EXPECT_EQ(parse_architecture(std::string("serial(Dense(8), Polynomial(") + coef + "))"),
              serial(Dense(8), Polynomial({1, -0.5})));
  EXPECT_EQ(parse_architecture("serial(Dense(8), Elementwise([0, 1], dphi=[1, 1], phi=(0, 1)))"),
            serial(Dense(8), ElementwiseTable({0, 1}, {0, 1}, {1, 1})));
}

TEST(Expression, ReadsLayerNormAndDropout) {
  EXPECT_EQ(parse_architecture("serial(Dense(8), stax.LayerNorm(axis=-1, eps=1e-6, batch_axis=0, "
                               "channel_axis=-1), Relu(), stax.Dropout(rate=0.9, mode=\"test\"), "
                               "Dense(8), LayerNorm((1,)), Erf(), Dropout(1))"),
            serial(Dense(8), LayerNorm(-1, 1e-6), Relu(), Dropout(0.9, DropoutMode::test), Dense(8),
                   LayerNorm(1), Erf(), Dropout(1)));
}

TEST(Expression, FanOutWithOneIdentityIsResidual) {
  const Architecture expected = serial(Dense(8), Residual({Relu(), Dense(8)}));
  EXPECT_EQ(parse_architecture("serial(Dense(8), serial(FanOut(2), parallel(serial(Relu(), "
                               "Dense(8)), Identity()), FanInSum()))"),
            expected);
  EXPECT_EQ(parse_architecture("serial(Dense(8), FanOut(num=2), parallel(Identity(), "
                               "serial(Relu(), Dense(8))), FanInSum())"),
            expected);
  EXPECT_EQ(parse_architecture("serial(Dense(8), FanOut(2), parallel(Identity(), Identity()), "
                               "FanInSum())"),
            serial(Dense(8), Parallel({{}, {}})));
}

TEST(Expression, RepeatIsWrittenTheirWayOrOurs) {
  const Architecture expected = serial(Dense(8), Repeat(3, {Relu(), Dense(8)}));
  EXPECT_EQ(parse_architecture("serial(Dense(8), repeat(serial(Relu(), Dense(8)), 3))"), expected);
  EXPECT_EQ(parse_architecture("serial(Dense(8), repeat(layer=serial(Relu(), Dense(8)), n=3))"),
            expected);
  EXPECT_EQ(parse_architecture("serial(Dense(8), Repeat(3, Relu(), Dense(8)))"), expected);
}

TEST(Expression, OurOwnResidualAndParallel) {
  EXPECT_EQ(parse_architecture("serial(Dense(8), Residual(Relu(), Dense(8)), "
                               "Parallel([Erf(), Dense(8)], [], join='FanInSum'))"),
            serial(Dense(8), Residual({Relu(), Dense(8)}), Parallel({{Erf(), Dense(8)}, {}})));
}

TEST(Expression, StandardParameterizationIsSaidByEveryDense) {
  const Architecture expected =
      serial({Dense(8, {.s = {1, 4}}), Relu(), Dense(2)}, Parameterization::standard);
  EXPECT_EQ(parse_architecture("serial(Dense(8, parameterization='standard', s=(1, 4)), Relu(), "
                               "Dense(2, parameterization=\"Standard\"))"),
            expected);
  EXPECT_EQ(parse_architecture("serial(Dense(8, s=[1, 4]), Relu(), Dense(2), "
                               "parameterization='standard')"),
            expected);
}

TEST(Expression, RefusesMixedParameterizations) {
  EXPECT_THAT(refusal_of_text("serial(Dense(8, parameterization='standard'), Dense(2))"),
              AllOf(HasSubstr("column 47"), HasSubstr("one parameterization")));
  EXPECT_THAT(refusal_of_text("serial(Dense(8), Dense(2, parameterization='standard'))"),
              HasSubstr("one parameterization"));
  EXPECT_THAT(refusal_of_text("serial(Dense(8, parameterization='ntk'), "
                              "parameterization='standard')"),
              HasSubstr("one parameterization"));
  EXPECT_THAT(refusal_of_text("Dense(8, parameterization='standerd')"),
              AllOf(HasSubstr("column 27"), HasSubstr("nearest known name: standard")));
}

TEST(Expression, StabilizationChangesNothing) {
  EXPECT_EQ(parse_architecture("serial(Dense(8), Relu(do_stabilize=True), Dense(8), "
                               "LeakyRelu(0.1, True), Dense(8), ABRelu(0, 1, False))"),
            serial(Dense(8), Relu(), Dense(8), LeakyRelu(0.1), Dense(8), ABRelu(0, 1)));
  EXPECT_THAT(refusal_of_text("serial(Dense(8), Relu(1))"), HasSubstr("do_stabilize"));
  EXPECT_THAT(refusal_of_text("serial(Dense(8), Sign(do_stabilize=True))"),
              HasSubstr("takes no arguments"));
}

struct Refusal {
  const char* text;
  const char* position;
  const char* what;
};

class ExpressionRefusals : public testing::TestWithParam<Refusal> {};

TEST_P(ExpressionRefusals, NameTheColumn) {
  const Refusal& refusal = GetParam();
  EXPECT_THAT(refusal_of_text(refusal.text),
              AllOf(HasSubstr(std::string(refusal.position) + ": "), HasSubstr(refusal.what)));
}

// Of layers: unknown names, arguments that do not fit.
INSTANTIATE_TEST_SUITE_P(
    Layers, ExpressionRefusals,
    testing::Values(
        Refusal{"serial(Dense(3), ReLU6())", "column 18", "nearest known name: Relu"},
        Refusal{"serail(Dense(3))", "column 1", "nearest known name: serial"},
        Refusal{"serial(DotGeneral(), Dense(3))", "column 8", "not yet supported"},
        Refusal{"serial(Conv(3, (3, 3), padding='same'))", "column 32 (layers[0].padding)",
                "nearest known name: SAME"},
        Refusal{"serial(Conv(3, (3, 3), None, 'SAME', 1, None, ('NCHW', 'OIHW', 'NCHW')))",
                "column 47", "dimension_numbers must be None"},
        Refusal{"serial(Dense(3, w_std=1.5))", "column 23", "nearest known name: W_std"},
        Refusal{"serial(Dense(3, out_dim=3))", "column 25", "given twice"},
        Refusal{"serial(Dense(3, W_std=1, W_std=2))", "column 26", "stands twice"},
        Refusal{"serial(Dense(3, W_std=1, 2))", "column 26", "positional argument"},
        Refusal{"serial(Dense())", "column 8 (layers[0])", "out_dim is missing"},
        Refusal{"serial(Dense(3), Abs(1, 2))", "column 25", "no more positional"},
        Refusal{"serial(Dense(3), Identity(2))", "column 27", "no arguments"},
        Refusal{"serial(Dense(3, batch_axis=1))", "column 28", "batch_axis must be 0"},
        Refusal{"serial(Dense(3, channel_axis=0))", "column 30", "channel_axis must be -1"},
        Refusal{"serial(Dense(3), Gelu(1))", "column 23 (layers[1].approximate)", "true or false"},
        Refusal{"serial(Dense(3), Hermite(2.5))", "column 26 (layers[1].degree)", "whole number"},
        Refusal{"serial(Dense(3), Hermite(65))", "column 26 (layers[1].degree)", "from 0 to 64"},
        Refusal{"serial(Dense(3), Hermite(dgree=3))", "column 32", "nearest known name: degree"},
        Refusal{"serial(Dense(3), Polynomial([1, 'x']))", "column 33 (layers[1].coef[1])",
                "a number"},
        Refusal{"serial(Dense(3), Polynomial((1)))", "column 29 (layers[1].coef)",
                "a list of numbers"},
        Refusal{"serial(Dense(3), Elementwise(x=[0, 0], phi=[1, 1], dphi=[0, 0]))",
                "column 36 (layers[1].x[1])", "larger than the number before it"},
        Refusal{"serial(Dense(3), Elementwise(lambda))", "column 30", "variables are not known"},
        Refusal{"serial(Dense(3), LayerNorm(0))", "column 28 (layers[1].axis)", "the batch"},
        Refusal{"serial(Dense(3), LayerNorm(axis=2))", "column 33 (layers[1].axis)", "-1 (or 1)"},
        Refusal{"serial(Dense(3), Dropout(0))", "column 26 (layers[1].rate)", "more than 0"},
        Refusal{"serial(Dense(3), Dropout(0.5, 'tset'))", "column 31 (layers[1].mode)",
                "nearest known name: test"},
        Refusal{"serial(Dense(3), SiLU())", "column 18", "here it is called Swish"},
        Refusal{"serial(Dense(3, W_std=-1))", "column 23 (layers[0].W_std)", "negative"},
        Refusal{"serial(Dense(3, W_std='1'))", "column 23 (layers[0].W_std)", "a number"},
        Refusal{"serial(Dense(3.5))", "column 14 (layers[0].out_dim)", "whole number"},
        Refusal{"serial(Dense(3, s=(1, 2, 3)))", "column 19 (layers[0].s)", "two numbers"},
        Refusal{"serial(Dense(3), Relu(), Erf())", "column 26 (layers[2])", "Gaussian"},
        Refusal{"serial(Dense(3), Residual(Relu()))", "column 18 (layers[1])", "Gaussian"},
        Refusal{"serial(3)", "column 8", "expected a layer"},
        Refusal{"serial()", "column 1 (layers)", "at least one layer"}));

INSTANTIATE_TEST_SUITE_P(
    Combinators, ExpressionRefusals,
    testing::Values(
        Refusal{"serial(Dense(3), FanOut(2), FanInSum())", "column 18", "followed by parallel"},
        Refusal{"serial(Dense(3), FanOut(2), parallel(Relu(), Identity()))", "column 29",
                "followed by FanInSum"},
        Refusal{"serial(Dense(3), parallel(Relu(), Relu()), FanInSum())", "column 18",
                "between FanOut"},
        Refusal{"serial(Dense(3), FanInSum())", "column 18", "must follow FanOut"},
        Refusal{"serial(FanOut(2), parallel(Dense(3), Dense(3)), FanInConcat(0))", "column 61",
                "axis must be -1"},
        Refusal{"serial(FanOut(2), parallel(Dense(3), Dense(3)), FanInProd(2))", "column 59",
                "no arguments"},
        Refusal{"serial(FanOut(2), parallel(Dense(3), Dense(4)), FanInProd())",
                "column 38 (layers[0].branches[1])", "multiplies branches of equal shapes"},
        Refusal{"serial(FanOut(2), parallel(Dense(3), Identity()), FanInConcat())",
                "column 38 (layers[0].branches[1])", "needs the width of each branch"},
        Refusal{"serial(Dense(3), FanInConcat())", "column 18", "must follow FanOut"},
        Refusal{"serial(Parallel([Dense(3)], join='FanInMax'))", "column 34 (layers[0].join)",
                "nearest known name: FanIn"},
        Refusal{"serial(FanOut(3), parallel(Dense(3), Dense(3)), FanInSum())", "column 8",
                "which is 2"},
        Refusal{"serial(FanOut(), parallel(Dense(3), Dense(3)), FanInSum())", "column 8",
                "which is 2"},
        Refusal{"serial(FanOut(2), parallel(Dense(3), Dense(4)), FanInSum())",
                "column 38 (layers[0].branches[1])", "equal shapes"},
        Refusal{"serial(FanOut(0), parallel(), FanInSum())", "column 19 (layers[0].branches)",
                "at least one branch"},
        Refusal{"serial(Dense(3), repeat(Dense(3)))", "column 18", "repeat(layer, n)"},
        Refusal{"serial(Dense(3), repeat(Dense(3), 0))", "column 35 (layers[1].times)",
                "at least 1"},
        Refusal{"serial(Dense(3), Repeat())", "column 18", "Repeat takes a number"},
        Refusal{"serial(Dense(3), Repeat(2))", "column 18 (layers[1].layers)",
                "at least one layer"},
        Refusal{"serial(Dense(3), Repeat(2, Relu()))", "column 28 (layers[1].layers[0])",
                "second round"},
        Refusal{"serial(Dense(3), Parallel(Dense(3)))", "column 27", "a list of layers"},
        Refusal{"serial(Dense(3), Residual(layers=Dense(3)))", "column 34", "no keyword"},
        Refusal{"serial(Dense(3), serial(Dense(2), parameterization='ntk'))", "column 52",
                "no keyword"}));

// Of the language: nothing is evaluated.
INSTANTIATE_TEST_SUITE_P(
    Language, ExpressionRefusals,
    testing::Values(
        Refusal{"serial(Dense(3)", "column 16", "expected ')' for the '(' of column 7"},
        Refusal{"serial(Dense(3)) x", "column 18", "end of the expression"},
        Refusal{"serial(Dense(3) Relu())", "column 17", "expected ',' or ')'"},
        Refusal{"serial(Dense(3),,)", "column 17", "expected a layer"},
        Refusal{"serial(\n  Dense(3),\n  Dense(!))", "line 3, column 9", "expected a layer"},
        Refusal{"serial(Dense(3), Relu)", "column 18", "as in Relu()"},
        Refusal{"serial(Dense(n))", "column 14", "variables are not known"},
        Refusal{"serial(Dense(3, W_std=nan))", "column 23", "variables are not known"},
        Refusal{"serial(Dense(3, W_std=2**0.5))", "column 24", "not evaluated"},
        Refusal{"serial(Dense(3, W_std=np.sqrt(2)))", "column 23", "nothing is evaluated"},
        Refusal{"serial(Dense(3, W_std=float('nan')))", "column 23 (layers[0].W_std)",
                "must be a number"},
        Refusal{"serial(*[Dense(3)])", "column 8", "unpacking"},
        Refusal{"serial(Dense(3, W_std=1e999))", "column 23", "out of range"},
        Refusal{"serial(Dense(99999999999999999999))", "column 14 (layers[0].out_dim)", "64 bits"},
        Refusal{"serial(Dense(3, W_std=1.2.3))", "column 23", "is no number"},
        Refusal{"serial(Dense(3, W_std=-))", "column 23", "is no number"},
        Refusal{"serial(Dense(3, parameterization='ntk))", "column 34", "the text has no end"},
        Refusal{"stax.serial(stax.(3))", "column 13", "no layer's name"}));

TEST(Expression, RefusesHostileSizes) {
  EXPECT_THAT(refusal_of_text("serial(" + std::string(100'000, '[')), HasSubstr("deep"));
  std::string nested;
  for (int i = 0; i < 10'000; ++i) nested += "serial(";
  EXPECT_THAT(refusal_of_text(nested), HasSubstr("deep"));
  std::string many = "serial(Dense(8";
  for (int i = 0; i < 1'000'000; ++i) many += ",0";
  EXPECT_THAT(refusal_of_text(many + "))"), HasSubstr("1000000 values"));
  std::string keywords = "Dense(8";
  for (int i = 0; i < 1000; ++i) keywords += ", k" + std::to_string(i) + "=0";
  EXPECT_THAT(refusal_of_text(keywords + ")"), HasSubstr("100 keywords"));
}

}  // namespace
}  // namespace ntk
