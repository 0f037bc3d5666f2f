// Elementwise: functions of one's own, in C++ and as a table.
#include <cmath>
#include <limits>

#include "architecture/refusal.h"

namespace ntk {
namespace {

using testing::AllOf;
using testing::HasSubstr;

const ScalarFunction& function_of(const Layer& layer) {
  return *std::get<ActivationLayer>(layer.value).function;
}

double square(double x) { return x * x; }
double twice(double x) { return 2 * x; }

TEST(FunctionTable, GoesThroughItsPointsWithTheirSlopes) {
  const std::vector<double> x = {-2, -0.5, 0.1, 4}, phi = {1, -3, 0.5, 2}, dphi = {0.3, 2, -1, 5};
  const Layer layer = ElementwiseTable(x, phi, dphi);
  const ScalarFunction& f = function_of(layer);
  for (std::size_t i = 0; i < x.size(); ++i) {
    EXPECT_EQ(f.value(x[i]), phi[i]);
    EXPECT_EQ(f.derivative(x[i]), dphi[i]);
    // From both sides: value and slope are continuous.
    for (double side : {-1e-9, 1e-9}) {
      EXPECT_NEAR(f.value(x[i] + side), phi[i], 1e-8);
      EXPECT_NEAR(f.derivative(x[i] + side), dphi[i], 1e-7);
    }
  }
}

TEST(FunctionTable, IsExactForCubics) {
  const auto p = [](double x) { return ((0.7 * x - 1.1) * x + 0.3) * x - 2; };
  const auto dp = [](double x) { return (2.1 * x - 2.2) * x + 0.3; };
  const std::vector<double> x = {-3, -1, 0.5, 2.5};
  std::vector<double> phi, dphi;
  for (double at : x) phi.push_back(p(at)), dphi.push_back(dp(at));
  const Layer layer = ElementwiseTable(x, phi, dphi);
  for (double at = -3; at <= 2.5; at += 0.01) {
    EXPECT_NEAR(function_of(layer).value(at), p(at), 1e-13 * 35);
    EXPECT_NEAR(function_of(layer).derivative(at), dp(at), 1e-13 * 35);
  }
}

TEST(FunctionTable, IsLinearBeyondItsEnds) {
  const Layer layer = ElementwiseTable({0, 1}, {2, 3}, {-1, 4});
  const ScalarFunction& f = function_of(layer);
  EXPECT_EQ(f.value(-10), 12);
  EXPECT_EQ(f.derivative(-10), -1);
  EXPECT_EQ(f.value(11), 43);
  EXPECT_EQ(f.derivative(11), 4);
  EXPECT_TRUE(std::isnan(f.value(std::nan(""))));
}

TEST(FunctionTable, DerivativeIsThatOfTheValue) {
  const Layer layer = ElementwiseTable({-1, 0, 3}, {1, -2, 4}, {0, 1, -3});
  const ScalarFunction& f = function_of(layer);
  for (double x = -2; x < 4; x += 0.037)
    EXPECT_NEAR((f.value(x + 1e-6) - f.value(x - 1e-6)) / 2e-6, f.derivative(x), 1e-5) << x;
}

TEST(FunctionTable, ConvergesWithTheFourthPowerOfTheSpacing) {
  const auto error_with = [](int points) {
    std::vector<double> x, phi, dphi;
    for (int i = 0; i < points; ++i) {
      x.push_back(-3 + 6.0 * i / (points - 1));
      phi.push_back(std::sin(x.back())), dphi.push_back(std::cos(x.back()));
    }
    const Layer layer = ElementwiseTable(x, phi, dphi);
    double error = 0;
    for (double at = -3; at < 3; at += 0.01)
      error = std::max(error, std::abs(function_of(layer).value(at) - std::sin(at)));
    return error;
  };
  EXPECT_NEAR(error_with(33) / error_with(65), 16, 2);
}

TEST(FunctionTable, SurvivesTheEndOfItsArchitecture) {
  std::function<double(double)> value;
  { value = function_of(ElementwiseTable({0, 1}, {2, 3}, {1, 1})).value; }
  EXPECT_EQ(value(5), 7);
}

TEST(FunctionTable, RefusesWithTheIndexOfWhatIsWrong) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  using Column = std::vector<double>;
  const auto refused = [](Column x, Column phi, Column dphi) {
    return refusal_of([&] { ElementwiseTable(x, phi, dphi); });
  };
  EXPECT_THAT(refused({0, 1, 1}, {0, 0, 0}, {0, 0, 0}),
              AllOf(HasSubstr("ElementwiseTable.x[2]: "), HasSubstr("larger than")));
  EXPECT_THAT(refused({0, -1}, {0, 0}, {0, 0}), HasSubstr("ElementwiseTable.x[1]: "));
  EXPECT_THAT(refused({0, nan}, {0, 0}, {0, 0}), HasSubstr("ElementwiseTable.x[1]: "));
  EXPECT_THAT(refused({0, 1}, {nan, 0}, {0, 0}), HasSubstr("ElementwiseTable.phi[0]: "));
  EXPECT_THAT(refused({0, 1}, {0, 0}, {0, HUGE_VAL}), HasSubstr("ElementwiseTable.dphi[1]: "));
  EXPECT_THAT(refused({0}, {0}, {0}), HasSubstr("at least 2 numbers, has 1"));
  EXPECT_THAT(refused({}, {}, {}), HasSubstr("at least 2 numbers, has 0"));
  EXPECT_THAT(refused({0, 1}, {0, 1, 2}, {0, 0}), HasSubstr("has 3"));
  EXPECT_THAT(refused({0, 1}, {0, 1}, {0}), HasSubstr("ElementwiseTable.dphi: "));
  EXPECT_THAT(refused({0, 1e-300}, {0, 1}, {0, 0}),
              AllOf(HasSubstr("ElementwiseTable.phi[1]: "), HasSubstr("slope")));
}

TEST(FunctionTable, IsCheckedWhenItWasBuiltByHand) {
  ScalarFunction f{"mine", square, twice, {}, {0, 1}, {0, 1}, {0}};
  const auto refused = [&] {
    return refusal_of([&] {
      serial(Dense(3), Layer{ActivationLayer{
                           "Elementwise", {}, {}, std::make_shared<const ScalarFunction>(f)}});
    });
  };
  EXPECT_THAT(refused(), HasSubstr("layers[1].dphi: "));
  f.dphi = {0, 2}, f.x = {};
  EXPECT_THAT(refused(), HasSubstr("layers[1].x: "));
}

TEST(Elementwise, TakesAFunctionAndItsDerivative) {
  const Architecture net = serial(Dense(3), Elementwise("square", square, twice));
  EXPECT_EQ(function_of(net.layers()[1]).value(3), 9);
  EXPECT_EQ(function_of(net.layers()[1]).derivative(3), 6);
  EXPECT_THAT(refusal_of([] { serial(Elementwise("square", square, twice)); }),
              HasSubstr("Elementwise needs a Gaussian input"));
}

TEST(Elementwise, NeedsBothAndKinksInOrder) {
  const auto refused = [](Layer layer) { return refusal_of([&] { serial(Dense(3), layer); }); };
  EXPECT_THAT(refused(Elementwise("f", square, nullptr)),
              AllOf(HasSubstr("layers[1]: "), HasSubstr("the derivative is empty")));
  EXPECT_THAT(refused(Elementwise("f", nullptr, twice)), HasSubstr("the function is empty"));
  EXPECT_THAT(refused(Elementwise("f", square, twice, {0, 2, 1})),
              HasSubstr("layers[1].kinks[2]: "));
  EXPECT_THAT(refused(Elementwise("f", square, twice, {HUGE_VAL})),
              HasSubstr("layers[1].kinks[0]: "));
}

TEST(Elementwise, OfACxxFunctionHasNoText) {
  const Architecture net = serial(Dense(3), Elementwise("square", square, twice));
  const auto expected = AllOf(HasSubstr("\"square\""), HasSubstr("given in C++"),
                              HasSubstr("as a table (ElementwiseTable)"));
  EXPECT_THAT(refusal_of([&] { net.to_json(); }), expected);
  EXPECT_THAT(refusal_of([&] { net.to_expression(); }), expected);
}

TEST(Elementwise, IsDescribedByItsName) {
  EXPECT_EQ(serial(Dense(3), Elementwise("square", square, twice)).describe(),
            "serial(Dense(3), Elementwise(\"square\"))");
  EXPECT_EQ(serial(Dense(3), ElementwiseTable({0, 1, 2}, {0, 1, 2}, {1, 1, 1})).describe(),
            "serial(Dense(3), Elementwise(3 points))");
  const Architecture other = serial(Dense(3), Polynomial({1, 2}), Dense(3));
  EXPECT_EQ(other.describe(), other.to_expression());
}

TEST(Elementwise, FunctionsAreEqualIfTheyAreTheSameObject) {
  const Layer one = Elementwise("square", square, twice);
  EXPECT_EQ(serial(Dense(3), one), serial(Dense(3), one));
  EXPECT_FALSE(serial(Dense(3), one) == serial(Dense(3), Elementwise("square", square, twice)));
  EXPECT_FALSE(serial(Dense(3), one) == serial(Dense(3), ElementwiseTable({0, 1}, {0, 1}, {0, 2})));
}

}  // namespace
}  // namespace ntk
