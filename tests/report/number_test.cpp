#include "src/report/number.h"

#include <gtest/gtest.h>

#include <limits>

namespace ntk::report {
namespace {

TEST(Number, CountsAreGroupedByThousands) {
  EXPECT_EQ(format_count(0), "0");
  EXPECT_EQ(format_count(999), "999");
  EXPECT_EQ(format_count(1297), "1,297");
  EXPECT_EQ(format_count(-1234567), "-1,234,567");
}

TEST(Number, SignificantDigitsAreCountedAfterRounding) {
  EXPECT_EQ(format_significant(0.012345), "0.0123");
  EXPECT_EQ(format_significant(9.996), "10.0");
  EXPECT_EQ(format_significant(20885), "20,900");
  EXPECT_EQ(format_significant(1234.5, 6), "1234.50");
  EXPECT_EQ(format_significant(1.234e-7), "1.23e-07");
  EXPECT_EQ(format_significant(0), "0");
  EXPECT_EQ(format_significant(std::numeric_limits<double>::infinity()), "inf");
}

TEST(Number, SecondsTakeTheUnitThatSuitsThem) {
  EXPECT_EQ(format_seconds(12.34e-6), "12.3 µs");
  EXPECT_EQ(format_seconds(0.0005), "500 µs");
  EXPECT_EQ(format_seconds(0.9999), "1.00 s");
  EXPECT_EQ(format_seconds(0.0123), "12.3 ms");
  EXPECT_EQ(format_seconds(185), "3 min 05 s");
  EXPECT_EQ(format_seconds(7440), "2 h 04 min");
  EXPECT_EQ(format_seconds(-1), "–");
}

TEST(Number, RatesTakeDecimalPrefixes) {
  EXPECT_EQ(format_rate(412e6), "412 M/s");
  EXPECT_EQ(format_rate(999.9), "1.00 k/s");
  EXPECT_EQ(format_rate(2), "2.00 /s");
}

TEST(Number, PercentagesKeepOneDecimal) {
  EXPECT_EQ(format_percent(0.992), "99.2 %");
  EXPECT_EQ(format_percent(1), "100.0 %");
}

}  // namespace
}  // namespace ntk::report
