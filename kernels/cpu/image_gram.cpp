// A block is cut into tiles of pairs of images, and the slices of each pair into parts at fixed
// places, one thread each. A pair's sums are added in the order of its parts, whoever was first, so
// that its bits depend on the two images alone. What comes behind the pooling layer is one entry.
#include "kernels/cpu/image_gram.h"

#include <algorithm>
#include <cmath>
#include <exception>
#include <mutex>
#include <vector>

#include "kernels/tiling.h"
#include "ntk/error.h"

namespace ntk::cpu {
namespace {

// Pairs of a tile along each side: enough for many threads, few enough to report progress.
constexpr std::int64_t kFlattenTile = 64, kAverageTile = 4;
constexpr std::int64_t kMostParts = 64;
constexpr double kLeastPart = 1 << 16;  // pairs of pixels that are worth a part

struct PairOfImages {
  std::int64_t i, j;
};

// Displacements at which the parts of a pair begin, and the end. Parts have about as many pairs of
// pixels.
std::vector<std::int64_t> parts_of(const ImageStage& stage, const ImageLayout& layout) {
  if (stage.pooling == Pooling::flatten) return {0, 1};
  const std::int64_t n = layout.length;
  const double all = static_cast<double>(n) * static_cast<double>(n);
  const auto parts = static_cast<std::int64_t>(
      std::min(static_cast<double>(kMostParts), std::max(1.0, all / kLeastPart)));
  std::vector<std::int64_t> begins = {1 - n};
  double sum = 0;
  for (std::int64_t d = 1 - n; d < n; ++d) {
    if (sum >= all / static_cast<double>(parts) * static_cast<double>(begins.size()))
      begins.push_back(d);
    sum += static_cast<double>(n - std::abs(d));
  }
  begins.push_back(n);
  return begins;
}

template <class T>
class ImageGram {
 public:
  ImageGram(const Program& program, const Images& rows, const Images& columns,
            const GramBlock& block, int threads)
      : program_(program),
        stage_(*program.images),
        a_(rows),
        b_(columns),
        block_(block),
        threads_(threads),
        parts_(parts_of(stage_, rows.layout())) {}

  void run(const WorkCallback& progress) {
    const bool flatten = stage_.pooling == Pooling::flatten;
    const std::vector<Tile> tiles = tiles_of(block_, a_, b_, flatten ? kFlattenTile : kAverageTile);
    std::int64_t done = 0, total = 0;
    for (const Tile& tile : tiles) total += size_of_tile(tile);
    for (const Tile& tile : tiles) {
      compute(tile);
      done += size_of_tile(tile);
      if (progress && !progress(done, total)) throw Cancelled("the Gram matrix was cancelled");
    }
  }

 private:
  static std::int64_t size_of_tile(const Tile& tile) {
    return tile.wanted_rows.size() * tile.wanted_columns.size();
  }

  static bool is_wanted(const Tile& tile, std::int64_t i, std::int64_t j) {
    return tile.wanted_rows.begin <= i && i < tile.wanted_rows.end &&
           tile.wanted_columns.begin <= j && j < tile.wanted_columns.end;
  }

  // On the diagonal the pairs below it, which stand for those above. In squares, whose images'
  // features stay in the second cache.
  void choose_pairs(const Tile& tile) {
    constexpr std::int64_t kSquare = 4;
    pairs_.clear();
    for (std::int64_t i0 = tile.rows.begin; i0 < tile.rows.end; i0 += kSquare)
      for (std::int64_t j0 = tile.columns.begin; j0 < tile.columns.end; j0 += kSquare)
        for (std::int64_t i = i0; i < std::min(i0 + kSquare, tile.rows.end); ++i)
          for (std::int64_t j = j0; j < std::min(j0 + kSquare, tile.columns.end); ++j)
            if ((!tile.diagonal || j < i) &&
                (is_wanted(tile, i, j) || (tile.diagonal && is_wanted(tile, j, i))))
              pairs_.push_back({i, j});
  }

  void compute(const Tile& tile) {
    choose_pairs(tile);
    for (std::int64_t i = tile.rows.begin; i < (tile.diagonal ? tile.rows.end : 0); ++i)
      write(tile, {i, i}, a_.nngp_diagonal()[i], a_.ntk_diagonal()[i]);
    run_slices();
    const std::size_t parts = parts_.size() - 1;
    for (std::size_t p = 0; p < pairs_.size(); ++p) {
      SliceSums all;
      for (std::size_t k = 0; k < parts; ++k) all += sums_[p * parts + k];
      finish(tile, pairs_[p], all);
    }
  }

  void run_slices() {
    const auto parts = static_cast<std::int64_t>(parts_.size()) - 1;
    const std::int64_t tasks = static_cast<std::int64_t>(pairs_.size()) * parts;
    sums_.assign(static_cast<std::size_t>(tasks), {});
    std::exception_ptr error;
    std::mutex mutex;
#pragma omp parallel num_threads(threads_)
    {
      try {
        const std::size_t elements = slice_scratch(program_, a_.layout());
        const HostBuffer<T> scratch(elements);
        std::fill_n(scratch.data(), elements, T(0));
        SliceJob<T> job;
        job.program = &program_;
        job.layout = &a_.layout();
        job.inside = a_.inside(T{}) + a_.layout().before;
        job.scratch = scratch.data();
        job.ntk = block_.ntk != nullptr;
#pragma omp for schedule(dynamic, 4) nowait
        for (std::int64_t t = 0; t < tasks; ++t) {
          const PairOfImages& pair = pairs_[static_cast<std::size_t>(t / parts)];
          const auto part = static_cast<std::size_t>(t % parts);
          job.row = a_.template side<T>(pair.i);
          job.column = b_.template side<T>(pair.j);
          job.first = parts_[part];
          job.end = parts_[part + 1];
          sums_[static_cast<std::size_t>(t)] = slice_kernels().run(job);
        }
      } catch (...) {
        const std::lock_guard lock(mutex);
        error = std::current_exception();
      }
    }
    if (error) std::rethrow_exception(error);
  }

  // From the sums over pixels to the kernels of the network.
  void finish(const Tile& tile, const PairOfImages& pair, const SliceSums& sums) {
    using math::Entry;
    const auto pixels = static_cast<double>(stage_.pixels());
    Entry<double> e{1, 0};
    if (stage_.pooling == Pooling::flatten) {
      if (a_.deviation(pair.i) > 0 && b_.deviation(pair.j) > 0)
        e.set_ends(sums.difference / pixels, sums.sum / pixels);
      e.theta = sums.theta / pixels;
    } else {
      const double q = std::sqrt(a_.variance(pair.i)) * std::sqrt(b_.variance(pair.j));
      const double k =
          sums.product / (pixels * pixels) * a_.deviation(pair.i) * b_.deviation(pair.j);
      if (q > 0) e = math::entry_from_correlation(std::min(1.0, std::max(-1.0, k / q)));
      e.theta = sums.theta / (pixels * pixels);
    }
    const auto rows = a_.vector_features(), columns = b_.vector_features();
    e = math::run_entry<true, kMaxSlots>(program_.instructions.data(),
                                         static_cast<int>(program_.instructions.size()), rows,
                                         pair.i, columns, pair.j, e);
    const std::int64_t last = program_.features - 1;
    const double s1 = rows.data[last * rows.stride + pair.i],
                 s2 = columns.data[last * columns.stride + pair.j];
    write(tile, pair, s1 * s2 * e.rho(), e.theta);
  }

  void write(const Tile& tile, const PairOfImages& pair, double nngp, double theta) {
    const auto place = [&](std::int64_t i, std::int64_t j) {
      const std::int64_t at = (i - block_.row_begin) * block_.ld + j - block_.column_begin;
      if (block_.nngp) put_at(block_.nngp, at, nngp);
      if (block_.ntk) put_at(block_.ntk, at, theta);
    };
    const auto [i, j] = pair;
    if (tile.diagonal ? is_wanted(tile, i, j) : tile.direct) place(i, j);
    if (tile.diagonal ? i != j && is_wanted(tile, j, i) : tile.mirrored) place(j, i);
  }

  void put_at(void* out, std::int64_t at, double value) const {
    if (block_.dtype == DType::float32)
      static_cast<float*>(out)[at] = static_cast<float>(value);
    else
      static_cast<double*>(out)[at] = value;
  }

  const Program& program_;
  const ImageStage& stage_;
  const Images &a_, &b_;
  const GramBlock& block_;
  int threads_;
  std::vector<std::int64_t> parts_;
  std::vector<PairOfImages> pairs_;  // of the tile
  std::vector<SliceSums> sums_;      // of each pair and part
};

}  // namespace

std::size_t image_gram_scratch_bytes(const Program& program, DType working, int threads) {
  const ImageLayout layout(*program.images);
  const auto parts = static_cast<std::size_t>(kFlattenTile * kFlattenTile);
  return static_cast<std::size_t>(threads) * slice_scratch(program, layout) * size_of(working) +
         parts * (sizeof(SliceSums) + sizeof(PairOfImages));
}

void image_gram(const Program& program, const Images& rows, const Images& columns,
                const GramBlock& block, const WorkCallback& progress, int threads) {
  if (rows.working() == DType::float32)
    ImageGram<float>(program, rows, columns, block, threads).run(progress);
  else
    ImageGram<double>(program, rows, columns, block, threads).run(progress);
}

}  // namespace ntk::cpu
