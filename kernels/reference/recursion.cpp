#include "kernels/reference/recursion.h"

#include <vector>

namespace ntk::reference {
namespace {

struct Dual {
  Wide k, derivative;  // E[phi(u) phi(v)] and E[phi'(u) phi'(v)]
};

Wide clamp(Wide x, Wide low, Wide high) { return x < low ? low : x > high ? high : x; }

// The angle between u and v; a right angle where one of them is zero, and exactly none between a
// sample and itself, so that the variances stay right to the last bit.
Wide angle(Wide q11, Wide q12, Wide q22) {
  if (q11 != 0 && q11 == q12 && q12 == q22) return 0;
  const Wide p = wide_sqrt(q11 * q22);
  if (p == 0) return wide_pi() / 2;
  return wide_acos(clamp(q12 / p, -1, 1));
}

// Cho and Saul 2009, orders 0 and 1, for a min(x, 0) + b max(x, 0).
Dual ab_relu(const double* parameters, Wide q11, Wide q12, Wide q22) {
  const Wide a = parameters[0], b = parameters[1], pi = wide_pi();
  const Wide theta = angle(q11, q12, q22);
  const Wide determinant = q11 * q22 - q12 * q12;
  const Wide s = wide_sqrt(determinant > 0 ? determinant : 0);
  const Wide f = (a - b) * (a - b) / (2 * pi);
  const Wide derivative = (a * a + b * b) / 2 - f * theta;
  return {f * s + derivative * q12, derivative};
}

Dual sign(const double*, Wide q11, Wide q12, Wide q22) {
  return {q11 == 0 || q22 == 0 ? 0 : 1 - 2 * angle(q11, q12, q22) / wide_pi(), 0};
}

// Williams 1997.
Dual erf(const double* parameters, Wide q11, Wide q12, Wide q22) {
  const Wide a = parameters[0], b = parameters[1], pi = wide_pi();
  const Wide u = 1 + 2 * b * b * q11, v = 1 + 2 * b * b * q22, w = 2 * b * b * q12;
  return {a * a * 2 / pi * wide_asin(w / wide_sqrt(u * v)),
          a * a * b * b * 4 / pi / wide_sqrt(u * v - w * w)};
}

// neural_tangents stax.Gelu; Tsuchida et al. 2021.
Dual gelu(const double*, Wide q11, Wide q12, Wide q22) {
  const Wide pi = wide_pi(), p1 = (1 + q11) * (1 + q22), product = q11 * q22;
  const Wide delta2 = p1 - q12 * q12, delta = wide_sqrt(delta2);
  const Wide alpha = wide_atan2(q12, delta);
  const Wide k = ((q12 * q12 + product * delta2) / (p1 * delta) + q12 * alpha) / (2 * pi) + q12 / 4;
  const Wide derivative = q12 / (2 * pi * delta) * (1 / delta2 + (1 - product) / p1 + 1) +
                          Wide(1) / 4 + alpha / (2 * pi);
  return {k, derivative};
}

using DualFunction = Dual (*)(const double*, Wide, Wide, Wide);

DualFunction dual_of(Op op) {
  switch (op) {
    case Op::ab_relu:
      return ab_relu;
    case Op::sign:
      return sign;
    case Op::erf:
      return erf;
    case Op::gelu:
      return gelu;
    default:
      return nullptr;
  }
}

void weight_layer(const double* p, Pair& x) {
  const Wide w2 = p[0], b2 = p[1], out = p[2], in = p[3], one = p[4], k = x.q12;
  x.q11 = w2 * x.q11 + b2;
  x.q12 = w2 * x.q12 + b2;
  x.q22 = w2 * x.q22 + b2;
  x.theta = w2 * x.theta + out * x.q12 + in * k + one;
}

void nonlinearity(DualFunction dual, const double* p, Pair& x) {
  const Dual pair = dual(p, x.q11, x.q12, x.q22);
  x.q11 = dual(p, x.q11, x.q11, x.q11).k;
  x.q22 = dual(p, x.q22, x.q22, x.q22).k;
  x.q12 = pair.k;
  x.theta *= pair.derivative;
}

}  // namespace

Pair run_pair(const Program& program, Pair x) {
  std::vector<Pair> slots(static_cast<std::size_t>(program.slots));
  for (const Instruction& in : program.instructions) {
    const auto slot = static_cast<std::size_t>(in.slot);
    switch (in.op) {
      case Op::scale:
      case Op::affine:
      case Op::affine_standard:
        weight_layer(in.p, x);
        break;
      case Op::save:
        slots[slot] = x;
        break;
      case Op::load:
        x = slots[slot];
        break;
      case Op::add:
        x.q11 += slots[slot].q11;
        x.q12 += slots[slot].q12;
        x.q22 += slots[slot].q22;
        x.theta += slots[slot].theta;
        break;
      default:
        nonlinearity(dual_of(in.op), in.p, x);
    }
  }
  return x;
}

}  // namespace ntk::reference
