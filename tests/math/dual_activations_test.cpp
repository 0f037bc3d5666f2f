// Every nonlinearity's map of an entry against 50-digit values (tools/dual_activations.py), up to
// both ends of the correlation, in both precisions.
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <limits>
#include <sstream>
#include <string>
#include <vector>

#include "kernels/math/run.h"

namespace ntk::math {
namespace {

struct Row {
  std::string op;
  double p[kMaxParameters] = {};
  double q1, q2, m, sign;
  double one_minus_abs_rho, sign_out, derivative;
};

std::vector<Row> read_table() {
  std::ifstream file(std::string(NTK_TEST_DATA) + "/dual_activations.csv");
  std::vector<Row> rows;
  std::string line;
  std::getline(file, line);  // the header
  while (std::getline(file, line)) {
    std::istringstream fields(line);
    Row row;
    std::getline(fields, row.op, ',');
    double* numbers[] = {&row.p[0],     &row.p[1],      &row.p[2], &row.q1,
                         &row.q2,       &row.m,         &row.sign, &row.one_minus_abs_rho,
                         &row.sign_out, &row.derivative};
    for (double* number : numbers) {
      std::string text;
      std::getline(fields, text, ',');
      *number = std::stod(text);
    }
    rows.push_back(row);
  }
  return rows;
}

template <class Struct, class T>
Entry<T> mapped(const Row& row) {
  double wide1[kMaxFeatures], wide2[kMaxFeatures];
  T f1[kMaxFeatures], f2[kMaxFeatures];
  Struct::sample(row.p, row.q1, wide1);
  Struct::sample(row.p, row.q2, wide2);
  for (int i = 0; i < Struct::kFeatures; ++i) {
    f1[i] = static_cast<T>(wide1[i]);
    f2[i] = static_cast<T>(wide2[i]);
  }
  Entry<T> e{static_cast<T>(std::copysign(row.m, row.sign)), T(1)};
  Struct::template step<true>(Struct::template constants<T>(row.p), f1, f2, e);
  return e;
}

// Of E[phi' phi']: its largest value at these variances, where rho = 1.
template <class Struct>
double derivative_scale(const Row& row) {
  double unused[kMaxFeatures];
  return std::sqrt(Struct::sample(row.p, row.q1, unused).derivative *
                   Struct::sample(row.p, row.q2, unused).derivative);
}

double derivative_scale_by_name(const Row& row) {
#define NTK_CASE(op_name, Struct) \
  if (row.op == #op_name) return derivative_scale<Struct>(row);
  NTK_NONLINEARITIES(NTK_CASE)
#undef NTK_CASE
  throw std::runtime_error("the table names an unknown op: " + row.op);
}

template <class T>
Entry<T> mapped_by_name(const Row& row) {
#define NTK_CASE(op_name, Struct) \
  if (row.op == #op_name) return mapped<Struct, T>(row);
  NTK_NONLINEARITIES(NTK_CASE)
#undef NTK_CASE
  throw std::runtime_error("the table names an unknown op: " + row.op);
}

struct Errors {
  double angle = 0, derivative = 0;
};

// Of the angle from the nearer end, sqrt(2 m), which is what the following layers see; and of the
// derivative, relative to its largest value at these variances or, for erf, to itself.
template <class T>
Errors worst_errors(const std::string& op, double largest_norm_ratio) {
  const double eps = std::numeric_limits<T>::epsilon();
  Errors worst;
  for (const Row& row : read_table()) {
    if (row.op != op || std::max(row.q1, row.q2) / std::min(row.q1, row.q2) > largest_norm_ratio)
      continue;
    const Entry<T> e = mapped_by_name<T>(row);
    // Across rho = 0 the two distances add up to 2.
    const double difference =
        row.sign_out == static_cast<double>(e.sign())
            ? std::abs(static_cast<double>(e.m()) - row.one_minus_abs_rho)
            : std::abs(2 - static_cast<double>(e.m()) - row.one_minus_abs_rho);
    const double angle = std::sqrt(2 * std::max(row.one_minus_abs_rho, 0.0));
    worst.angle = std::max(worst.angle, difference / std::max(angle, eps) / eps);
    double scale = derivative_scale_by_name(row);
    if (op == "erf") scale = std::abs(row.derivative);
    if (scale == 0) scale = 1;
    worst.derivative = std::max(
        worst.derivative, std::abs(static_cast<double>(e.theta) - row.derivative) / scale / eps);
  }
  return worst;
}

struct Bound {
  const char* op;
  double largest_norm_ratio;
  double angle, derivative;  // in units of the precision's epsilon
};
void PrintTo(const Bound& bound, std::ostream* out) { *out << bound.op; }

class DualActivations : public ::testing::TestWithParam<Bound> {};

TEST_P(DualActivations, KeepTheirDigitsUpToBothEnds) {
  const Bound& bound = GetParam();
  const Errors wide = worst_errors<double>(bound.op, bound.largest_norm_ratio);
  EXPECT_LE(wide.angle, bound.angle);
  EXPECT_LE(wide.derivative, bound.derivative);
  const Errors single = worst_errors<float>(bound.op, bound.largest_norm_ratio);
  EXPECT_LE(single.angle, bound.angle);
  EXPECT_LE(single.derivative, bound.derivative);
}

// Where the variances differ by a factor of a million and more, erf's and GELU's terms cancel in
// part.
INSTANTIATE_TEST_SUITE_P(
    FiftyDigits, DualActivations,
    ::testing::Values(
        Bound{"ab_relu", 1e13, 1, 2}, Bound{"sign", 1e13, 1, 1}, Bound{"erf", 1e4, 12, 3},
        Bound{"erf", 1e13, 1000, 3}, Bound{"gelu", 1e4, 12, 3}, Bound{"gelu", 1e13, 12, 3},
        // Its derivative is an exponential of a variance of up to a million.
        Bound{"trigonometric", 1e13, 2, 100}, Bound{"exponential", 1e13, 1, 4},
        Bound{"exp_normalized", 1e13, 1, 2}, Bound{"gaussian", 1e13, 1, 5},
        Bound{"gabor", 1e13, 3, 5}, Bound{"hermite", 1e13, 1, 4},
        Bound{"rectified_monomial", 1e13, 2, 5}, Bound{"radial", 1e13, 4, 0},
        // Mixtures: of float64's epsilon their quadrature leaves 50 (kernels/math/dual/tanh.h).
        Bound{"tanh", 1e13, 20, 35}, Bound{"softplus", 1e13, 60, 10},
        Bound{"swish", 1e13, 75, 25}));

TEST(DualActivations, EveryOneIsInTheTable) {
  const std::vector<Row> rows = read_table();
  auto has = [&](const std::string& op) {
    for (const Row& row : rows)
      if (row.op == op) return true;
    return false;
  };
// ELU is in dual_quadrature.csv (tests/infinite/quadrature_test.cpp).
#define NTK_CASE(op_name, Struct) EXPECT_TRUE(has(#op_name) || Op::op_name == Op::elu) << #op_name;
  NTK_NONLINEARITIES(NTK_CASE)
#undef NTK_CASE
}

TEST(DualActivations, MapASampleOntoItselfExactly) {
  for (const Row& row : read_table()) {
    if (row.q1 != row.q2 || row.m != 0 || row.sign < 0) continue;
    EXPECT_EQ(mapped_by_name<float>(row).v, 0) << row.op;
    EXPECT_EQ(mapped_by_name<double>(row).v, 0) << row.op;
  }
}

}  // namespace
}  // namespace ntk::math
