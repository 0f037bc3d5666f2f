// What the instructions of a pair of images need that is the same for all of its slices: which of
// them go together, and the numbers that depend on the two images' units. Included by files that
// define NTK_ISA.
#pragma once

#include <cmath>
#include <vector>

#include "kernels/cpu/slice.h"
#include "kernels/math/convolve_relu.h"

namespace ntk::cpu {
namespace {

// What a convolution does beyond itself.
enum class Joined {
  no,
  to_taps,  // the nonlinearity behind it, and the distances that the next convolution sums
  to_sums   // the nonlinearity behind it, and the sums of pooling
};

// One convolution of the stage.
template <class T>
struct Convolution {
  const Instruction* in = nullptr;
  // Images of about one magnitude have one unit, that of the row: the column's in it, else 1.
  double turn = 1;
  double unit1 = 1, bias1 = 0, unit2 = 1, bias2 = 0;  // ConvolutionScale of row and column
  bool is_positive = false;                           // no correlation before it is negative
  bool ready = false;     // its squared distances are, from the step before
  double gain = 1;        // of their sum
  double theta_unit = 1;  // what is in memory is Theta over this
  Joined joined = Joined::no;
  bool alike = false;           // ConvolveRelu::step's kAlike
  double theta_unit_after = 1;  // theta_unit of what a joined convolution leaves
  math::ConvolveRelu::Constants<T> constants;

  double column_unit() const { return unit2 * turn; }
};

// Whether no correlation is negative after this instruction.
inline bool makes_positive(const Instruction& in) {
  return (in.op == Op::ab_relu && in.p[0] * in.p[1] <= 0) || in.op == Op::rectified_monomial ||
         in.op == Op::exponential || in.op == Op::gaussian;
}

// Whether a convolution and a function go together: ConvolveRelu has no standard parameterization,
// no frozen layers and no function that is 0.
inline bool may_join(const Instruction& in, const Instruction& function) {
  return in.p[2] > 0 && in.p[3] == 0 && in.p[4] == 0 && function.op == Op::ab_relu &&
         makes_positive(function) && (function.p[0] != 0 || function.p[1] != 0);
}

template <class T>
void join_function(Convolution<T>& c, const Instruction& function) {
  const auto relu = math::AbRelu::constants<double>(function.p);
  const double out = c.in->p[2] * c.unit1 * c.column_unit();
  auto& k = c.constants;
  k.gain = T(c.gain);
  k.theta_gain = T(c.in->p[0] / c.in->filter.taps() * c.theta_unit / out);
  k.turn = T(c.turn), k.back = T(1 / c.turn), k.next = T(1);
  k.bias = T(c.bias1) - T(c.bias2);
  k.sign = T(1);
  math::ConvolveRelu::set_polynomials(2 * std::sqrt(2.0) / math::kPi * relu.wn, k);
  k.relu = math::AbRelu::constants<T>(function.p);
  c.alike = k.bias == 0 && c.turn == 1;
  c.theta_unit_after = c.is_positive ? out * (relu.u2 + relu.w2) : out;
}

// The distances that `c` writes are those of `next` but for a factor: a pixel's deviation before
// `next` is that after `c` times the root of the function's gain.
template <class T>
void join_taps(Convolution<T>& c, const Instruction& function, Convolution<T>& next) {
  const auto relu = math::AbRelu::constants<double>(function.p);
  const double units = c.unit1 / next.unit1;
  const double next_turn = next.turn * (c.column_unit() / next.column_unit()) / units;
  c.constants.next = T(next_turn);
  c.alike = c.alike && next_turn == 1;
  next.ready = true;
  next.gain = next.in->p[0] / next.in->filter.taps() * (relu.u2 + relu.w2) * units * units;
  next.theta_unit = c.theta_unit_after;
}

// By instruction; of convolutions only.
template <class T>
std::vector<Convolution<T>> planned(const ImageStage& stage, const ConvolutionScale* row,
                                    const ConvolutionScale* column) {
  const auto& all = stage.instructions;
  std::vector<Convolution<T>> plan(all.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i].op != Op::convolve) continue;
    Convolution<T>& c = plan[i];
    c.in = &all[i];
    c.is_positive = i > 0 && makes_positive(all[i - 1]);
    const double ratio = column[i].deviation / row[i].deviation;
    c.turn = ratio == 2 || ratio == 0.5 ? ratio : 1;
    c.unit1 = row[i].deviation, c.bias1 = row[i].bias;
    c.unit2 = column[i].deviation / c.turn, c.bias2 = column[i].bias * c.turn;
    if (i + 1 < all.size() && may_join(all[i], all[i + 1])) {
      if (i + 2 == all.size())
        c.joined = Joined::to_sums;
      else if (all[i + 2].op == Op::convolve)
        c.joined = Joined::to_taps;
    }
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (plan[i].joined == Joined::no) continue;
    join_function(plan[i], all[i + 1]);
    if (plan[i].joined == Joined::to_taps) join_taps(plan[i], all[i + 1], plan[i + 2]);
  }
  return plan;
}

}  // namespace
}  // namespace ntk::cpu
