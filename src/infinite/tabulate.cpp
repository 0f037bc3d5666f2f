#include "src/infinite/tabulate.h"

#include <algorithm>
#include <cmath>

#include "src/infinite/expansion.h"
#include "src/infinite/fuse.h"

namespace ntk {
namespace {

constexpr int kMostTerms = 8192;
// Of the variance, and of the variance of the derivative, that the terms left out may hold.
constexpr double kKernelTail = 2e-14, kSlopeTail = 2e-12;
constexpr double kSingleKernelTail = 1e-9, kSingleSlopeTail = 1e-8;
constexpr double kLeastVariance = 1e-24;  // as in kernels/math/dual/series.h
constexpr double kPi = 3.14159265358979323846;
constexpr int kProbes = 129;  // variances of which the ranges between layers are made

PointwiseFunction function_of(const Program& program, const Instruction& in) {
  const auto named = static_cast<NamedFunction>(static_cast<int>(in.p[0]));
  if (named != NamedFunction::none)
    return [named](double x) {
      const auto v = value_of<double>(named, x);
      return FunctionPoint{v.phi, v.slope};
    };
  const auto user = program.functions[static_cast<std::size_t>(in.function)];
  return [user](double x) { return FunctionPoint{user->value(x), user->derivative(x)}; };
}

// Where the function is not smooth. The second derivative of a table jumps at its points; where
// they are many the jumps are small.
std::vector<double> kinks_of(const Program& program, const Instruction& in) {
  constexpr std::size_t kManyPoints = 512;
  if (in.function < 0) return {};
  const ScalarFunction& function = *program.functions[static_cast<std::size_t>(in.function)];
  return function.x.size() <= kManyPoints && !function.x.empty() ? function.x : function.kinks;
}

// What is left of the variances after the first `n` terms.
SeriesError tail_after(const Expansion& e, double deviation, std::size_t n) {
  double kernel = 0, slope = 0;
  for (std::size_t i = 0; i < n; ++i) {
    kernel += e.a[i] * e.a[i];
    slope += static_cast<double>(i) * e.a[i] * e.a[i];
  }
  const auto left = [](double part, double whole) {
    return whole > 0 ? std::max(0.0, 1 - part / whole) : 0;
  };
  return {left(kernel, e.variance), left(slope, deviation * deviation * e.slope_variance)};
}

bool is_below(const SeriesError& tail, double kernel, double slope) {
  return tail.nngp <= kernel && tail.derivative <= slope;
}

// The fewest terms that leave so little at each of the deviations.
int fewest_terms(const std::vector<Expansion>& expansions, const std::vector<double>& deviations,
                 double kernel, double slope) {
  int fewest = 1;
  for (std::size_t d = 0; d < expansions.size(); ++d) {
    int low = 0, high = static_cast<int>(expansions[d].a.size());
    while (low < high) {
      const int middle = (low + high) / 2;
      const bool enough =
          is_below(tail_after(expansions[d], deviations[d], static_cast<std::size_t>(middle)),
                   kernel, slope);
      (enough ? high : low) = enough ? middle : middle + 1;
    }
    fewest = std::max(fewest, high);
  }
  return fewest;
}

// Terms by parity of the degrees below n; a parity whose coefficients all vanish has none.
Terms split(const std::vector<Expansion>& expansions, int n) {
  double largest[2] = {};
  for (const Expansion& e : expansions)
    for (std::size_t i = 0; i < e.a.size(); ++i)
      largest[i % 2] = std::max(largest[i % 2], std::abs(e.a[i]) / std::sqrt(e.variance + 1e-300));
  constexpr double kNothing = 1e-15;
  return {largest[0] > kNothing ? (n + 1) / 2 : 0, largest[1] > kNothing ? n / 2 : 0};
}

// Log variances in panels, Chebyshev points of the first kind in each.
struct Grid {
  double first = 0, width = 1;
  int panels = 1, points = 1;

  double at(int panel, int point) const {
    if (points == 1) return first;
    return first + (panel + 0.5 + 0.5 * std::cos(kPi * (2 * point + 1) / (2.0 * points))) * width;
  }
};

// Coefficients are analytic in the log of the variance within pi/2 of the real axis (where the
// Gaussian density turns): Chebyshev interpolation gains that many digits a point.
Grid grid_for(double low, double high) {
  Grid grid;
  grid.first = low;
  const double range = high - low;
  if (range < 1e-14) return grid;
  constexpr double kWidest = 1.4, kStrip = kPi / 2;
  grid.panels = static_cast<int>(std::ceil(range / kWidest));
  grid.width = range / grid.panels;
  const double a = kStrip / (grid.width / 2);
  grid.points =
      3 + static_cast<int>(std::ceil(16 * std::log(10.0) / std::log(a + std::sqrt(1 + a * a))));
  return grid;
}

class Tabulator {
 public:
  Tabulator(Program& program, Instruction& in, const VarianceRange& range)
      : program_(program), in_(in), phi_(function_of(program, in)), kinks_(kinks_of(program, in)) {
    const double highest = std::max(range.highest, kLeastVariance);
    const double lowest = std::clamp(range.lowest, kLeastVariance, highest);
    grid_ = grid_for(std::log(lowest), std::log(highest));
    probes_ = {std::sqrt(highest), std::sqrt(std::sqrt(lowest * highest)), std::sqrt(lowest)};
  }

  SeriesError run() {
    choose_terms();
    in_.table = static_cast<std::int32_t>(program_.tables.size());
    const FunctionPoint zero = phi_(0);
    program_.tables.insert(program_.tables.end(),
                           {zero.phi, zero.slope, grid_.first, grid_.width,
                            static_cast<double>(grid_.panels), static_cast<double>(grid_.points)});
    for (int panel = 0; panel < grid_.panels; ++panel) append(panel);
    return left_;
  }

 private:
  void choose_terms() {
    std::vector<Expansion> expansions;
    int n = 32;
    for (;; n *= 2) {
      expansions = expand(phi_, kinks_, probes_, n);
      left_ = {};
      for (std::size_t i = 0; i < probes_.size(); ++i) {
        const SeriesError tail = tail_after(expansions[i], probes_[i], static_cast<std::size_t>(n));
        left_.nngp = std::max(left_.nngp, tail.nngp);
        left_.derivative = std::max(left_.derivative, tail.derivative);
      }
      if (is_below(left_, kKernelTail, kSlopeTail) || n >= kMostTerms) break;
    }
    terms_ = fewest_terms(expansions, probes_, kKernelTail, kSlopeTail);
    in_.terms = split(expansions, terms_);
    in_.single_terms =
        split(expansions, fewest_terms(expansions, probes_, kSingleKernelTail, kSingleSlopeTail));
  }

  void append(int panel) {
    std::vector<double> deviations;
    for (int i = 0; i < grid_.points; ++i) deviations.push_back(std::exp(grid_.at(panel, i) / 2));
    for (Expansion& e : expand(phi_, kinks_, deviations, terms_)) {
      keep_variance(e);
      for (std::int32_t k = 0; k < in_.terms.even; ++k) program_.tables.push_back(at(e, 2 * k));
      for (std::int32_t k = 0; k < in_.terms.odd; ++k) program_.tables.push_back(at(e, 2 * k + 1));
    }
  }

  static double at(const Expansion& e, std::int32_t n) { return e.a[static_cast<std::size_t>(n)]; }

  // The last term stands for those left out, so that variances stay right.
  static void keep_variance(Expansion& e) {
    double held = 0;
    for (double a : e.a) held += a * a;
    if (e.variance - held > 1e-13 * e.variance)
      e.a.back() =
          std::copysign(std::sqrt(e.a.back() * e.a.back() + e.variance - held), e.a.back());
  }

  Program& program_;
  Instruction& in_;
  PointwiseFunction phi_;
  std::vector<double> kinks_;
  Grid grid_;
  std::vector<double> probes_;  // deviations
  int terms_ = 0;
  SeriesError left_;
};

bool is_function(const Instruction& in) { return in.op == Op::function; }

void include_variance(double q, VarianceRange& range) {
  if (!(q > 0) || !std::isfinite(q)) return;
  range.lowest = range.highest > 0 ? std::min(range.lowest, q) : q;
  range.highest = std::max(range.highest, q);
}

void include_worst(SeriesError& worst, const SeriesError& left) {
  worst = {std::max(worst.nngp, left.nngp), std::max(worst.derivative, left.derivative)};
}

VarianceRange or_one(const VarianceRange& range) {
  return range.highest > 0 ? range : VarianceRange{1, 1};
}

}  // namespace

bool needs_tables(const Program& program) {
  const auto& vectors = program.instructions;
  if (!program.pixels) return std::any_of(vectors.begin(), vectors.end(), is_function);
  const auto& steps = program.pixels->steps;
  return std::any_of(steps.begin(), steps.end(),
                     [](const PixelStep& step) { return is_function(step.in); });
}

SeriesError tabulate(Program& program, const VarianceRange& inputs) {
  SeriesError worst;
  std::vector<double> inputs_probed;
  const double low = std::max(inputs.lowest, 1e-300), high = std::max(inputs.highest, low);
  for (int i = 0; i < kProbes; ++i)
    inputs_probed.push_back(low * std::pow(high / low, static_cast<double>(i) / (kProbes - 1)));
  for (std::size_t i = 0; i < program.instructions.size(); ++i) {
    Instruction& in = program.instructions[i];
    if (!is_function(in)) continue;
    VarianceRange range;
    for (double q0 : inputs_probed) include_variance(variance_after(program, i, q0), range);
    include_worst(worst, Tabulator(program, in, or_one(range)).run());
  }
  program.features = place_features(program.instructions);
  return worst;
}

SeriesError tabulate_images(Program& program, const ArrayView& x1, const ArrayView* x2) {
  SeriesError worst;
  for (std::size_t k = 0; k < program.pixels->steps.size(); ++k) {
    Instruction& in = program.pixels->steps[k].in;
    if (!is_function(in)) continue;
    VarianceRange range;
    for (const ArrayView* x : {&x1, x2}) {
      if (!x) continue;
      const PixelVariances q = pixel_variances_after(program, k, *x);
      include_variance(q.lowest, range);
      include_variance(q.highest, range);
    }
    include_worst(worst, Tabulator(program, in, or_one(range)).run());
  }
  fuse(program);
  return worst;
}

}  // namespace ntk
