#include "kernels/cpu/pixel_gram.h"

#include <algorithm>
#include <exception>
#include <mutex>

#include "kernels/cpu/strip.h"
#include "kernels/tiling.h"
#include "ntk/error.h"

namespace ntk::cpu {
namespace {

// Pairs of a tile along each side: making its blocks costs as much as so many pairs.
constexpr std::int64_t kTile = 16;

// A pixel's strip by the vector units, in parts that lie in the innermost cache.
void run_strip(const PixelStrip& strip) {
  thread_local const std::vector<std::int32_t> same = [] {
    std::vector<std::int32_t> index(static_cast<std::size_t>(kStripLength));
    for (std::size_t i = 0; i < index.size(); ++i) index[i] = static_cast<std::int32_t>(i);
    return index;
  }();
  alignas(64) double slot[2 * kStripLength];
  Instruction in = *strip.in;
  in.slot = 0;
  in.first_feature = 0;
  for (std::int64_t first = 0; first < strip.length; first += kStripLength) {
    StripJob<double> job;
    job.single = &in;
    job.length = std::min(kStripLength, strip.length - first);
    job.v = strip.v + first;
    job.theta = strip.theta + first;
    job.slots = slot;
    job.column_features = {strip.columns + first, strip.stride};
    if (strip.row == PixelStrip::kSamePixel) {
      job.row_features = {strip.rows + first, strip.stride};
      job.rows = job.columns = same.data();
    } else {
      job.row_features = {strip.rows, strip.stride};
      job.row = strip.row;
    }
    if (strip.slot_v) {
      std::copy_n(strip.slot_v + first, job.length, slot);
      std::copy_n(strip.slot_theta + first, job.length, slot + kStripLength);
    }
    strip_kernels().run(job);
  }
}

// Runs task(i) of 0, ..., count - 1 on threads, each of which has what make() gives it.
template <class Make, class Task>
void in_parallel(std::int64_t count, int threads, Make make, Task task) {
  std::exception_ptr error;
  std::mutex mutex;
#pragma omp parallel num_threads(threads)
  {
    try {
      auto mine = make();
#pragma omp for schedule(dynamic) nowait
      for (std::int64_t i = 0; i < count; ++i) task(mine, i);
    } catch (...) {
      const std::lock_guard lock(mutex);
      error = std::current_exception();
    }
  }
  if (error) std::rethrow_exception(error);
}

// What one thread needs.
struct Worker {
  Worker(const Program& program, const PixelLayout& layout)
      : walk(program, layout, run_strip),
        sample(static_cast<std::size_t>(program.pixels->width())),
        nngp(static_cast<std::size_t>(entries_of_pair(program))),
        theta(nngp.size()) {}
  PixelWalk walk;
  std::vector<double> sample, nngp, theta;
};

class PixelGram {
 public:
  PixelGram(const Program& program, const PixelSamples& rows, const PixelSamples& columns,
            const GramBlock& block, int threads)
      : layout_(rows.layout()),
        a_(rows),
        b_(columns),
        block_(block),
        threads_(threads),
        entries_(entries_of_pair(program)) {
    for (Side& side : sides_)
      side.blocks = HostBuffer<double>(static_cast<std::size_t>(kTile * layout_.size));
    for (int t = 0; t < threads; ++t) workers_.emplace_back(program, layout_);
  }

  void run(const WorkCallback& progress) {
    run_tiles(tiles_of(block_, a_, b_, kTile), progress,
              [this](const Tile& tile) { compute(tile); });
  }

 private:
  // Blocks of the samples of a tile's rows or columns.
  struct Side {
    const PixelSamples* samples = nullptr;
    TileRange range{0, 0};
    HostBuffer<double> blocks;
  };

  const Side& make_blocks(Side& side, const PixelSamples& samples, const TileRange& range) {
    if (side.samples == &samples && side.range.begin == range.begin && side.range.end == range.end)
      return side;
    side.samples = nullptr;
    each(range.size(), [&](Worker& worker, std::int64_t k) {
      samples.copy_sample(range.begin + k, worker.sample.data());
      worker.walk.prepare(worker.sample.data(), side.blocks.data() + k * layout_.size);
    });
    side.samples = &samples;
    side.range = range;
    return side;
  }

  template <class Task>
  void each(std::int64_t count, Task task) {
    std::size_t next = 0;
    std::mutex mutex;
    in_parallel(
        count, threads_,
        [&] {
          const std::lock_guard lock(mutex);
          return &workers_[next++];
        },
        [&](Worker* worker, std::int64_t i) { task(*worker, i); });
  }

  // A sample with itself is known.
  void compute(const Tile& tile) {
    for (std::int64_t i = tile.rows.begin; i < (tile.diagonal ? tile.rows.end : 0); ++i)
      if (is_wanted(tile, i, i))
        put(i, i, a_.nngp_diagonal() + i * entries_, a_.ntk_diagonal() + i * entries_);
    const std::vector<PairOfSamples> pairs = pairs_of(tile);
    if (pairs.empty()) return;
    const Side& rows = make_blocks(sides_[0], a_, tile.rows);
    const Side& columns = tile.diagonal ? rows : make_blocks(sides_[1], b_, tile.columns);
    each(static_cast<std::int64_t>(pairs.size()), [&](Worker& worker, std::int64_t k) {
      const PairOfSamples& pair = pairs[static_cast<std::size_t>(k)];
      const double* const a = rows.blocks.data() + (pair.i - rows.range.begin) * layout_.size;
      const double* const b = columns.blocks.data() + (pair.j - columns.range.begin) * layout_.size;
      worker.walk.run(a, b);
      const PlacesOfPair places = places_of(tile, pair.i, pair.j);
      if (places.direct) write(worker, a, b, false, pair.i, pair.j);
      if (places.mirrored) write(worker, a, b, true, pair.j, pair.i);
    });
  }

  void write(Worker& worker, const double* a, const double* b, bool swapped, std::int64_t i,
             std::int64_t j) const {
    worker.walk.output(a, b, swapped, worker.nngp.data(), worker.theta.data());
    put(i, j, worker.nngp.data(), worker.theta.data());
  }

  void put(std::int64_t i, std::int64_t j, const double* nngp, const double* theta) const {
    const std::int64_t at =
        ((i - block_.row_begin) * block_.ld + j - block_.column_begin) * entries_;
    const auto copy = [&](void* out, const double* values) {
      if (!out) return;
      if (block_.dtype == DType::float32)
        std::copy_n(values, entries_, static_cast<float*>(out) + at);
      else
        std::copy_n(values, entries_, static_cast<double*>(out) + at);
    };
    copy(block_.nngp, nngp);
    copy(block_.ntk, theta);
  }

  const PixelLayout& layout_;
  const PixelSamples &a_, &b_;
  const GramBlock& block_;
  int threads_;
  std::int64_t entries_;
  Side sides_[2];
  std::vector<Worker> workers_;
};

}  // namespace

PixelSamples::PixelSamples(const Program& program, const ArrayView& x, DType working, int threads)
    : layout_(*program.pixels), x_(x) {
  const std::int64_t entries = entries_of_pair(program);
  nngp_.resize(static_cast<std::size_t>(count() * entries));
  ntk_.resize(nngp_.size());
  std::vector<double> largest(static_cast<std::size_t>(count()));
  struct Preparation : Worker {
    Preparation(const Program& program, const PixelLayout& layout)
        : Worker(program, layout), block(static_cast<std::size_t>(layout.size)) {}
    HostBuffer<double> block;
  };
  in_parallel(
      count(), threads, [&] { return Preparation(program, layout_); },
      [&](Preparation& mine, std::int64_t i) {
        copy_sample(i, mine.sample.data());
        double* const block = mine.block.data();
        largest[static_cast<std::size_t>(i)] = mine.walk.prepare(mine.sample.data(), block);
        mine.walk.output(block, block, false, nngp_.data() + i * entries,
                         ntk_.data() + i * entries);
      });
  for (std::int64_t i = 0; i < count(); ++i)
    require_representable(i, largest[static_cast<std::size_t>(i)], working);
}

void PixelSamples::copy_sample(std::int64_t i, double* to) const {
  const std::int64_t width = x_.shape[1];
  if (x_.dtype == DType::float32)
    std::copy_n(static_cast<const float*>(x_.data) + i * width, width, to);
  else
    std::copy_n(static_cast<const double*>(x_.data) + i * width, width, to);
}

std::size_t pixel_gram_bytes(const Program& program, std::int64_t samples, int threads) {
  const PixelLayout layout(*program.pixels);
  const auto entries = static_cast<std::size_t>(entries_of_pair(program));
  const auto block = static_cast<std::size_t>(layout.size) * sizeof(double);
  return 2 * static_cast<std::size_t>(samples) * entries * sizeof(double) +
         static_cast<std::size_t>(threads) * (PixelWalk::bytes(program, layout) + block) +
         2 * static_cast<std::size_t>(kTile) * block;
}

void pixel_gram(const Program& program, const PixelSamples& rows, const PixelSamples& columns,
                const GramBlock& block, const WorkCallback& progress, int threads) {
  PixelGram(program, rows, columns, block, threads).run(progress);
}

}  // namespace ntk::cpu
