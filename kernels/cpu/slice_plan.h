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
  double theta_unit = 1;  // Theta / this is what is in memory
  // Goes with the nonlinearity behind it, into the next convolution's taps.
  bool joined = false;
  bool alike = false;  // ConvolveRelu::step's kAlike
  math::ConvolveRelu::Constants<T> constants;
};

// Whether no correlation is negative after this instruction.
inline bool makes_positive(const Instruction& in) {
  return (in.op == Op::ab_relu && in.p[0] * in.p[1] <= 0) || in.op == Op::rectified_monomial ||
         in.op == Op::exponential || in.op == Op::gaussian;
}

// The distances that `c` writes are those of `next` but for a factor: a pixel's deviation before
// `next` is that after `c` times the nonlinearity's gain.
template <class T>
void join(Convolution<T>& c, const Instruction& relu, Convolution<T>& next,
          const ConvolutionScale& row, const ConvolutionScale& column) {
  const auto r = math::AbRelu::constants<double>(relu.p);
  const double gain = r.u2 + r.w2, column_unit = c.unit2 * c.turn;
  const double out = c.in->p[2] * c.unit1 * column_unit;
  const double next_turn = next.turn * (column_unit / column.deviation) * (row.deviation / c.unit1);
  auto& k = c.constants;
  k.gain = T(c.gain);
  k.theta_gain = T(c.in->p[0] / c.in->filter.taps() * c.theta_unit / out);
  k.turn = T(c.turn), k.back = T(1 / c.turn), k.next = T(next_turn);
  k.bias = T(c.bias1) - T(c.bias2);
  k.sign = T(1);
  k.c = T(2 * std::sqrt(2.0) / math::kPi * r.wn);
  k.relu = math::AbRelu::constants<T>(relu.p);
  c.alike = k.bias == 0 && c.turn == 1 && next_turn == 1;
  next.ready = true;
  next.gain = next.in->p[0] / next.in->filter.taps() * gain * (c.unit1 / row.deviation) *
              (c.unit1 / row.deviation);
  next.theta_unit = c.is_positive ? out * gain : out;  // the general step includes the gain
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
    c.joined = i + 2 < all.size() && all[i + 1].op == Op::ab_relu && makes_positive(all[i + 1]) &&
               all[i + 2].op == Op::convolve && all[i].p[2] > 0 && all[i].p[3] == 0 &&
               all[i].p[4] == 0 && (all[i + 1].p[0] != 0 || all[i + 1].p[1] != 0);
  }
  for (std::size_t i = 0; i < all.size(); ++i)
    if (plan[i].joined) join(plan[i], all[i + 1], plan[i + 2], row[i + 2], column[i + 2]);
  return plan;
}

}  // namespace
}  // namespace ntk::cpu
