// A network of images (or sequences, or graphs) as steps that act on the kernel K[p, p'] between
// pixel p of one sample and pixel p' of another, until it is one number, or to the end of a network
// that ends on pixels. What a step does to pixels is put down in tables, so that every geometry
// (strides, padding, axes, transposed filters, resizing, slices) is one of a few kinds of step.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "kernels/math/program.h"

namespace ntk {

// The pixel that tap t of output p sees, -1 outside, at p * count + t.
struct TapTable {
  std::int64_t count = 0;
  std::vector<std::int32_t> source;
  std::int32_t operator()(std::int64_t p, std::int64_t t) const {
    return source[static_cast<std::size_t>(p * count + t)];
  }
};

// A matrix, of which each row has few numbers: those of row r are begin[r], ..., begin[r + 1] - 1.
struct SparseRows {
  std::vector<std::int32_t> begin, column;
  std::vector<double> weight;
};

// What is made of the covariance between the positions of a sample: who looks at whom.
enum class Attention : std::int32_t { softmax, identity, abs, relu };

// GlobalSelfAttention (Hron et al. 2020). With C = input K + position R:
//   linear scaling: G = attention(query_key C) of each sample (softmax over the second position),
//     K' = value_out G1 K G2^T + b2;  T' = value_out G1 T G2^T + b2 + 2 (K' - b2)
//   square root scaling: K' = query_key value_out <C, K> C + b2, and T' by the product rule.
// The std deviations of the weights are in query_key (not squared under linear scaling) and
// value_out (squared). embed_values: C is in the place of K, and input T + position R of T.
struct AttentionStep {
  Attention attention = Attention::softmax;
  bool linear_scaling = true, embed_values = false;
  double query_key = 1, value_out = 1, b2 = 0;
  double input = 1, position = 0;
  std::vector<double> embedding;  // R, pixels x pixels; empty: there is none
};

struct PixelStep {
  Instruction in;                        // its op says which of the tables below it needs
  std::int64_t before = 0, after = 0;    // pixels
  std::vector<std::int64_t> extents;     // of those after it
  std::shared_ptr<const TapTable> taps;  // Op::convolve; layers of one geometry share it
  bool local = false;  // Op::convolve: the weights of any two outputs are independent
  SparseRows mix;      // Op::mix: after x before
  // Op::normalize: pixels that are normalized together have one number here.
  std::vector<std::int32_t> group;
  // Op::aggregate: of each pixel, where it is along the axes of the pattern, and elsewhere.
  std::vector<std::int32_t> node, rest;
  AttentionStep attention;  // Op::attend
  // Where samples have masks: an output is masked if these inputs are (all of them).
  SparseRows mask;
};

struct PixelStage {
  std::vector<std::int64_t> extents;  // of the input's pixel axes
  std::int64_t channels = 0;
  std::vector<PixelStep> steps;
  std::int32_t slots = 0;
  std::vector<std::int64_t> output;  // extents of what comes out; none: one number
  // A sample's numbers are pixels x channels, then the pattern (nodes x nodes, from and to).
  std::int64_t nodes = 0;
  std::optional<double> mask_constant;  // a pixel all of whose channels have it is masked

  std::int64_t pixels() const {
    std::int64_t n = 1;
    for (const std::int64_t extent : extents) n *= extent;
    return n;
  }
  std::int64_t outputs() const {
    std::int64_t n = 1;
    for (const std::int64_t extent : output) n *= extent;
    return n;
  }
  // Where the numbers of pixels p and r of the output stand among those of a pair: each axis of p
  // is followed by that of r.
  std::int64_t entry(std::int64_t p, std::int64_t r) const;
  std::int64_t width() const { return pixels() * channels + nodes * nodes; }
  // Before the steps before this one all pairs of pixels are needed, from it on p = p' is enough.
  std::size_t last_of_pairs() const;
};

// Whether what comes out for one pair of pixels depends on all of them.
bool looks_at_pairs(Op op);

}  // namespace ntk
