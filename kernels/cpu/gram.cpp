// A block is cut into tiles of fixed places and size, one thread each. A tile is one GEMM of
// normalized rows, which gives correlations, and then the program over its rows, strip by strip.
// Entries close to +1 or -1, where the GEMM's rounding would show, are done again in float64 from
// the difference (or the sum) of the two rows; where they are many, the tile's correlations come
// from a float64 GEMM.
#include "kernels/cpu/gram.h"

#include <omp.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <exception>
#include <memory>
#include <mutex>
#include <vector>

#include "kernels/cpu/dense.h"
#include "kernels/host_memory.h"
#include "kernels/sample_checks.h"
#include "kernels/tiling.h"
#include "ntk/error.h"

namespace ntk::cpu {
namespace {

constexpr std::int64_t kTile = 256;
static_assert(kTile <= kStripLength && kTile % kLanes == 0);

// Within this distance of an end a correlation from a GEMM is not good enough: its error e moves
// the angle sqrt(2 m) by e / sqrt(2 m).
template <class T>
constexpr T kNear = sizeof(T) == 4 ? T(1e-3) : T(1e-4);
// Where more than one entry in so many is near an end, a tile is done in another way, which costs
// as much as doing so many entries again.
constexpr std::int64_t kCrowded = 16;
// Crowded float32 tiles take their correlations from a float64 GEMM. Its error of a few 1e-16 is
// below what float32 sees in a distance beyond kCloser.
constexpr double kCloser = 1e-7;
// Samples closer than this differ in the last digits of their float32 kernels only: these are
// worked out in float64, and rounded once.
constexpr double kAlike = 1e-5;
// Blocks larger than this are written past the caches.
constexpr std::size_t kStreamingBytes = std::size_t{32} << 20;

template <class T>
struct Scratch {
  explicit Scratch(const Program& program)
      : nngp(kTile * kTile),
        theta(kTile * kTile),
        slots(static_cast<std::size_t>(program.slots) * 2 * kStripLength) {}
  HostBuffer<T> nngp, theta, slots;
};

struct NearList {
  std::vector<std::int32_t> rows, columns;
};

// What one thread needs; the double part of a float32 Gram is made when it is first needed.
class Worker {
 public:
  Worker(const Program& program, const Samples& rows, const Samples& columns,
         const GramBlock& block)
      : program_(program), a_(rows), b_(columns), block_(block), kernels_(strip_kernels()) {
    const std::size_t entries = static_cast<std::size_t>(block.row_end - block.row_begin) *
                                static_cast<std::size_t>(block.column_end - block.column_begin);
    streaming_ = entries * size_of(block.dtype) > kStreamingBytes;
  }

  void run(const Tile& tile) {
    if (a_.working() == DType::float64) {
      compute(tile, scratch<double>());
      return write(tile, scratch<double>());
    }
    if (compute(tile, scratch<float>()) || compute_crowded(tile))
      return write(tile, scratch<float>());
    write(tile, scratch<double>());
  }

 private:
  template <class T>
  Scratch<T>& scratch() {
    auto& mine = [this]() -> auto& {
      if constexpr (sizeof(T) == 4)
        return single_;
      else
        return double_;
    }
    ();
    if (!mine) mine = std::make_unique<Scratch<T>>(program_);
    return *mine;
  }

  // Correlations of the tile's rows and columns, from normalized rows with leading dimension width.
  template <class T>
  void correlations(const Tile& tile, const T* rows, const T* columns, T* out) {
    const std::int64_t d = a_.width();
    multiply(dtype_of<T>(), true, false, tile.columns.size(), tile.rows.size(), d, 1, columns, d,
             rows, d, 0, out, kTile);
  }

  // Returns false, with nothing done, if the tile is too crowded for T.
  template <class T>
  bool compute(const Tile& tile, Scratch<T>& s) {
    const std::int64_t d = a_.width();
    correlations(tile, a_.rows(T{}) + tile.rows.begin * d, b_.rows(T{}) + tile.columns.begin * d,
                 s.nngp.data());
    const std::int64_t near = begin(tile, s.nngp.data(), kNear<T>);
    if (sizeof(T) == 4 && near * kCrowded > tile.rows.size() * tile.columns.size()) return false;
    if (near > 0) collect_near(tile, s.nngp.data(), kNear<T>);
    run_strips(tile, s);
    if (near > 0) redo_near(tile, s);
    return true;
  }

  // Distances from the ends in float64; from there on float32 will do, unless most samples are
  // alike. Returns whether the result is in float32.
  bool compute_crowded(const Tile& tile) {
    double* const wide = scratch<double>().nngp.data();
    correlations_in_double(tile, wide);
    const std::int64_t alike = begin(tile, wide, kAlike);
    if (alike > 0) collect_near(tile, wide, kAlike);
    if (alike * kCrowded > tile.rows.size() * tile.columns.size()) {
      for (std::size_t k = 0; k < near_.rows.size(); ++k) {
        double& v = wide[place_in(tile, k)];
        if (std::abs(v) < kCloser) v = exact_correlation(k);
      }
      run_strips(tile, scratch<double>());
      return false;
    }
    Scratch<float>& s = scratch<float>();
    std::copy_n(wide, tile.rows.size() * kTile, s.nngp.data());
    run_strips(tile, s);
    if (alike > 0) redo_near(tile, s);
    return true;
  }

  void correlations_in_double(const Tile& tile, double* out) {
    const std::int64_t d = a_.width();
    if (!double_rows_) double_rows_ = HostBuffer<double>(static_cast<std::size_t>(2 * kTile * d));
    double *rows = double_rows_.data(), *columns = rows + kTile * d;
    for (std::int64_t i = 0; i < tile.rows.size(); ++i)
      a_.copy_row(tile.rows.begin + i, rows + i * d);
    for (std::int64_t j = 0; j < tile.columns.size(); ++j)
      b_.copy_row(tile.columns.begin + j, columns + j * d);
    correlations(tile, rows, columns, out);
  }

  // From correlations to entries as a program begins with them; how many are near an end, but for
  // the diagonal, which is not taken from here.
  template <class T>
  std::int64_t begin(const Tile& tile, T* values, T closer) {
    const std::int64_t length = padded(tile.columns.size());
    std::int64_t near = 0;
    for (std::int64_t i = 0; i < tile.rows.size(); ++i) {
      T* const row = values + i * kTile;
      std::fill(row + tile.columns.size(), row + length, T(0));
      near += kernels_.begin(length, row, closer);
      if (tile.diagonal && std::abs(row[i]) < closer) --near;
    }
    return near;
  }

  // The wanted entries, and those in a vector with them: how many terms a vector takes of an
  // expansion depends on all of its entries.
  template <class T>
  void run_strips(const Tile& tile, Scratch<T>& s) {
    const TileRange rows = needed(tile, tile.wanted_rows),
                    columns = needed(tile, tile.wanted_columns);
    const std::int64_t first = (columns.begin - tile.columns.begin) / kLanes * kLanes;
    StripJob<T> job;
    job.program = &program_;
    job.row_features = a_.features(T{});
    job.column_features = b_.features(T{});
    job.column = tile.columns.begin + first;
    job.length = padded(columns.end - job.column);
    job.slots = s.slots.data();
    for (job.row = rows.begin; job.row < rows.end; ++job.row) {
      const std::int64_t at = (job.row - tile.rows.begin) * kTile + first;
      job.v = s.nngp.data() + at;
      job.theta = block_.ntk ? s.theta.data() + at : nullptr;
      kernels_.run(job);
    }
  }

  // On the diagonal an entry comes from its own place or from the one mirrored.
  static TileRange needed(const Tile& tile, const TileRange& wanted) {
    if (!tile.diagonal) return wanted;
    return {std::min(tile.wanted_rows.begin, tile.wanted_columns.begin),
            std::max(tile.wanted_rows.end, tile.wanted_columns.end)};
  }

  static std::int64_t padded(std::int64_t n) { return (n + kLanes - 1) / kLanes * kLanes; }

  template <class T>
  void collect_near(const Tile& tile, const T* values, T closer) {
    near_.rows.clear();
    near_.columns.clear();
    for (std::int64_t i = 0; i < tile.rows.size(); ++i) {
      const T* row = values + i * kTile;
      const std::int64_t end = tile.diagonal ? i : tile.columns.size();
      for (std::int64_t j = 0; j < end; ++j) {
        if (!(std::abs(row[j]) < closer)) continue;
        near_.rows.push_back(static_cast<std::int32_t>(tile.rows.begin + i));
        near_.columns.push_back(static_cast<std::int32_t>(tile.columns.begin + j));
      }
    }
  }

  template <class T>
  void redo_near(const Tile& tile, Scratch<T>& s) {
    HostBuffer<double>& slots = scratch<double>().slots;
    alignas(64) double v[kStripLength], theta[kStripLength];
    const std::size_t count = near_.rows.size();
    for (std::size_t first = 0; first < count; first += kStripLength) {
      const std::size_t n = std::min<std::size_t>(kStripLength, count - first);
      for (std::size_t k = 0; k < n; ++k) v[k] = exact_correlation(first + k);
      const std::size_t padded = (n + kLanes - 1) / kLanes * kLanes;
      std::fill(v + n, v + padded, 0.0);
      near_.rows.resize(std::max(near_.rows.size(), first + padded), near_.rows[first]);
      near_.columns.resize(near_.rows.size(), near_.columns[first]);
      StripJob<double> job;
      job.program = &program_;
      job.row_features = a_.features(double{});
      job.column_features = b_.features(double{});
      job.rows = near_.rows.data() + first;
      job.columns = near_.columns.data() + first;
      job.length = static_cast<std::int64_t>(padded);
      job.v = v;
      job.theta = block_.ntk ? theta : nullptr;
      job.slots = slots.data();
      kernels_.run(job);
      for (std::size_t k = 0; k < n; ++k) {
        const std::size_t at = place_in(tile, first + k);
        s.nngp[at] = static_cast<T>(v[k]);
        if (block_.ntk) s.theta[at] = static_cast<T>(theta[k]);
      }
    }
  }

  // Where the k-th entry of the list stands.
  std::size_t place_in(const Tile& tile, std::size_t k) const {
    return static_cast<std::size_t>((near_.rows[k] - tile.rows.begin) * kTile + near_.columns[k] -
                                    tile.columns.begin);
  }

  // Entry::v from 1 - rho = |x - y|^2 / 2 or 1 + rho = |x + y|^2 / 2 of unit rows.
  double exact_correlation(std::size_t k) const {
    const Ends ends = Samples::ends(kernels_, a_, near_.rows[k], b_, near_.columns[k]);
    return ends.difference <= ends.sum ? ends.difference / 2 : -ends.sum / 2;
  }

  template <class T>
  void write(const Tile& tile, Scratch<T>& s) {
    if (tile.diagonal) mirror_in_itself(tile, s);
    if (&a_ == &b_) put_diagonal(tile, s);
    if (block_.nngp) write_kernel(tile, s.nngp.data(), block_.nngp);
    if (block_.ntk) write_kernel(tile, s.theta.data(), block_.ntk);
  }

  // The lower triangle decides.
  template <class T>
  void mirror_in_itself(const Tile& tile, Scratch<T>& s) {
    const TileRange range = needed(tile, tile.wanted_rows);
    const std::int64_t first = range.begin - tile.rows.begin, last = range.end - tile.rows.begin;
    auto mirror = [&](T* values) {
      for (std::int64_t i = first; i < last; ++i)
        for (std::int64_t j = first; j < i; ++j) values[j * kTile + i] = values[i * kTile + j];
    };
    mirror(s.nngp.data());
    if (block_.ntk) mirror(s.theta.data());
  }

  // A sample's kernel with itself is the exact one, wherever the tile's rows meet its columns.
  template <class T>
  void put_diagonal(const Tile& tile, Scratch<T>& s) {
    const std::int64_t begin = std::max(tile.rows.begin, tile.columns.begin),
                       end = std::min(tile.rows.end, tile.columns.end);
    for (std::int64_t k = begin; k < end; ++k) {
      const auto at =
          static_cast<std::size_t>((k - tile.rows.begin) * kTile + k - tile.columns.begin);
      s.nngp[at] = static_cast<T>(a_.nngp_diagonal()[k]);
      if (block_.ntk) s.theta[at] = static_cast<T>(a_.ntk_diagonal()[k]);
    }
  }

  template <class T>
  void write_kernel(const Tile& tile, T* values, void* out) {
    if (block_.dtype == dtype_of<T>()) return write_as(tile, values, static_cast<T*>(out));
    if constexpr (sizeof(T) == 4) {
      HostBuffer<double>& wide = scratch<double>().nngp;
      std::copy_n(values, kTile * kTile, wide.data());
      write_as(tile, wide.data(), static_cast<double*>(out));
    } else {
      HostBuffer<float>& narrow = scratch<float>().nngp;
      std::copy_n(values, kTile * kTile, narrow.data());
      write_as(tile, narrow.data(), static_cast<float*>(out));
    }
  }

  template <class T>
  void write_as(const Tile& tile, const T* values, T* out) {
    const TileRange &rows = tile.wanted_rows, &columns = tile.wanted_columns;
    values += (rows.begin - tile.rows.begin) * kTile + (columns.begin - tile.columns.begin);
    const std::size_t bytes = static_cast<std::size_t>(columns.size()) * sizeof(T);
    for (std::int64_t i = 0; i < (tile.direct ? rows.size() : 0); ++i) {
      T* to = out + (rows.begin + i - block_.row_begin) * block_.ld +
              (columns.begin - block_.column_begin);
      if (streaming_)
        kernels_.stream(to, values + i * kTile, bytes);
      else
        std::copy_n(values + i * kTile, columns.size(), to);
    }
    if (tile.mirrored)
      kernels_.transpose(
          rows.size(), columns.size(), values, kTile,
          out + (columns.begin - block_.row_begin) * block_.ld + (rows.begin - block_.column_begin),
          block_.ld, streaming_);
  }

  const Program& program_;
  const Samples &a_, &b_;
  const GramBlock& block_;
  const StripKernels& kernels_;
  bool streaming_ = false;
  std::unique_ptr<Scratch<float>> single_;
  std::unique_ptr<Scratch<double>> double_;
  HostBuffer<double> double_rows_;
  NearList near_;
};

}  // namespace

std::size_t gram_scratch_bytes(const Program& program, std::int64_t width, DType working,
                               int threads) {
  const std::size_t slots = static_cast<std::size_t>(program.slots) * 2 * kStripLength;
  std::size_t each = (2 * kTile * kTile + slots) * sizeof(double);
  if (working == DType::float32)
    each += (2 * kTile * kTile + slots) * sizeof(float) +
            static_cast<std::size_t>(2 * kTile * width) * sizeof(double);
  constexpr std::size_t kBlasBuffer = std::size_t{32}
                                      << 20;  // what OpenBLAS packs into, per thread
  return static_cast<std::size_t>(threads) * (each + kBlasBuffer);
}

void gram(const Program& program, const Samples& rows, const Samples& columns,
          const GramBlock& block, const WorkCallback& progress, int threads) {
  const std::vector<Tile> tiles = tiles_of(block, rows, columns, kTile);
  const auto total = static_cast<std::int64_t>(tiles.size());
  std::atomic<bool> stop = false;
  std::exception_ptr error;
  std::int64_t done = 0;
  bool cancelled = false;
  std::mutex mutex;  // of this call: others go on
  const auto fail = [&] {
    const std::lock_guard lock(mutex);
    error = std::current_exception();
    stop = true;
  };
  const auto report = [&] {
    const std::lock_guard lock(mutex);
    ++done;
    if (progress && !stop && !progress(done, total)) cancelled = stop = true;
  };
#pragma omp parallel num_threads(threads)
  {
    // A GEMM in a tile is for this thread alone, also where the region has one thread only.
    const int blas_threads = omp_get_max_threads();
    try {
      Worker worker(program, rows, columns, block);
#pragma omp for schedule(dynamic) nowait
      for (std::int64_t t = 0; t < total; ++t) {
        if (stop) continue;
        omp_set_num_threads(1);  // each time: a callback may compute something, too
        try {
          worker.run(tiles[static_cast<std::size_t>(t)]);
          report();
        } catch (...) {
          fail();
        }
      }
    } catch (...) {
      fail();
    }
    omp_set_num_threads(blas_threads);
  }
  if (error) std::rethrow_exception(error);
  if (cancelled) throw Cancelled("the Gram matrix was cancelled");
}

}  // namespace ntk::cpu
