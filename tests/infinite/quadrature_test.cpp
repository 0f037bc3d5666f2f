// Nonlinearities that are no elementary closed form against 50-digit quadrature
// (tools/dual_quadrature.py): at variances from 0.01 to 100, up to both ends of the correlation.
#include <gtest/gtest.h>

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

std::vector<Row> read_table() {
  std::ifstream file(std::string(NTK_TEST_DATA) + "/dual_quadrature.csv");
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

template <class T>
Errors errors_of(const Row& row, const Program& program, const double* f1, const double* f2,
                 double derivative_scale) {
  std::vector<T> g1(f1, f1 + program.features), g2(f2, f2 + program.features);
  const math::Entry<T> start{static_cast<T>(std::copysign(row.m, row.sign)), T(1)};
  const auto e =
      math::run_entry<true, 0>(program.instructions.data(), 1, math::FeatureTable<T>{g1.data(), 1},
                               0, math::FeatureTable<T>{g2.data(), 1}, 0, start);
  const double s = f1[program.features - 1] * f2[program.features - 1];
  return {std::abs(static_cast<double>(e.rho()) - row.k / s),
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
  for (const Row& row : read_table()) {
    if (row.name != bound.name) continue;
    ++rows;
    const auto made = tabulated(row);
    const Program& program = made.first;
    EXPECT_LE(made.second.nngp, 1e-13);
    std::vector<double> f1(static_cast<std::size_t>(program.features)), f2(f1);
    const auto own = [&](double q, std::vector<double>& f) {
      f.assign(static_cast<std::size_t>(program.features), 0);
      return math::run_sample(program.instructions.data(), 1, program.tables.data(), {q, 0},
                              f.data(), 1);
    };
    own(row.q1, f1);
    own(row.q2, f2);
    const double scale = std::max(1.0, std::abs(row.derivative));
    const Errors w = errors_of<double>(row, program, f1.data(), f2.data(), scale);
    const Errors s = errors_of<float>(row, program, f1.data(), f2.data(), scale);
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

}  // namespace
}  // namespace ntk
