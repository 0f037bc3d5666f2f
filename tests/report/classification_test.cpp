#include "src/report/classification.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ntk/error.h"

namespace ntk::report {
namespace {

using testing::ElementsAre;

const std::vector<double> kMean = {0.9, 0.1, -0.2,  //
                                   0.2, 0.1, 0.3,   //
                                   0.0, 0.5, 0.25};

TEST(Classification, JudgesEachRowByItsLargestOutput) {
  const std::vector<std::int64_t> labels = {3, 5, 9};
  const auto verdicts =
      judge(view_of(kMean.data(), {3, 3}), view_of(labels.data(), {3}), {3, 5, 9});
  ASSERT_EQ(verdicts.size(), 3u);
  EXPECT_EQ(verdicts[0].predicted, 0);
  EXPECT_TRUE(verdicts[0].right());
  EXPECT_DOUBLE_EQ(verdicts[0].margin, 0.9 - 0.1);
  EXPECT_EQ(verdicts[1].truth, 1);
  EXPECT_EQ(verdicts[1].predicted, 2);
  EXPECT_EQ(verdicts[2].predicted, 1);
  EXPECT_DOUBLE_EQ(accuracy(verdicts), 1.0 / 3);
  EXPECT_THAT(confusion(verdicts, 3), ElementsAre(1, 0, 0, 0, 0, 1, 0, 1, 0));
}

TEST(Classification, RefusesALabelThatTheModelDoesNotKnow) {
  const std::vector<std::int64_t> labels = {3, 4, 9};
  EXPECT_THROW(judge(view_of(kMean.data(), {3, 3}), view_of(labels.data(), {3}), {3, 5, 9}),
               UsageError);
}

TEST(Classification, RefusesLabelsThatAreTooFew) {
  const std::vector<std::int64_t> labels = {3, 5};
  EXPECT_THROW(judge(view_of(kMean.data(), {3, 3}), view_of(labels.data(), {2}), {3, 5, 9}),
               UsageError);
}

}  // namespace
}  // namespace ntk::report
