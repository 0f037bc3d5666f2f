// A block is cut into tiles of fixed places and size. A tile is one GEMM of normalized rows, which
// gives correlations, and one kernel that takes each through the whole network in registers. Two
// lanes take turns, so that one's results travel to the host while the other computes. Entries
// close to +1 or -1, where the GEMM's rounding would show, are done again in float64 from the
// difference (or the sum) of the two rows; where they are many, the whole tile is done in float64.
#include "kernels/cuda/gram.h"

#include <thrust/sort.h>

#include <algorithm>
#include <array>

#include "kernels/cuda/entries.h"
#include "kernels/cuda/thrust_policy.h"
#include "kernels/sample_checks.h"
#include "kernels/tiling.h"

namespace ntk::cuda {

// A stream, its cuBLAS handle, and the scratch memory of one tile at a time.
class Lane {
 public:
  Lane() : blas(stream) {}

  Stream stream;
  Blas blas;
  Event done;
  DeviceMemory<float> correlations_f32;
  DeviceMemory<double> correlations_f64, unit_rows, near_v;
  DeviceMemory<unsigned> near_entries, near_count;
  DeviceMemory<char> staged_nngp, staged_ntk;  // the tile, then its mirror
  PinnedValue<unsigned> near_count_on_host;
};

LanePool::LanePool() = default;
LanePool::~LanePool() = default;

std::unique_ptr<Lane> LanePool::take() {
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      auto lane = std::move(idle_.back());
      idle_.pop_back();
      return lane;
    }
  }
  return std::make_unique<Lane>();
}

void LanePool::give(std::unique_ptr<Lane> lane) {
  const std::lock_guard lock(mutex_);
  idle_.push_back(std::move(lane));
}

namespace {

constexpr std::int64_t kEntries = kTile * kTile;

// As in the cpu backend (kernels/cpu/gram.cpp).
template <class T>
constexpr double kNear = sizeof(T) == 4 ? 1e-3 : 1e-4;
constexpr unsigned kCrowded = 8;

void correlate(cublasHandle_t blas, const float* rows, const float* columns, int width,
               float* out) {
  const float one = 1, zero = 0;
  check(cublasSgemm(blas, CUBLAS_OP_T, CUBLAS_OP_N, kTile, kTile, width, &one, columns, width, rows,
                    width, &zero, out, kTile));
}
void correlate(cublasHandle_t blas, const double* rows, const double* columns, int width,
               double* out) {
  const double one = 1, zero = 0;
  check(cublasDgemm(blas, CUBLAS_OP_T, CUBLAS_OP_N, kTile, kTile, width, &one, columns, width, rows,
                    width, &zero, out, kTile));
}

// A tile on its way through a lane.
class TileRun {
 public:
  TileRun(const Program& program, const Samples& rows, const Samples& columns,
          const GramBlock& block, const Tile& tile, Lane& lane)
      : program_(program), a_(rows), b_(columns), block_(block), tile_(tile), lane_(lane) {}

  // Puts the tile's work on the stream.
  void start() {
    outputs_ = block_.space == MemorySpace::host ? staged_outputs() : device_outputs();
    if (a_.working() == DType::float32)
      run(a_.rows(float{}) + tile_.rows.begin * a_.width(),
          b_.rows(float{}) + tile_.columns.begin * b_.width(), entries() / kCrowded);
    else
      run(a_.rows(double{}) + tile_.rows.begin * a_.width(),
          b_.rows(double{}) + tile_.columns.begin * b_.width(), entries());
  }

  // Waits for it, does the entries near an end again, and brings the results where they belong.
  void finish() {
    lane_.done.synchronize();
    unsigned count = *lane_.near_count_on_host;
    if (a_.working() == DType::float32 && count > entries() / kCrowded) {
      restart_in_double();
      lane_.done.synchronize();
      count = *lane_.near_count_on_host;
    }
    if (count > 0) redo(count);
    if (block_.space == MemorySpace::host) bring_to_host();
    lane_.stream.synchronize();
  }

 private:
  unsigned entries() const {
    return static_cast<unsigned>(tile_.rows.size() * tile_.columns.size());
  }

  template <class T>
  DeviceMemory<T>& correlations() {
    if constexpr (sizeof(T) == 4)
      return lane_.correlations_f32;
    else
      return lane_.correlations_f64;
  }

  template <class T>
  void run(const T* rows, const T* columns, unsigned capacity) {
    correlations<T>().reserve(kEntries);
    correlate(lane_.blas, rows, columns, static_cast<int>(a_.width()), correlations<T>().data());
    lane_.near_entries.reserve(capacity);
    lane_.near_count.reserve(1);
    check(cudaMemsetAsync(lane_.near_count.data(), 0, sizeof(unsigned), lane_.stream));
    run_entries(job<T>(), correlations<T>().data(), kTile,
                NearList{lane_.near_entries.data(), capacity, lane_.near_count.data(), kNear<T>},
                lane_.stream);
    check(cudaMemcpyAsync(lane_.near_count_on_host.data(), lane_.near_count.data(),
                          sizeof(unsigned), cudaMemcpyDeviceToHost, lane_.stream));
    lane_.done.record(lane_.stream);
  }

  // The working precision is float32, but too many entries are near an end.
  void restart_in_double() {
    const std::int64_t d = a_.width();
    lane_.unit_rows.reserve(static_cast<std::size_t>(2 * kTile * d));
    double *rows = lane_.unit_rows.data(), *columns = rows + kTile * d;
    check(cudaMemsetAsync(rows, 0, static_cast<std::size_t>(2 * kTile * d) * sizeof(double),
                          lane_.stream));
    copy_unit_rows(a_, tile_.rows.begin, tile_.rows.size(), rows, lane_.stream);
    copy_unit_rows(b_, tile_.columns.begin, tile_.columns.size(), columns, lane_.stream);
    run(rows, columns, entries());
  }

  void redo(unsigned count) {
    unsigned* entries = lane_.near_entries.data();
    // In the order of rows, so that a row is read once; the list comes in any order.
    thrust::sort(thrust_on(lane_.stream), entries, entries + count);
    lane_.near_v.reserve(count);
    redo_near(job<double>(), entries, count, unit_rows_of(a_), unit_rows_of(b_), a_.width(),
              lane_.near_v.data(), lane_.stream);
  }

  static UnitRows unit_rows_of(const Samples& samples) {
    return {samples.x(), samples.x_dtype() == DType::float64, samples.scale()};
  }

  template <class T>
  TileJob<T> job() const {
    return {a_.instructions(),
            a_.instruction_count(),
            program_.slots,
            a_.features(T{}),
            b_.features(T{}),
            tile_.rows.begin,
            tile_.columns.begin,
            static_cast<int>(tile_.rows.size()),
            static_cast<int>(tile_.columns.size()),
            window(),
            tile_.diagonal,
            &a_ == &b_,
            a_.device_nngp_diagonal(),
            a_.device_ntk_diagonal(),
            outputs_};
  }

  Window window() const {
    const TileRange &rows = tile_.wanted_rows, &columns = tile_.wanted_columns;
    const std::int64_t i = tile_.rows.begin, j = tile_.columns.begin;
    return {static_cast<int>(rows.begin - i), static_cast<int>(rows.end - i),
            static_cast<int>(columns.begin - j), static_cast<int>(columns.end - j)};
  }

  // Straight into the caller's device memory. What is not wanted would lie outside.
  TileOutputs device_outputs() const {
    const auto element = static_cast<std::int64_t>(size_of(block_.dtype));
    auto place = [&](void* out) -> TileOutput {
      if (!out) return {nullptr, nullptr};
      auto at = [&](std::int64_t row, std::int64_t column) {
        return static_cast<char*>(out) +
               ((row - block_.row_begin) * block_.ld + column - block_.column_begin) * element;
      };
      return {
          tile_.direct ? at(tile_.rows.begin, tile_.columns.begin) : nullptr,
          tile_.mirrored || tile_.diagonal ? at(tile_.columns.begin, tile_.rows.begin) : nullptr};
    };
    return {place(block_.nngp), place(block_.ntk), block_.ld, block_.ld,
            block_.dtype == DType::float64};
  }

  // Into the lane's scratch memory, from where the copies to the host start.
  TileOutputs staged_outputs() {
    const auto bytes = static_cast<std::size_t>(entries()) * size_of(block_.dtype);
    auto place = [&](void* out, DeviceMemory<char>& staged) -> TileOutput {
      if (!out) return {nullptr, nullptr};
      staged.reserve(2 * bytes);
      if (tile_.diagonal) return {staged.data(), staged.data()};
      return {tile_.direct ? staged.data() : nullptr,
              tile_.mirrored ? staged.data() + bytes : nullptr};
    };
    return {place(block_.nngp, lane_.staged_nngp), place(block_.ntk, lane_.staged_ntk),
            tile_.columns.size(), tile_.diagonal ? tile_.columns.size() : tile_.rows.size(),
            block_.dtype == DType::float64};
  }

  void bring_to_host() {
    const auto element = static_cast<std::int64_t>(size_of(block_.dtype));
    // The wanted part of a staged tile.
    auto copy = [&](void* out, const void* from, TileRange all_rows, TileRange all_columns,
                    TileRange rows, TileRange columns) {
      const std::int64_t to =
          (rows.begin - block_.row_begin) * block_.ld + columns.begin - block_.column_begin;
      const std::int64_t at =
          (rows.begin - all_rows.begin) * all_columns.size() + columns.begin - all_columns.begin;
      check(cudaMemcpy2DAsync(
          static_cast<char*>(out) + to * element, static_cast<std::size_t>(block_.ld * element),
          static_cast<const char*>(from) + at * element,
          static_cast<std::size_t>(all_columns.size() * element),
          static_cast<std::size_t>(columns.size() * element), static_cast<std::size_t>(rows.size()),
          cudaMemcpyDeviceToHost, lane_.stream));
    };
    auto bring = [&](void* out, const TileOutput& staged) {
      const Tile& t = tile_;
      if (!out) return;
      if (t.direct) copy(out, staged.data, t.rows, t.columns, t.wanted_rows, t.wanted_columns);
      if (t.mirrored) copy(out, staged.mirror, t.columns, t.rows, t.wanted_columns, t.wanted_rows);
    };
    bring(block_.nngp, outputs_.nngp);
    bring(block_.ntk, outputs_.ntk);
  }

  const Program& program_;
  const Samples &a_, &b_;
  const GramBlock& block_;
  const Tile tile_;
  Lane& lane_;
  TileOutputs outputs_{};
};

// Two lanes of the pool for the time of a call, ordered after and before the caller's stream.
class Lanes {
 public:
  Lanes(LanePool& pool, cudaStream_t caller) : pool_(pool), caller_(caller) {
    for (auto& lane : lanes_) lane = pool.take();
    if (!caller) return;
    begin_.record(caller);
    for (auto& lane : lanes_) begin_.hold(lane->stream);
  }
  ~Lanes() {
    for (auto& lane : lanes_) {
      ignore_error(cudaStreamSynchronize(lane->stream));
      pool_.give(std::move(lane));
    }
  }
  Lanes(const Lanes&) = delete;
  Lanes& operator=(const Lanes&) = delete;

  Lane& operator[](std::size_t i) { return *lanes_[i % lanes_.size()]; }

  void join() {
    if (!caller_) return;
    for (auto& lane : lanes_) {
      lane->done.record(lane->stream);
      lane->done.hold(caller_);
    }
  }

 private:
  LanePool& pool_;
  cudaStream_t caller_;
  Event begin_;
  std::array<std::unique_ptr<Lane>, 2> lanes_;
};

}  // namespace

std::size_t gram_scratch_bytes(std::int64_t width, DType working) {
  const auto entries = static_cast<std::size_t>(kEntries);
  std::size_t each =
      entries * (size_of(working) + 2 * 2 * size_of(working)) + entries * sizeof(unsigned);
  if (working == DType::float32)  // for crowded tiles
    each += entries * sizeof(double) + static_cast<std::size_t>(2 * kTile * width) * sizeof(double);
  return 2 * (each + entries / kCrowded * sizeof(double));
}

void gram(const Program& program, const Samples& rows, const Samples& columns,
          const GramBlock& block, const WorkCallback& progress, LanePool& pool) {
  const std::vector<Tile> tiles = tiles_of(block, rows, columns, kTile);
  const auto total = static_cast<std::int64_t>(tiles.size());
  Lanes lanes(pool, static_cast<cudaStream_t>(block.stream));
  std::array<std::unique_ptr<TileRun>, 2> runs;
  std::int64_t finished = 0;
  auto finish = [&](std::unique_ptr<TileRun>& run) {
    if (!run) return;
    run->finish();
    run.reset();
    if (progress && !progress(++finished, total)) throw Cancelled("the Gram matrix was cancelled");
  };
  for (std::size_t t = 0; t < tiles.size(); ++t) {
    auto& run = runs[t % runs.size()];
    finish(run);
    run = std::make_unique<TileRun>(program, rows, columns, block, tiles[t], lanes[t]);
    run->start();
  }
  for (std::size_t t = tiles.size(); t < tiles.size() + runs.size(); ++t)
    finish(runs[t % runs.size()]);
  lanes.join();
}

}  // namespace ntk::cuda
