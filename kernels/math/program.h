// The instructions that an infinite network is compiled to: they take one entry of the kernel, of
// two samples or of two pixels of two images, from the input to the output. One accumulator holds
// the entry's state, slots hold copies of it for the branches of joins. Plain data, the same for
// every backend.
#pragma once

#include <cstdint>

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
  multiply,   // acc = acc slot (FanInProd):  K' = K Ks;  T' = T Ks + Ts K
  save,       // slot = acc
  load,       // acc = slot
  normalize,  // LayerNorm: K' = K / sqrt((q1 + e)(q2 + e)), T' likewise.  p = {e}
  dropout,  // of a sample with itself: q' = q / p0, T' = T / p0; nothing else changes.  p = {rate}
  mask,     // of pixels that are not there: K' = T' = 0
  // Of a pair of pixels (ImageStage, PixelStage): A(K) is the mean over the filter's taps, at both
  // pixels alike, zero where one is outside.
  // K' = w2 A(K) + b2;  T' = w2 A(T) + out K' + in A(K) + one.  p = {w2, b2, out, in, one}
  convolve,
  mix,        // K' = M K M^T, T' = M T M^T; M stands in the step.  p = {whether masked means}
  aggregate,  // the same with the transpose of each sample's own pattern in the place of M
  attend,     // AttentionStep
  // Nonlinearities phi: K' = E[phi(u) phi(v)], T' = T E[phi'(u) phi'(v)] for (u, v) ~ N(0, K).
  ab_relu,             // a min(x, 0) + b max(x, 0).  p = {a, b}
  sign,                // T' = 0
  erf,                 // a erf(b x).  p = {a, b}; the shift c is an affine instruction
  gelu,                // x Phi(x)
  elu,                 // l x for x > 0, l A (exp(x) - 1) for x < 0.  p = {A, l}
  trigonometric,       // a sin(b x + c).  p = {a, b, c}
  exponential,         // a exp(b x).  p = {a, b}
  exp_normalized,      // the kernel p exp(g (rho + s)), p = sqrt(q1 q2).  p = {g, s}
  gaussian,            // a exp(b x^2).  p = {a, b}
  gabor,               // exp(-x^2) sin(x)
  hermite,             // the kernel K^n.  p = {n}
  rectified_monomial,  // max(x, 0)^n.  p = {n}
  radial,              // a kernel of the distance, no network's; q' = 1, T' = 0.  p = {shape}
  polynomial,          // by its expansion in Hermite polynomials, which ends
  function,            // any function, by its expansion's first terms (kernels/math/dual/series.h)
};

constexpr int kMaxParameters = 5;
constexpr int kMaxFeatures = 16;  // of one instruction that is no expansion
constexpr int kMaxSlots = 32;

// An expansion's terms of even and of odd degree; those that float32 needs come first.
struct Terms {
  std::int32_t even = 0, odd = 0;
};

// The taps of a convolution: from pixel (y - up, x - left) to (y + down, x + right).
struct Filter {
  std::int32_t up = 0, down = 0, left = 0, right = 0;
  constexpr std::int32_t taps() const { return (up + 1 + down) * (left + 1 + right); }
};

struct Instruction {
  Op op;
  std::int32_t slot = 0;           // of add, multiply, save, load
  std::int32_t first_feature = 0;  // of this instruction's per-sample features
  double p[kMaxParameters] = {};
  // Of polynomial and function:
  std::int32_t table = 0;               // where Program::tables has its numbers
  std::int32_t function = -1;           // which of Program::functions it is
  Terms terms = {}, single_terms = {};  // in float64 and in float32
  Filter filter = {};                   // of convolve
};

}  // namespace ntk
