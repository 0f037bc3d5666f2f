// Who runs next: the orders that a seed decides, and the threads that may run. Internal to the
// shim.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <random>
#include <vector>

namespace cuda_on_host {

inline constexpr std::size_t kMaxThreads = 1024;  // of a block
inline constexpr std::size_t kWarp = 32;

// Which of the threads may run, by their rank in the order of the block.
class ReadyRanks {
 public:
  void insert(std::size_t rank) { words_[rank / 64] |= std::uint64_t{1} << (rank % 64); }
  void clear() { words_.fill(0); }
  // Returns kMaxThreads if there is none.
  std::size_t take_lowest() {
    for (std::size_t w = 0; w < words_.size(); ++w) {
      if (words_[w] == 0) continue;
      const int bit = __builtin_ctzll(words_[w]);
      words_[w] &= words_[w] - 1;
      return w * 64 + static_cast<std::size_t>(bit);
    }
    return kMaxThreads;
  }

 private:
  std::array<std::uint64_t, kMaxThreads / 64> words_{};
};

using Permutation = std::vector<std::size_t>;

// Draws the orders in which blocks and threads run.
class Order {
 public:
  void seed(unsigned seed) {
    seed_ = seed;
    random_.seed(seed);
  }

  Permutation draw_blocks(std::size_t count) {
    Permutation order = ascending(count);
    if (seed_ == 1) std::reverse(order.begin(), order.end());
    if (seed_ > 1) std::shuffle(order.begin(), order.end(), random_);
    return order;
  }

  Permutation draw_threads(std::size_t count) {
    if (seed_ < 2 || seed_ % 2 == 1) return draw_blocks(count);
    Permutation order;
    for (const std::size_t warp : draw_blocks((count + kWarp - 1) / kWarp)) {
      for (const std::size_t lane : draw_blocks(std::min(kWarp, count - warp * kWarp))) {
        order.push_back(warp * kWarp + lane);
      }
    }
    return order;
  }

 private:
  static Permutation ascending(std::size_t count) {
    Permutation order(count);
    std::iota(order.begin(), order.end(), std::size_t{0});
    return order;
  }

  unsigned seed_ = 0;
  std::mt19937 random_;
};

}  // namespace cuda_on_host
