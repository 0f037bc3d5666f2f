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
