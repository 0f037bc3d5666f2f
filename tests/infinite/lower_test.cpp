#include "src/infinite/lower.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ntk/error.h"

namespace ntk {
namespace {

std::vector<Op> ops_of(const Architecture& architecture) {
  std::vector<Op> ops;
  for (const Instruction& in : lower(architecture, 5).instructions) ops.push_back(in.op);
  return ops;
}

TEST(Lower, ALayerWithoutBiasKeepsTheCorrelation) {
  EXPECT_EQ(ops_of(serial(Dense(3), Relu(), Dense(1, {.b_std = 0.1}))),
            (std::vector<Op>{Op::scale, Op::ab_relu, Op::affine}));
}

TEST(Lower, TheStandardParameterizationKnowsTheWidthOfItsInput) {
  const Program program =
      lower(serial({Dense(30, {.b_std = 0.0}), Relu(), Dense(1)}, Parameterization::standard), 5);
  EXPECT_EQ(program.instructions[0].op, Op::affine_standard);
  EXPECT_EQ(program.instructions[0].p[3], 5);
  EXPECT_EQ(program.instructions[0].p[4], 1);  // a bias, though its deviation is zero
  EXPECT_EQ(program.instructions[2].p[3], 30);
  EXPECT_EQ(program.instructions[2].p[4], 0);
}

TEST(Lower, RepeatWritesItsLayersOut) {
  EXPECT_EQ(ops_of(serial(Dense(3), Repeat(3, {Relu(), Dense(3)}))).size(), 7u);
}

TEST(Lower, SumsKeepTheirInputInASlot) {
  EXPECT_EQ(ops_of(serial(Dense(3), Residual({Relu(), Dense(3)}))),
            (std::vector<Op>{Op::scale, Op::save, Op::ab_relu, Op::scale, Op::add}));
  const Program program =
      lower(serial(Dense(3), Parallel({{Relu(), Dense(3)}, {Erf(), Dense(3)}, {}})), 5);
  EXPECT_EQ(program.slots, 2);
}

TEST(Lower, AShiftOfErfIsABias) {
  EXPECT_EQ(ops_of(serial(Dense(3), Erf(1, 1, 0.5))),
            (std::vector<Op>{Op::scale, Op::erf, Op::affine}));
}

TEST(Lower, FeaturesDoNotOverlap) {
  const Program program =
      lower(serial(Dense(3, {.b_std = 0.1}), Erf(), Dense(3), Gelu(), Dense(1)), 5);
  for (std::size_t i = 1; i < program.instructions.size(); ++i)
    EXPECT_GE(program.instructions[i].first_feature, program.instructions[i - 1].first_feature);
  EXPECT_GT(program.features, program.instructions.back().first_feature);
}

TEST(Lower, RefusesSumsNestedPastTheSlots) {
  Layers layers = {Relu(), Dense(3)};
  for (int depth = 0; depth < 33; ++depth) layers = {Relu(), Dense(3), Residual(layers)};
  layers.insert(layers.begin(), Dense(3));
  try {
    lower(serial(layers), 5);
    FAIL();
  } catch (const UsageError& error) {
    EXPECT_THAT(error.what(), ::testing::HasSubstr("nested too deeply"));
  }
}

}  // namespace
}  // namespace ntk
