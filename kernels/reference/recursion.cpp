#include "kernels/reference/recursion.h"

#include <vector>

#include "kernels/reference/duals.h"

namespace ntk::reference {
namespace {

void weight_layer(const double* p, Pair& x) {
  const Wide w2 = p[0], b2 = p[1], out = p[2], in = p[3], one = p[4], k = x.q12;
  x.q11 = w2 * x.q11 + b2;
  x.q12 = w2 * x.q12 + b2;
  x.q22 = w2 * x.q22 + b2;
  x.theta = w2 * x.theta + out * x.q12 + in * k + one;
}

void nonlinearity(const Program& program, const Instruction& in, Pair& x) {
  const bool itself = x.q11 == x.q12 && x.q12 == x.q22;
  const Dual pair = dual_of(program, in, x.q11, x.q12, x.q22);
  x.q11 = itself ? pair.k : dual_of(program, in, x.q11, x.q11, x.q11).k;
  x.q22 = itself ? pair.k : dual_of(program, in, x.q22, x.q22, x.q22).k;
  x.q12 = pair.k;
  x.theta *= pair.derivative;
}

void layer_norm(Wide epsilon, Pair& x) {
  // A zero sample stays one, also if epsilon is 0.
  const auto inverse = [](Wide sum) { return sum > 0 ? 1 / sum : Wide(0); };
  const Wide n1 = inverse(x.q11 + epsilon), n2 = inverse(x.q22 + epsilon);
  const Wide n12 = wide_sqrt(n1 * n2);
  x.q12 *= n12;
  x.theta *= n12;
  x.q11 *= n1;
  x.q22 *= n2;
}

void dropout(Wide rate, bool own, Pair& x) {
  x.q11 /= rate;
  x.q22 /= rate;
  if (!own) return;
  x.q12 /= rate;
  x.theta /= rate;
}

}  // namespace

Pair run_pair(const Program& program, Pair x, bool own) {
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
      case Op::multiply:
        x.theta = x.theta * slots[slot].q12 + slots[slot].theta * x.q12;
        x.q11 *= slots[slot].q11;
        x.q12 *= slots[slot].q12;
        x.q22 *= slots[slot].q22;
        break;
      case Op::normalize:
        layer_norm(in.p[0], x);
        break;
      case Op::dropout:
        dropout(in.p[0], own, x);
        break;
      default:
        nonlinearity(program, in, x);
    }
  }
  return x;
}

}  // namespace ntk::reference
