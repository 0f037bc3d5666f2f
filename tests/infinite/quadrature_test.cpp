// Nonlinearities that are no elementary closed form against 50-digit quadrature
// (tools/dual_quadrature.py): at variances from 0.01 to 100, up to both ends of the correlation.
// tanh and sigmoid up to variances of 1e6 (tools/mixtures.py).
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>
#include <map>
#include <sstream>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "kernels/math/run.h"
#include "kernels/named_function.h"
#include "src/infinite/tabulate.h"

namespace ntk {
namespace {

struct Row {
  std::string name;
  double alpha, q1, q2, m, sign, k, derivative;
};

std::vector<Row> read_table(const std::string& name) {
  std::ifstream file(std::string(NTK_TEST_DATA) + "/" + name);
  std::vector<Row> rows;
  std::string line;
  std::getline(file, line);  // the header
  while (std::getline(file, line)) {
    std::istringstream fields(line);
    Row row;
    std::getline(fields, row.name, ',');
    for (double* number :
         {&row.alpha, &row.q1, &row.q2, &row.m, &row.sign, &row.k, &row.derivative}) {
      std::string text;
      std::getline(fields, text, ',');
      *number = std::stod(text);
    }
    rows.push_back(row);
  }
  return rows;
}

Program program_of(const Row& row) {
  static const std::map<std::string, NamedFunction> functions = {
      {"tanh", NamedFunction::tanh},
      {"sigmoid", NamedFunction::sigmoid},
      {"softplus", NamedFunction::softplus},
      {"swish", NamedFunction::swish},
      {"mish", NamedFunction::mish}};
  Program program;
  Instruction in{Op::elu};
  if (const auto found = functions.find(row.name); found != functions.end()) {
    in.op = Op::function;
    in.p[0] = static_cast<double>(found->second);
  } else {
    in.p[0] = row.name == "selu" ? 1.6732632423543772848 : row.alpha;
    in.p[1] = row.name == "selu" ? 1.0507009873554804934 : 1;
  }
  program.instructions.push_back(in);
  program.features = features_of(in) + 1;
  return program;
}

// With the tables for the row's variances, made once.
std::pair<Program, SeriesError> tabulated(const Row& row) {
  using Key = std::tuple<std::string, double, double, double>;
  static std::map<Key, std::pair<Program, SeriesError>> made;
  const Key key{row.name, row.alpha, row.q1, row.q2};
  if (const auto found = made.find(key); found != made.end()) return found->second;
  Program program = program_of(row);
  const SeriesError left = tabulate(program, {std::min(row.q1, row.q2), std::max(row.q1, row.q2)});
  return made[key] = {program, left};
}

struct Errors {
  double kernel = 0, derivative = 0;
};

// What a sample's walk gives: features, q' and the factor of its Theta.
struct Sample {
  std::vector<double> features;
  math::SampleResult own;
};
Sample sample_of(const Program& program, double q) {
  Sample sample;
  sample.features.assign(static_cast<std::size_t>(program.features), 0);
  sample.own =
      math::run_sample(program.instructions.data(), static_cast<int>(program.instructions.size()),
                       program.tables.data(), {q, 1}, sample.features.data(), 1);
  return sample;
}

template <class T>
math::Entry<T> entry_of(const Program& program, const Sample& a, const Sample& b, const Row& row) {
  const std::vector<T> f1(a.features.begin(), a.features.end()),
      f2(b.features.begin(), b.features.end());
  const math::Entry<T> start{static_cast<T>(std::copysign(row.m, row.sign)), T(1)};
  return math::run_entry<true, 0>(
      program.instructions.data(), static_cast<int>(program.instructions.size()),
      math::FeatureTable<T>{f1.data(), 1}, 0, math::FeatureTable<T>{f2.data(), 1}, 0, start);
}

template <class T>
Errors errors_of(const Row& row, const Program& program, const Sample& a, const Sample& b,
                 double derivative_scale) {
  const auto e = entry_of<T>(program, a, b, row);
  return {std::abs(static_cast<double>(e.rho()) - row.k / std::sqrt(a.own.nngp * b.own.nngp)),
          std::abs(static_cast<double>(e.theta) - row.derivative) / derivative_scale};
}

struct Case {
  const char* name;
  double wide, single;  // errors over sqrt(K11 K22) and over the largest derivative
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

class Quadrature : public ::testing::TestWithParam<Case> {};

TEST_P(Quadrature, IsMatchedAtAnyVariance) {
  const Case& bound = GetParam();
  Errors wide, single;
  int rows = 0;
  for (const Row& row : read_table("dual_quadrature.csv")) {
    if (row.name != bound.name) continue;
    ++rows;
    const auto made = tabulated(row);
    const Program& program = made.first;
    EXPECT_LE(made.second.nngp, 1e-13);
    const Sample a = sample_of(program, row.q1), b = sample_of(program, row.q2);
    const double scale = std::max(1.0, std::abs(row.derivative));
    const Errors w = errors_of<double>(row, program, a, b, scale);
    const Errors s = errors_of<float>(row, program, a, b, scale);
    EXPECT_LE(w.kernel, bound.wide) << row.q1 << " " << row.q2 << " " << row.sign << " " << row.m;
    EXPECT_LE(w.derivative, bound.wide)
        << row.q1 << " " << row.q2 << " " << row.sign << " " << row.m;
    wide = {std::max(wide.kernel, w.kernel), std::max(wide.derivative, w.derivative)};
    single = {std::max(single.kernel, s.kernel), std::max(single.derivative, s.derivative)};
  }
  EXPECT_GT(rows, 10);
  EXPECT_LE(single.kernel, bound.single);
  EXPECT_LE(single.derivative, bound.single);
  std::printf("%s: float64 %.1e, %.1e; float32 %.1e, %.1e\n", bound.name, wide.kernel,
              wide.derivative, single.kernel, single.derivative);
}

INSTANTIATE_TEST_SUITE_P(FiftyDigits, Quadrature,
                         ::testing::Values(Case{"elu", 1e-11, 2e-6}, Case{"selu", 1e-11, 2e-6},
                                           Case{"tanh", 1e-11, 2e-6}, Case{"sigmoid", 1e-11, 2e-6},
                                           Case{"softplus", 1e-11, 2e-6},
                                           Case{"swish", 1e-11, 2e-6}, Case{"mish", 1e-11, 2e-6}));

// tanh and sigmoid beyond what their expansions reach, relative to the diagonal.
TEST(LargeVariance, IsMatchedByTheMixture) {
  Errors wide, single;
  int rows = 0;
  for (const Row& row : read_table("mixtures_large_variance.csv")) {
    ++rows;
    const auto [program, left] = tabulated(row);
    EXPECT_LE(std::max(left.nngp, left.derivative), 1e-11);
    const Sample a = sample_of(program, row.q1), b = sample_of(program, row.q2);
    const double own_slope = std::sqrt(a.own.ntk * b.own.ntk);
    const Errors w = errors_of<double>(row, program, a, b, own_slope);
    const Errors s = errors_of<float>(row, program, a, b, own_slope);
    EXPECT_LE(w.kernel, 1e-13) << row.name << " " << row.q1 << " " << row.q2 << " " << row.m;
    EXPECT_LE(w.derivative, 1e-11) << row.name << " " << row.q1 << " " << row.q2 << " " << row.m;
    wide = {std::max(wide.kernel, w.kernel), std::max(wide.derivative, w.derivative)};
    single = {std::max(single.kernel, s.kernel), std::max(single.derivative, s.derivative)};
  }
  EXPECT_GT(rows, 100);
  EXPECT_LE(single.kernel, 1e-6);
  EXPECT_LE(single.derivative, 1e-6);
  std::printf("large variances: float64 %.1e, %.1e; float32 %.1e, %.1e\n", wide.kernel,
              wide.derivative, single.kernel, single.derivative);
}

// A function as the mixture it is.
Program mixture_of(Op op) {
  Program program;
  program.instructions.push_back({op});
  if (op == Op::tanh) program.instructions[0].p[0] = program.instructions[0].p[1] = 1;
  program.features = features_of(program.instructions[0]) + 1;
  return program;
}

// The mixtures at the variances of the expansions, beside values that are no mixture's.
TEST(LargeVariance, HasTheMixturesOfSmallOnes) {
  double worst = 0;
  const std::map<std::string, Op> mixtures = {
      {"tanh", Op::tanh}, {"softplus", Op::softplus}, {"swish", Op::swish}};
  for (const Row& row : read_table("dual_quadrature.csv")) {
    const auto found = mixtures.find(row.name);
    if (found == mixtures.end()) continue;
    const Program program = mixture_of(found->second);
    const Sample a = sample_of(program, row.q1), b = sample_of(program, row.q2);
    const Errors e = errors_of<double>(row, program, a, b, std::sqrt(a.own.ntk * b.own.ntk));
    worst = std::max({worst, e.kernel, e.derivative});
  }
  std::printf("mixtures at small variances: %.1e\n", worst);
  EXPECT_GT(worst, 0);
  EXPECT_LE(worst, 2e-13);
}

// Of all but equal samples the distance of rho' from 1 is right itself, not only to a rounding of
// rho': the expansions to second order in the inputs' distance d, gap = E[phi'(u)^2] d^2/2.
TEST(LargeVariance, KeepsTheDistanceOfNearDuplicates) {
  for (const Op op : {Op::tanh, Op::softplus, Op::swish})
    for (const double q : {1.0, 100.0, 1e4, 1e6})
      for (const double m : {1e-16, 1e-14, 1e-12}) {
        const Program program = mixture_of(op);
        const Sample a = sample_of(program, q);
        const auto e = entry_of<double>(program, a, a, {"", 0, q, q, m, 1, 0, 0});
        const double gap = a.own.ntk * q * m / a.own.nngp;  // d^2/2 = q m
        EXPECT_NEAR(e.v / gap, 1, 1e-10 + q * m) << static_cast<int>(op) << " " << q << " " << m;
      }
}

}  // namespace
}  // namespace ntk
