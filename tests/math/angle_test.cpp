#include "kernels/math/angle.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace ntk::math {
namespace {

template <class T>
struct Worst {
  double ratio = 0, excess = 0, asin = 0;
  Worst() {
    const double eps = std::numeric_limits<T>::epsilon();
    for (int i = 1; i <= 4000; ++i) {
      const T m = static_cast<T>(i) / 4000;
      const long double x = std::sqrt(static_cast<long double>(m) / 2), q = std::asin(x) / x;
      const long double p = (q - std::sqrt(1 - static_cast<long double>(m) / 2)) / m;
      auto error = [&](T value, long double exact) {
        return static_cast<double>(std::abs(static_cast<long double>(value) / exact - 1)) / eps;
      };
      ratio = std::max(ratio, error(angle_ratio(m), q));
      // In long double the cancellation in P costs its last digits below m = 0.01.
      if (m > T(0.01)) excess = std::max(excess, error(angle_excess(m), p));
      const T s = static_cast<T>(0.70710678 * i / 4000);
      asin = std::max(asin, error(asin_small(s), std::asin(static_cast<long double>(s))));
    }
  }
};

TEST(Angle, PolynomialsAreRightToAFewRoundings) {
  const Worst<double> wide;
  EXPECT_LE(wide.ratio, 2);
  EXPECT_LE(wide.excess, 3);
  EXPECT_LE(wide.asin, 3);
  const Worst<float> single;
  EXPECT_LE(single.ratio, 2);
  EXPECT_LE(single.excess, 3);
  EXPECT_LE(single.asin, 3);
}

TEST(Angle, LimitsAtTheEnd) {
  EXPECT_DOUBLE_EQ(angle_ratio(0.0), 1);
  EXPECT_DOUBLE_EQ(angle_excess(0.0), 1.0 / 3);
  EXPECT_EQ(asin_small(0.0), 0);
}

}  // namespace
}  // namespace ntk::math
