// Which layers make a network: numbers in range, which layer may follow which.
#include <limits>

#include "architecture/refusal.h"

namespace ntk {
namespace {

using testing::AllOf;
using testing::HasSubstr;

std::string refused(Layers layers, Parameterization parameterization = Parameterization::ntk) {
  return refusal_of([&] { serial(std::move(layers), parameterization); });
}

TEST(Check, ANonlinearityNeedsAGaussianInput) {
  EXPECT_THAT(refused({Relu(), Dense(3)}), AllOf(HasSubstr("layers[0]: "), HasSubstr("the data"),
                                                 HasSubstr("must come before")));
  EXPECT_THAT(refused({Dense(3), Relu(), Identity(), Erf()}),
              AllOf(HasSubstr("layers[3]: Erf"), HasSubstr("Relu at layers[1]")));
  EXPECT_THAT(refused({Flatten(), Gelu()}), HasSubstr("Flatten at layers[0]"));
  EXPECT_NO_THROW(serial(Dense(3), Identity(), Relu(), Dense(3), Erf()));
}

TEST(Check, SumsNeedGaussianBranches) {
  EXPECT_THAT(refused({Dense(3), Relu(), Residual({Dense(3)})}),
              AllOf(HasSubstr("layers[2]: "), HasSubstr("identity branch")));
  EXPECT_THAT(refused({Dense(3), Residual({Relu()})}),
              AllOf(HasSubstr("layers[1]: "), HasSubstr("Relu at layers[1].layers[0]")));
  EXPECT_THAT(refused({Residual({Dense(3)})}), HasSubstr("the data"));
  EXPECT_THAT(refused({Dense(3), Parallel({{Dense(3)}, {Sign()}})}),
              HasSubstr("layers[1].branches[1]: "));
  EXPECT_NO_THROW(serial(Parallel({{Dense(3)}, {Dense(3)}}), Relu()));
}

TEST(Check, LayerNormNeedsAGaussianInputAndGivesOne) {
  EXPECT_THAT(refused({LayerNorm()}),
              AllOf(HasSubstr("layers[0]: LayerNorm"), HasSubstr("the data")));
  EXPECT_THAT(refused({Dense(3), Relu(), LayerNorm()}), HasSubstr("Relu at layers[1]"));
  EXPECT_NO_THROW(serial(Dense(3), LayerNorm(), LayerNorm(), Relu(), Dense(3)));
}

TEST(Check, DropoutTakesAnythingAndItsOutputIsNotGaussian) {
  EXPECT_NO_THROW(serial(Dropout(0.5), Dense(3), Relu(), Dropout(0.5), Dropout(1), Dense(3)));
  EXPECT_THAT(refused({Dense(3), Dropout(0.5), Relu()}),
              AllOf(HasSubstr("layers[2]: "), HasSubstr("Dropout at layers[1]")));
  EXPECT_NO_THROW(serial(Dense(3), Dropout(0.5, DropoutMode::test), Relu()));
  EXPECT_THAT(refused({Relu(), Dropout(0.5, DropoutMode::test)}), HasSubstr("the data"));
}

TEST(Check, ProductsTakeAnyBranchesOfOneWidth) {
  EXPECT_NO_THROW(serial(Dense(3), Parallel({{Relu()}, {Erf()}, {}}, Join::fan_in_prod), Dense(3)));
  EXPECT_NO_THROW(serial(Parallel({{}, {}}, Join::fan_in_prod), Dense(3)));
  EXPECT_THAT(refused({Dense(3), Parallel({{Dense(3)}, {}}, Join::fan_in_prod), Relu()}),
              AllOf(HasSubstr("layers[2]: "), HasSubstr("FanInProd at layers[1]")));
  EXPECT_THAT(refused({Parallel({{Dense(3)}, {Dense(4)}}, Join::fan_in_prod)}),
              AllOf(HasSubstr("layers[0].branches[1]: "), HasSubstr("width 4")));
  EXPECT_NO_THROW(serial(Parallel({{Dense(3)}}, Join::fan_in_prod), Relu()));
}

TEST(Check, ConcatenationAddsWidthsUp) {
  const Layer wide = Parallel({{Dense(3), Relu()}, {Dense(4)}, {Dense(2)}}, Join::fan_in_concat);
  EXPECT_EQ(serial(wide).output_shape({5}), Shape{9});
  EXPECT_EQ(serial(Dense(2), Parallel({{}, {}}, Join::fan_in_concat)).output_shape({5}), Shape{4});
  EXPECT_THAT(refused({wide, Relu()}), HasSubstr("FanInConcat at layers[0]"));
  EXPECT_THAT(refused({Parallel({{Dense(3)}}, Join::fan_in_concat), Relu()}),
              HasSubstr("FanInConcat at layers[0]"));
  EXPECT_THAT(refused({Parallel({{Dense(3)}, {}}, Join::fan_in_concat)}),
              AllOf(HasSubstr("layers[0].branches[1]: "), HasSubstr("a Dense must come before")));
  const std::int64_t most = std::numeric_limits<std::int64_t>::max();
  EXPECT_THAT(refused({Parallel({{Dense(3)}, {Dense(most)}}, Join::fan_in_concat)}),
              AllOf(HasSubstr("layers[0].branches[1]: "), HasSubstr("2^53")));
}

TEST(Check, EachRoundOfARepeatMayWiden) {
  const auto widening = [](std::int64_t times) {
    return serial(Dense(2), Repeat(times, {Parallel({{}, {Dense(3)}}, Join::fan_in_concat)}));
  };
  EXPECT_EQ(widening(1).output_shape({5}), Shape{5});
  EXPECT_EQ(widening(2).output_shape({5}), Shape{8});
  EXPECT_EQ(widening(7).output_shape({5}), Shape{23});
  EXPECT_THAT(refused({Dense(2), Repeat(60, {Parallel({{}, {}}, Join::fan_in_concat)})}),
              AllOf(HasSubstr("layers[1].layers[0].branches[1]: "), HasSubstr("2^53")));
}

TEST(Check, ASingleBranchIsNoSum) {
  EXPECT_NO_THROW(serial(Dense(3), Parallel({{Relu()}}), Dense(3)));
  EXPECT_THAT(refused({Dense(3), Parallel({{Relu()}}), Relu()}),
              HasSubstr("Relu at layers[1].branches[0][0]"));
}

TEST(Check, SumsNeedBranchesOfOneWidth) {
  EXPECT_THAT(refused({Dense(3), Residual({Dense(4)})}),
              AllOf(HasSubstr("layers[1]: "), HasSubstr("3 in"), HasSubstr("4 out")));
  EXPECT_THAT(refused({Dense(3), Parallel({{}, {Dense(3)}, {Dense(5)}})}),
              AllOf(HasSubstr("layers[1].branches[2]: "), HasSubstr("width 5"), HasSubstr("3")));
}

TEST(Check, TheStandardParameterizationScalesWidths) {
  const DenseOptions doubled{.s = {1, 2}};
  EXPECT_NO_THROW(
      serial({Parallel({{Dense(4, doubled)}, {Dense(8)}})}, Parameterization::standard));
  EXPECT_THAT(refused({Parallel({{Dense(4, doubled)}, {Dense(4)}})}, Parameterization::standard),
              HasSubstr("equal shapes"));
  EXPECT_EQ(serial({Dense(4, doubled)}, Parameterization::standard).output_shape({3}), Shape{8});
}

TEST(Check, RepeatMustTakeItsOwnOutput) {
  EXPECT_NO_THROW(serial(Dense(3), Repeat(5, {Relu(), Dense(3)})));
  EXPECT_NO_THROW(serial(Repeat(5, {Dense(3), Relu()})));
  EXPECT_THAT(refused({Dense(3), Repeat(2, {Relu()})}),
              AllOf(HasSubstr("layers[1].layers[0]: "), HasSubstr("second round of Repeat")));
  EXPECT_THAT(refused({Dense(3), Repeat(1, {Relu()})}), HasSubstr("second round of Repeat"));
  EXPECT_THAT(refused({Dense(3), Repeat(2, {Residual({Dense(3)}), Dense(4)})}),
              AllOf(HasSubstr("layers[1].layers[0]: "), HasSubstr("4 in")));
}

TEST(Check, FlattenIsTheFirstLayerOrNone) {
  EXPECT_NO_THROW(serial(Flatten(), Dense(3)));
  for (const Layers& layers : {Layers{Dense(3), Flatten()}, Layers{Identity(), Flatten()},
                               Layers{Repeat(1, {Flatten()})}, Layers{Parallel({{Flatten()}})}})
    EXPECT_THAT(refused(layers), HasSubstr("first layer only"));
}

TEST(Check, RefusesDeviationsOutOfRange) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinity = std::numeric_limits<double>::infinity();
  for (double value : {-1.0, -1e-300, nan, infinity, -infinity, 1e101}) {
    EXPECT_THAT(refused({Dense(3), Dense(3, {.W_std = value})}), HasSubstr("layers[1].W_std: "));
    EXPECT_THAT(refused({Dense(3, {.b_std = value})}), HasSubstr("layers[0].b_std: "));
  }
  EXPECT_THAT(refused({Dense(3, {.W_std = -1})}), HasSubstr("negative"));
  EXPECT_NO_THROW(serial(Dense(3, {.W_std = 0, .b_std = 1e100})));
}

TEST(Check, RefusesParametersOutOfRange) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THAT(refused({Dense(3), LeakyRelu(nan)}), HasSubstr("layers[1].alpha: "));
  EXPECT_THAT(refused({Dense(3), ABRelu(1, 1e200)}), HasSubstr("layers[1].b: "));
  EXPECT_THAT(refused({Dense(3), Erf(1, 1, -1e200)}), HasSubstr("layers[1].c: "));
}

TEST(Check, RefusesNegativeScalesOfKernels) {
  EXPECT_THAT(refused({Dense(3), Rbf(-0.1)}), HasSubstr("layers[1].gamma: "));
  EXPECT_THAT(refused({Dense(3), ExpNormalized(-1)}), HasSubstr("layers[1].gamma: "));
  EXPECT_NO_THROW(serial(Dense(3), Rbf(0), Dense(3), ExpNormalized(0)));
}

TEST(Check, RefusesDegreesFlagsAndListsOutOfRange) {
  for (const auto& degree : {-1, 65})
    EXPECT_THAT(refused({Dense(3), Monomial(degree)}),
                AllOf(HasSubstr("layers[1].degree: "), HasSubstr("from 0 to 64")));
  EXPECT_THAT(refused({Dense(3), {ActivationLayer{"Hermite", {2.5}}}}), HasSubstr("is 2.5"));
  EXPECT_THAT(refused({Dense(3), {ActivationLayer{"Gelu", {0.5}}}}),
              AllOf(HasSubstr("layers[1].approximate: "), HasSubstr("0 or 1")));
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THAT(refused({Dense(3), Polynomial({})}), HasSubstr("layers[1].coef: "));
  EXPECT_THAT(refused({Dense(3), Polynomial(std::vector<double>(66, 1))}), HasSubstr("has 66"));
  EXPECT_THAT(refused({Dense(3), Polynomial({1, 2, nan})}), HasSubstr("layers[1].coef[2]: "));
  EXPECT_NO_THROW(serial(Dense(3), Polynomial(std::vector<double>(65, 1)), Dense(3), Monomial(64)));
}

TEST(Check, RefusesRatesAndEpsilonsOutOfRange) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (double rate : {0.0, -0.5, 1.0000001, nan})
    EXPECT_THAT(refused({Dense(3), Dropout(rate)}),
                AllOf(HasSubstr("layers[1].rate: "), HasSubstr("at most 1")));
  for (double eps : {-1e-12, nan, 1e101})
    EXPECT_THAT(refused({Dense(3), LayerNorm(-1, eps)}), HasSubstr("layers[1].eps: "));
  for (std::int64_t axis : {0, 2, -2})
    EXPECT_THAT(refused({Dense(3), LayerNorm(axis)}), HasSubstr("layers[1].axis: "));
}

TEST(Check, RefusesCountsBelowOne) {
  EXPECT_THAT(refused({Dense(0)}), HasSubstr("layers[0].out_dim: "));
  EXPECT_THAT(refused({Dense(-7)}), HasSubstr("-7"));
  EXPECT_THAT(refused({Dense(3), Repeat(0, {Dense(3)})}), HasSubstr("layers[1].times: "));
}

TEST(Check, RefusesWidthScalesThatDoNotFit) {
  EXPECT_THAT(refused({Dense(3, {.s = {1, 2}})}),
              AllOf(HasSubstr("layers[0].s: "), HasSubstr("standard parameterization")));
  for (double s : {0.0, -1.0, std::numeric_limits<double>::quiet_NaN()})
    EXPECT_THAT(refused({Dense(3, {.s = {s, 1}})}, Parameterization::standard),
                HasSubstr("positive"));
  EXPECT_THAT(refused({Dense(3, {.s = {1, 0.5}})}, Parameterization::standard),
              HasSubstr("whole number of units"));
}

TEST(Check, RefusesWhatIsEmpty) {
  EXPECT_THAT(refused({}), HasSubstr("at least one layer"));
  EXPECT_THAT(refused({Dense(3), Residual({})}), HasSubstr("layers[1].layers: "));
  EXPECT_THAT(refused({Dense(3), Repeat(2, {})}), HasSubstr("layers[1].layers: "));
  EXPECT_THAT(refused({Dense(3), Parallel({})}), HasSubstr("layers[1].branches: "));
}

TEST(Check, RefusesLayersBuiltByHandThatTheTableDoesNotHave) {
  EXPECT_THAT(refused({Dense(3), {ActivationLayer{"relu", {}}}}),
              HasSubstr("nearest known name: Relu"));
  EXPECT_THAT(refused({Dense(3), {ActivationLayer{"Relu", {1}}}}), HasSubstr("0 parameters"));
  EXPECT_THAT(refused({Dense(3), {ActivationLayer{"Relu", {}, {1, 2}}}}),
              HasSubstr("no coefficients, is given 2"));
  EXPECT_THAT(refused({Dense(3), {ActivationLayer{"Elementwise"}}}), HasSubstr("has no function"));
  auto function = std::make_shared<ScalarFunction>();
  EXPECT_THAT(refused({Dense(3), {ActivationLayer{"Relu", {}, {}, function}}}),
              HasSubstr("takes no function"));
}

TEST(Check, CountsLayersWithoutWritingRepeatsOut) {
  EXPECT_NO_THROW(serial(Dense(3), Repeat(49'000, {Relu(), Dense(3)})));
  EXPECT_THAT(refused({Dense(3), Repeat(50'000, {Relu(), Dense(3)})}), HasSubstr("100000 layers"));
  Layer nested = Dense(3);
  for (int i = 0; i < 10; ++i)
    nested = Repeat(std::numeric_limits<std::int64_t>::max(), {std::move(nested)});
  EXPECT_THAT(refused({std::move(nested)}), HasSubstr("100000 layers"));
  Layer once = Dense(3);  // each level is checked twice
  for (int i = 0; i < 60; ++i) once = Repeat(1, {std::move(once)});
  EXPECT_THAT(refused({std::move(once)}), HasSubstr("100000 layers"));
}

TEST(Check, RefusesNestingPastTheLimit) {
  const auto nested = [](int depth) {
    Layer layer = Dense(3);
    for (int i = 0; i < depth; ++i) layer = Residual({std::move(layer)});
    return Layers{Dense(3), std::move(layer)};
  };
  EXPECT_NO_THROW(serial(nested(64)));
  EXPECT_THAT(refused(nested(65)), HasSubstr("64 deep"));
  EXPECT_THAT(refused(nested(1000)), HasSubstr("64 deep"));
}

}  // namespace
}  // namespace ntk
