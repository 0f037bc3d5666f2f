// Blocks of kernel matrices on the GPU.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "kernels/backend.h"
#include "kernels/cuda/samples.h"

namespace ntk::cuda {

class Lane;

// Streams with their scratch memory, kept between calls. Thread-safe: a lane belongs to one call at
// a time.
class LanePool {
 public:
  LanePool();
  ~LanePool();
  std::unique_ptr<Lane> take();
  void give(std::unique_ptr<Lane> lane);

 private:
  std::mutex mutex_;
  std::vector<std::unique_ptr<Lane>> idle_;
};

void gram(const Program& program, const Samples& rows, const Samples& columns,
          const GramBlock& block, const WorkCallback& progress, LanePool& pool);

// Bytes of device memory that gram() takes as scratch.
std::size_t gram_scratch_bytes(std::int64_t width, DType working);

}  // namespace ntk::cuda
