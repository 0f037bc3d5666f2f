#include "src/architecture/activations.h"

#include <gtest/gtest.h>

namespace ntk {
namespace {

DualForm form_of(const Layer& layer) { return dual_form(std::get<ActivationLayer>(layer.value)); }

void expect_form(const DualForm& form, Op op, std::initializer_list<double> p, double shift = 0) {
  EXPECT_EQ(form.op, op);
  std::size_t i = 0;
  for (double expected : p) EXPECT_EQ(form.p[i++], expected);
  for (; i < kMaxParameters; ++i) EXPECT_EQ(form.p[i], 0);
  EXPECT_EQ(form.shift, shift);
}

TEST(Activations, KinkedOnesAreSlopesLeftAndRightOfZero) {
  expect_form(form_of(Relu()), Op::ab_relu, {0, 1});
  expect_form(form_of(LeakyRelu(0.2)), Op::ab_relu, {0.2, 1});
  expect_form(form_of(LeakyRelu(3)), Op::ab_relu, {3, 1});
  expect_form(form_of(ABRelu(0.3, 1.4)), Op::ab_relu, {0.3, 1.4});
  expect_form(form_of(Abs()), Op::ab_relu, {-1, 1});
}

TEST(Activations, ErfCarriesItsShiftBesideItsParameters) {
  expect_form(form_of(Erf()), Op::erf, {1, 1});
  expect_form(form_of(Erf(0.7, 1.3, 0.2)), Op::erf, {0.7, 1.3}, 0.2);
}

TEST(Activations, SignAndGeluHaveNoParameters) {
  expect_form(form_of(Sign()), Op::sign, {});
  expect_form(form_of(Gelu()), Op::gelu, {});
}

TEST(Activations, TheTanhFormOfGeluHasTheKernelOfGelu) {
  expect_form(form_of(Gelu(true)), Op::gelu, {});
}

TEST(Activations, SigmoidLikeIsAnErf) {
  expect_form(form_of(Sigmoid_like()), Op::erf, {0.5, 1 / 2.4020563531719796}, 0.5);
}

TEST(Activations, EveryRowIsFoundByItsName) {
  for (const Activation& row : activations()) EXPECT_EQ(find_activation(row.name), &row);
  EXPECT_EQ(find_activation("relu"), nullptr);
  EXPECT_EQ(find_activation(""), nullptr);
}

TEST(Activations, RefusesAnotherNumberOfParametersThanTheRowHas) {
  EXPECT_THROW(dual_form({"Relu", {1.0}}), UsageError);
  EXPECT_THROW(dual_form({"Erf", {}}), UsageError);
  EXPECT_THROW(dual_form({"Nothing", {}}), UsageError);
}

}  // namespace
}  // namespace ntk
