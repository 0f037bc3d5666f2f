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

// Pairs of a tile along each side: so many that threads seldom wait for each other, few enough to
// report progress.
constexpr std::int64_t kLeastTile = 4, kMostTile = 64;
constexpr double kTileSteps = 1 << 28;  // of pairs of pixels through an instruction
constexpr std::int64_t kMostParts = 64;
constexpr double kLeastPart = 1 << 16;  // pairs of pixels that are worth a part

// Where the parts of a pair begin among the displacements of its slices, and the end. Parts have
// about as many pairs of pixels; a pair of several stages is one part.
std::vector<std::size_t> parts_of(const std::vector<std::int64_t>& displacements,
                                  const ImageLayout& layout, bool whole) {
  double all = 0;
  for (const std::int64_t d : displacements)
    all += static_cast<double>(layout.length - std::abs(d));
  const auto parts = static_cast<std::int64_t>(
      whole ? 1 : std::min(static_cast<double>(kMostParts), std::max(1.0, all / kLeastPart)));
  std::vector<std::size_t> begins = {0};
  double sum = 0;
  for (std::size_t k = 0; k < displacements.size(); ++k) {
    if (sum >= all / static_cast<double>(parts) * static_cast<double>(begins.size()))
      begins.push_back(k);
    sum += static_cast<double>(layout.length - std::abs(displacements[k]));
  }
  begins.push_back(displacements.size());
  return begins;
}

template <class T>
class ImageGram {
 public:
  ImageGram(const Program& program, const Images& rows, const Images& columns,
            const GramBlock& block, int threads)
      : program_(program),
        a_(rows),
        b_(columns),
        block_(block),
        threads_(threads),
        pooling_(rows.last().stage().pooling),
        pixels_(static_cast<double>(rows.last().stage().pixels())),
        needed_(rows.needed()),
        parts_(
            parts_of(needed_.front(), rows.stages().front()->layout(), rows.stages().size() > 1)) {}

  void run(const WorkCallback& progress) {
    run_tiles(tiles_of(block_, a_, b_, tile_side()), progress,
              [this](const Tile& tile) { compute(tile); });
  }

 private:
  std::int64_t tile_side() const {
    double steps = 1;
    for (std::size_t k = 0; k < needed_.size(); ++k)
      for (const std::int64_t d : needed_[k])
        steps += static_cast<double>((a_.stages()[k]->layout().length - std::abs(d)) *
                                     a_.stages()[k]->instructions());
    return std::clamp(static_cast<std::int64_t>(std::sqrt(kTileSteps / steps)), kLeastTile,
                      kMostTile);
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
            if ((!tile.diagonal || j < i) && places_of(tile, i, j).any()) pairs_.push_back({i, j});
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
        PairStates<T> states(*program_.images);
#pragma omp for schedule(dynamic) nowait
        for (std::int64_t t = 0; t < tasks; ++t) {
          const auto part = static_cast<std::size_t>(t % parts);
          sums_[static_cast<std::size_t>(t)] =
              sums_of(pairs_[static_cast<std::size_t>(t / parts)], part, states);
        }
      } catch (...) {
        const std::lock_guard lock(mutex);
        error = std::current_exception();
      }
    }
    if (error) std::rethrow_exception(error);
  }

  // Of a part of the first stage's slices, and of all of later ones.
  SliceSums sums_of(const PairOfSamples& pair, std::size_t part, PairStates<T>& states) const {
    SliceSums sums;
    PairState<T> from, to;
    for (std::size_t k = 0; k < needed_.size(); ++k) {
      SliceJob<T> job = a_.stages()[k]->template job<T>(pair.i, *b_.stages()[k], pair.j);
      const std::size_t first = k == 0 ? parts_[part] : 0,
                        end = k == 0 ? parts_[part + 1] : needed_[k].size();
      job.displacements = needed_[k].data() + first;
      job.count = static_cast<std::int64_t>(end - first);
      job.ntk = block_.ntk != nullptr;
      job.scratch = states.scratch();
      if (k > 0) job.from = &from;
      if (k + 1 < needed_.size()) {
        to = states.cleared(k);
        job.to = &to;
      }
      sums = slice_kernels().run(job);
      from = to;
    }
    return sums;
  }

  // From the sums over pixels to the kernels of the network.
  void finish(const Tile& tile, const PairOfSamples& pair, const SliceSums& sums) {
    using math::Entry;
    const double pixels = pixels_, unit1 = a_.last().deviation(pair.i),
                 unit2 = b_.last().deviation(pair.j);
    Entry<double> e{1, 0};
    if (pooling_ == Pooling::flatten) {
      if (unit1 > 0 && unit2 > 0) e.set_ends(sums.difference / pixels, sums.sum / pixels);
      e.theta = sums.theta / pixels;
    } else {
      const double q = std::sqrt(a_.variance(pair.i)) * std::sqrt(b_.variance(pair.j));
      const double k = sums.product / (pixels * pixels) * unit1 * unit2;
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

  void write(const Tile& tile, const PairOfSamples& pair, double nngp, double theta) {
    const auto place = [&](std::int64_t i, std::int64_t j) {
      const std::int64_t at = (i - block_.row_begin) * block_.ld + j - block_.column_begin;
      if (block_.nngp) put_at(block_.nngp, at, nngp);
      if (block_.ntk) put_at(block_.ntk, at, theta);
    };
    const auto [i, j] = pair;
    const PlacesOfPair places = places_of(tile, i, j);
    if (places.direct) place(i, j);
    if (places.mirrored) place(j, i);
  }

  void put_at(void* out, std::int64_t at, double value) const {
    if (block_.dtype == DType::float32)
      static_cast<float*>(out)[at] = static_cast<float>(value);
    else
      static_cast<double*>(out)[at] = value;
  }

  const Program& program_;
  const Images &a_, &b_;
  const GramBlock& block_;
  int threads_;
  Pooling pooling_;  // of the last stage
  double pixels_;
  const std::vector<std::vector<std::int64_t>>& needed_;  // displacements, of each stage
  std::vector<std::size_t> parts_;
  std::vector<PairOfSamples> pairs_;  // of the tile
  std::vector<SliceSums> sums_;       // of each pair and part
};

}  // namespace

std::size_t image_gram_scratch_bytes(const Program& program, DType working, int threads) {
  const auto parts = static_cast<std::size_t>(kMostTile * kMostTile);
  const ImageStage& first = *program.images;
  return static_cast<std::size_t>(threads) * (working == DType::float32
                                                  ? PairStates<float>::bytes(first)
                                                  : PairStates<double>::bytes(first)) +
         parts * (sizeof(SliceSums) + sizeof(PairOfSamples));
}

void image_gram(const Program& program, const Images& rows, const Images& columns,
                const GramBlock& block, const WorkCallback& progress, int threads) {
  if (rows.working() == DType::float32)
    ImageGram<float>(program, rows, columns, block, threads).run(progress);
  else
    ImageGram<double>(program, rows, columns, block, threads).run(progress);
}

}  // namespace ntk::cpu
