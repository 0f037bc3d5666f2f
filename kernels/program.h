// A network compiled to instructions (kernels/math/program.h), with the numbers that they refer to.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "kernels/math/program.h"
#include "kernels/named_function.h"
#include "kernels/pixel_stage.h"
#include "ntk/function.h"

namespace ntk {

// How a pair of images becomes a pair of vectors.
enum class Pooling : std::int32_t {
  flatten,  // K = the mean over pixels p of K[p, p]; T likewise
  average,  // K = the mean over all pairs of pixels of K[p, p'];  T likewise
  windows   // other images: K' = M K M^T, T' = M T M^T with a row of M for each of their pixels
};

// What comes before the instructions of a network of images: instructions that act on the kernel
// K[p, p'] of pixel p of one image and p' of another. It begins as the mean over channels of the
// pixels' products, and what pooling makes of it is where the vectors' instructions begin.
struct ImageStage {
  std::int64_t height = 0, width = 0, channels = 0;
  std::vector<Instruction> instructions;
  std::int32_t slots = 0;
  std::int32_t features = 0;  // as Program's, of each pixel
  Pooling pooling = Pooling::flatten;
  SparseRows windows;                      // M of Pooling::windows
  std::shared_ptr<const ImageStage> next;  // of what comes out of these windows; no channels
  std::int64_t pixels() const { return height * width; }
};

struct Program {
  std::vector<Instruction> instructions;
  std::int32_t slots = 0;
  // Per-sample numbers that the instructions read, counted over all of them; the last one is the
  // output's standard deviation sqrt(q).
  std::int32_t features = 0;
  std::vector<double> tables;                    // of polynomials and functions
  std::vector<std::vector<double>> polynomials;  // their coefficients, from degree 0
  std::vector<std::shared_ptr<const ScalarFunction>> functions;
  // Of a network of images. All of it (`instructions` are empty) ...
  std::optional<PixelStage> pixels;
  // ... and, where the fused engine can do it, its layers on images again for that engine, with
  // `instructions` behind them. Both read the tables above. A stage for each size of the images.
  std::optional<ImageStage> images;
};

// Numbers of each kernel for a pair of samples: 1, or, of a network that ends on pixels, one for
// each pair of these (pixel of the row's sample, pixel of the column's).
inline std::int64_t entries_of_pair(const Program& program) {
  const std::int64_t outputs = program.pixels ? program.pixels->outputs() : 1;
  return outputs * outputs;
}

}  // namespace ntk
