#include <gmock/gmock.h>

#include "ntk/classical.h"
#include "ntk/error.h"

namespace ntk {
namespace {

using ::testing::HasSubstr;

TEST(KernelTexts, SayWhatBuildersBuild) {
  EXPECT_EQ(parse_kernel("rbf:gamma=0.5"), rbf_kernel(0.5));
  EXPECT_EQ(parse_kernel("rbf:length=2"), rbf_kernel(0.125));
  EXPECT_EQ(parse_kernel("rbf"), rbf_kernel());
  EXPECT_EQ(parse_kernel("laplace:length=1e-3"), laplace_kernel(1e-3));
  EXPECT_EQ(parse_kernel("matern:length=3,nu=2.5"), matern_kernel(2.5, 3));
  EXPECT_EQ(parse_kernel("matern"), matern_kernel(1.5));
  EXPECT_EQ(parse_kernel("polynomial"), polynomial_kernel(3));
  EXPECT_EQ(parse_kernel("polynomial:degree=2,gamma=0,coef0=0.5"), polynomial_kernel(2, 0, 0.5));
}

TEST(KernelTexts, ReadBackAsTheSameKernel) {
  const double third = 1.0 / 3;
  for (const ClassicalKernel& kernel :
       {rbf_kernel(third), rbf_kernel(), laplace_kernel(third), laplace_kernel(),
        matern_kernel(0.5, third), matern_kernel(2.5), polynomial_kernel(4, third, third),
        polynomial_kernel(1), polynomial_kernel(64, 1e-100, 0)})
    EXPECT_EQ(parse_kernel(kernel.to_text()), kernel) << kernel.to_text();
  EXPECT_EQ(rbf_kernel(0.5).to_text(), "rbf:gamma=0.5");
  EXPECT_EQ(matern_kernel(1.5, 2).to_text(), "matern:nu=1.5,length=2");
}

void expect_refused(const std::string& text, const std::string& why) {
  try {
    parse_kernel(text);
    ADD_FAILURE() << text << " was taken";
  } catch (const UsageError& error) {
    EXPECT_THAT(error.what(), HasSubstr(why)) << text;
  }
}

TEST(KernelTexts, ThatAreWrongAreNamed) {
  expect_refused("rfb:gamma=1", "unknown kernel \"rfb\"; nearest known name: rbf");
  expect_refused("gaussianprocess", "known: rbf, laplace, matern, polynomial");
  expect_refused("", "unknown kernel");
  expect_refused("RBF", "nearest known name: rbf");
  expect_refused("rbf:", "expected key=value");
  expect_refused("rbf:gamma", "expected key=value, found \"gamma\"; keys: gamma, length");
  expect_refused("rbf:gamma=1,", "expected key=value");
  expect_refused("rbf:gama=1", "unknown key \"gama\"; nearest known name: gamma");
  expect_refused("laplace:gamma=1", "unknown key \"gamma\"");
  expect_refused("rbf:gamma=", "must be a finite number");
  expect_refused("rbf:gamma=1x", "must be a finite number, found \"1x\"");
  expect_refused("rbf:gamma=nan", "must be a finite number");
  expect_refused("rbf:gamma=inf", "must be a finite number");
  expect_refused("rbf:gamma=1,gamma=1", "gamma stands twice");
  expect_refused("rbf:gamma=1,length=1", "give one of them");
}

TEST(KernelTexts, NumbersOutOfRangeAreRefused) {
  expect_refused("rbf:gamma=0", "gamma must be 1e-300 to 1e300, found 0");
  expect_refused("rbf:gamma=-1", "gamma");
  expect_refused("rbf:length=0", "length");
  expect_refused("laplace:length=-1", "length must be 1e-100 to 1e100, found -1");
  expect_refused("matern:nu=2", "nu must be 0.5, 1.5 or 2.5, found 2");
  expect_refused("polynomial:degree=0", "degree must be 1 to 64");
  expect_refused("polynomial:degree=65", "degree must be 1 to 64, found 65");
  expect_refused("polynomial:degree=1.5", "degree must be a whole number");
  expect_refused("polynomial:degree=1e300", "degree");
  expect_refused("polynomial:gamma=-1", "gamma must be 0 to 1e100");
  expect_refused("polynomial:coef0=-0.5", "coef0 must be 0 to 1e100, found -0.5");
}

}  // namespace
}  // namespace ntk
