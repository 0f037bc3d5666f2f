#include "src/architecture/names.h"

#include <gtest/gtest.h>

namespace ntk {
namespace {

TEST(Names, NearestNameIgnoresCaseFirst) {
  EXPECT_EQ(nearest_name("w_std", {"op", "b_std", "W_std"}), "W_std");
  EXPECT_EQ(nearest_name("ReLU6", supported_ops()), "Relu");
  EXPECT_EQ(nearest_name("GELU", supported_ops()), "Gelu");
  EXPECT_EQ(nearest_name("dense", supported_ops()), "Dense");
}

TEST(Names, NearestNamePrefersTheSameCaseAmongEquallyNear) {
  EXPECT_EQ(nearest_name("abs", {"ABS", "Abs", "abS"}), "Abs");
}

TEST(Names, CountsInsertionsDeletionsAndReplacements) {
  EXPECT_EQ(nearest_name("Rsidual", supported_ops()), "Residual");
  EXPECT_EQ(nearest_name("Identityy", supported_ops()), "Identity");
  EXPECT_EQ(nearest_name("Flattan", supported_ops()), "Flatten");
}

TEST(Names, OffersNothingThatIsFarOff) {
  EXPECT_EQ(nearest_name("Hyperparameter", supported_ops()), "");
  EXPECT_EQ(nearest_name(std::string(1000, 'a'), supported_ops()), "");
  EXPECT_EQ(nearest_name("op", {"b"}), "");
  EXPECT_EQ(nearest_name("Relu", {}), "");
}

TEST(Names, PlannedOpsAreNotUnknown) {
  EXPECT_EQ(unusable_op("DotGeneral").find("unknown"), std::string::npos);
  EXPECT_NE(unusable_op("DotGeneral").find("known to the plan of libntk but not yet supported"),
            std::string::npos);
  EXPECT_NE(unusable_op("DotGeneral2").find("nearest known name: DotGeneral (not yet supported)"),
            std::string::npos);
}

TEST(Names, OtherNamesOfOpsAreKnown) {
  EXPECT_NE(unusable_op("SiLU").find("here it is called Swish"), std::string::npos);
  EXPECT_NE(unusable_op("silu").find("here it is called Swish"), std::string::npos);
  EXPECT_NE(unusable_op("Selo").find("nearest known name: Selu"), std::string::npos);
}

TEST(Names, JoinsAreFoundByTheirNames) {
  for (Join join : {Join::fan_in_sum, Join::fan_in_prod, Join::fan_in_concat})
    EXPECT_EQ(find_join(name_of(join)), join);
  EXPECT_EQ(find_join("FanIn"), std::nullopt);
}

TEST(Names, NoOpIsBothSupportedAndPlanned) {
  for (const std::string& op : supported_ops()) EXPECT_FALSE(is_planned_op(op)) << op;
}

TEST(Names, QuotesAreShortAndPrintable) {
  EXPECT_EQ(in_quotes("a\nb\x01"), "\"a?b?\"");
  EXPECT_LT(in_quotes(std::string(1 << 20, 'x')).size(), 60u);
}

}  // namespace
}  // namespace ntk
