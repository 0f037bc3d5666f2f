// What an infinite network is compiled to: a short program that takes one entry of the kernel from
// the input to the output. One accumulator holds the entry's state, slots hold copies of it for the
// branches of sums. Plain data, the same for every backend.
#pragma once

#include <cstdint>
#include <vector>

namespace ntk {

// An instruction's parameters p and what it does to K (covariance) and T (the NTK's Theta), with
// q = the diagonal of K. Each nonlinearity is one file of kernels/math/dual/.
enum class Op : std::int32_t {
  // Weight layers: K' = w2 K + b2;  T' = w2 T + out K' + in K + one.  p = {w2, b2, out, in, one}
  scale,            // b2 = in = one = 0
  affine,           // in = one = 0
  affine_standard,  // out = 0
  // acc = acc + slot:  K' = K + Ks;  T' = T + Ts
  add,
  save,  // slot = acc
  load,  // acc = slot
  // Nonlinearities phi: K' = E[phi(u) phi(v)], T' = T E[phi'(u) phi'(v)] for (u, v) ~ N(0, K).
  ab_relu,  // a min(x, 0) + b max(x, 0).  p = {a, b}
  sign,     // T' = 0
  erf,      // a erf(b x).  p = {a, b}; the shift c is an affine instruction
  gelu,     // x Phi(x)
};

constexpr int kMaxParameters = 5;
constexpr int kMaxFeatures = 16;  // of one instruction
constexpr int kMaxSlots = 32;

struct Instruction {
  Op op;
  std::int32_t slot = 0;           // of add, save, load
  std::int32_t first_feature = 0;  // of this instruction's per-sample features
  double p[kMaxParameters] = {};
};

struct Program {
  std::vector<Instruction> instructions;
  std::int32_t slots = 0;
  // Per-sample numbers that the instructions read, counted over all of them; the last one is the
  // output's standard deviation sqrt(q).
  std::int32_t features = 0;
};

}  // namespace ntk
