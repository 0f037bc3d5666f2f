// A block is cut into tiles; a tile's pairs are walked on the device, and their values come to the
// host, which knows where they belong (also if that is on the device).
#include "kernels/cuda/pixel_gram.h"

#include <algorithm>

#include "kernels/cuda/resources.h"
#include "kernels/sample_checks.h"
#include "kernels/tiling.h"

namespace ntk::cuda {
namespace {

constexpr std::int64_t kPixelTile = 64;  // pairs along each side
// Teams of threads at a time: some for each multiprocessor, as far as there is memory.
constexpr std::int64_t kMostTeams = 512;
constexpr std::size_t kMostWorkspace = std::size_t{2} << 30;
constexpr int kThreads = 128;

// Pairs of pixels are counted in 32 bits there.
void require_countable(const PixelStage& stage) {
  constexpr std::int64_t kMostPixels = 46'000;
  std::int64_t most = stage.pixels();
  for (const PixelStep& step : stage.steps) most = std::max(most, step.after);
  if (most > kMostPixels)
    throw MemoryError("cuda: samples of " + std::to_string(most) +
                      " pixels are too large for the GPU; at most " + std::to_string(kMostPixels));
}

int teams_for(const DevicePixelStage& stage, std::int64_t pairs) {
  const auto each = static_cast<std::size_t>(stage.workspace()) * sizeof(double);
  const auto fit = static_cast<std::int64_t>(std::max<std::size_t>(1, kMostWorkspace / each));
  return static_cast<int>(std::min({kMostTeams, fit, pairs}));
}

template <class T>
__global__ void scatter_kernel(const double* values, const std::int64_t* places, std::int64_t count,
                               T* out) {
  const std::int64_t i = static_cast<std::int64_t>(blockIdx.x) * kThreads + threadIdx.x;
  if (i < count) out[places[i]] = static_cast<T>(values[i]);
}

// Values and where they go.
struct Placed {
  std::vector<std::int64_t> places;
  std::vector<double> values;
};

class PixelGram {
 public:
  PixelGram(const Program& program, const PixelSamples& rows, const PixelSamples& columns,
            const GramBlock& block)
      : program_(program), a_(rows), b_(columns), block_(block), entries_(rows.stage().entries()) {
    if (block.stream) check(cudaStreamSynchronize(static_cast<cudaStream_t>(block.stream)));
  }

  void run(const WorkCallback& progress) {
    run_tiles(tiles_of(block_, a_, b_, kPixelTile), progress,
              [this](const Tile& tile) { compute(tile); });
  }

 private:
  void compute(const Tile& tile) {
    pairs_.clear();
    for (const PairOfSamples& pair : pairs_of(tile))
      pairs_.insert(pairs_.end(),
                    {static_cast<std::int32_t>(pair.i), static_cast<std::int32_t>(pair.j)});
    walk_pairs();
    for (Placed* placed : {&nngp_, &ntk_}) *placed = {};
    for (std::int64_t i = tile.rows.begin; i < (tile.diagonal ? tile.rows.end : 0); ++i)
      if (is_wanted(tile, i, i))
        put(i, i, a_.nngp_diagonal() + i * entries_, a_.ntk_diagonal() + i * entries_, false);
    for (std::size_t k = 0; 2 * k < pairs_.size(); ++k) {
      const std::int64_t i = pairs_[2 * k], j = pairs_[2 * k + 1];
      const double* const nngp = walked_.data() + k * static_cast<std::size_t>(entries_);
      const double* const ntk = nngp + walked_.size() / 2;
      const PlacesOfPair places = places_of(tile, i, j);
      if (places.direct) put(i, j, nngp, ntk, false);
      if (places.mirrored) put(j, i, nngp, ntk, true);
    }
    write(nngp_, block_.nngp);
    write(ntk_, block_.ntk);
  }

  // walked_: K of all pairs, then Theta.
  void walk_pairs() {
    const std::size_t count = pairs_.size() / 2,
                      numbers = count * static_cast<std::size_t>(entries_);
    walked_.resize(2 * numbers);
    if (count == 0) return;
    const DevicePixelStage& stage = a_.stage();
    const int teams = teams_for(stage, static_cast<std::int64_t>(count));
    workspace_.reserve(static_cast<std::size_t>(teams * stage.workspace()));
    values_.reserve(2 * numbers);
    device_pairs_.reserve(pairs_.size());
    check(cudaMemsetAsync(workspace_.data(), 0,
                          static_cast<std::size_t>(teams * stage.workspace()) * sizeof(double),
                          stream_));
    check(cudaMemcpyAsync(device_pairs_.data(), pairs_.data(), pairs_.size() * sizeof(std::int32_t),
                          cudaMemcpyHostToDevice, stream_));
    stage.run(a_.block(0), b_.block(0), device_pairs_.data(), static_cast<int>(count),
              workspace_.data(), teams, values_.data(), values_.data() + numbers, stream_);
    check(cudaMemcpyAsync(walked_.data(), values_.data(), 2 * numbers * sizeof(double),
                          cudaMemcpyDeviceToHost, stream_));
    stream_.synchronize();
  }

  // Of (j, i) each pixel of i stands where that of j was.
  void put(std::int64_t i, std::int64_t j, const double* nngp, const double* ntk, bool swapped) {
    const std::int64_t at =
        ((i - block_.row_begin) * block_.ld + j - block_.column_begin) * entries_;
    const PixelStage& stage = *program_.pixels;
    const std::int64_t n = stage.outputs();
    for (std::int64_t p = 0; p < n; ++p)
      for (std::int64_t r = 0; r < n; ++r) {
        const std::int64_t from = stage.entry(p, r), to = swapped ? stage.entry(r, p) : from;
        for (auto& [placed, values] : {std::pair{&nngp_, nngp}, std::pair{&ntk_, ntk}}) {
          placed->places.push_back(at + to);
          placed->values.push_back(values[from]);
        }
      }
  }

  void write(const Placed& placed, void* out) {
    if (!out || placed.values.empty()) return;
    if (block_.dtype == DType::float32)
      write_as(placed, static_cast<float*>(out));
    else
      write_as(placed, static_cast<double*>(out));
  }

  template <class T>
  void write_as(const Placed& placed, T* out) {
    const std::size_t count = placed.values.size();
    if (block_.space == MemorySpace::host) {
      for (std::size_t k = 0; k < count; ++k)
        out[placed.places[k]] = static_cast<T>(placed.values[k]);
      return;
    }
    values_.reserve(count);
    places_.reserve(count);
    check(cudaMemcpyAsync(values_.data(), placed.values.data(), count * sizeof(double),
                          cudaMemcpyHostToDevice, stream_));
    check(cudaMemcpyAsync(places_.data(), placed.places.data(), count * sizeof(std::int64_t),
                          cudaMemcpyHostToDevice, stream_));
    launch(scatter_kernel<T>, static_cast<unsigned>((count + kThreads - 1) / kThreads), kThreads, 0,
           cudaStream_t{stream_}, values_.data(), places_.data(), static_cast<std::int64_t>(count),
           out);
    stream_.synchronize();
  }

  const Program& program_;
  const PixelSamples &a_, &b_;
  const GramBlock& block_;
  std::int64_t entries_;
  Stream stream_;
  DeviceMemory<double> workspace_, values_;
  DeviceMemory<std::int32_t> device_pairs_;
  DeviceMemory<std::int64_t> places_;
  std::vector<std::int32_t> pairs_;  // i, j, i, j, ...
  std::vector<double> walked_;
  Placed nngp_, ntk_;
};

void copy_sample(const ArrayView& x, const void* host, std::int64_t i, double* to) {
  const std::int64_t width = x.shape[1];
  if (x.dtype == DType::float32)
    std::copy_n(static_cast<const float*>(host) + i * width, width, to);
  else
    std::copy_n(static_cast<const double*>(host) + i * width, width, to);
}

}  // namespace

PixelSamples::PixelSamples(const Program& program, const ArrayView& x, DType working)
    : n_(x.shape[0]), stage_(program) {
  const PixelLayout& layout = stage_.layout();
  const std::int64_t entries = stage_.entries();
  const Stream stream;
  std::vector<char> copy;
  const void* host = x.data;
  if (x.space != MemorySpace::host) {
    copy.resize(static_cast<std::size_t>(n_ * x.shape[1]) * size_of(x.dtype));
    check(cudaMemcpyAsync(copy.data(), x.data, copy.size(), cudaMemcpyDeviceToHost, stream));
    stream.synchronize();
    host = copy.data();
  }
  nngp_.resize(static_cast<std::size_t>(n_ * entries));
  ntk_.resize(nngp_.size());
  blocks_.reserve(static_cast<std::size_t>(n_ * layout.size));
  PixelWalk walk(program, layout, run_pixel_strip);
  std::vector<double> sample(static_cast<std::size_t>(x.shape[1]));
  const HostBuffer<double> block(static_cast<std::size_t>(layout.size));
  for (std::int64_t i = 0; i < n_; ++i) {
    copy_sample(x, host, i, sample.data());
    require_representable(i, walk.prepare(sample.data(), block.data()), working);
    walk.output(block.data(), block.data(), false, nngp_.data() + i * entries,
                ntk_.data() + i * entries);
    check(cudaMemcpyAsync(blocks_.data() + i * layout.size, block.data(),
                          static_cast<std::size_t>(layout.size) * sizeof(double),
                          cudaMemcpyHostToDevice, stream));
    stream.synchronize();
  }
}

std::size_t pixel_gram_bytes(const Program& program, std::int64_t samples) {
  require_countable(*program.pixels);
  const PixelLayout layout(*program.pixels);
  const auto team =
      static_cast<std::size_t>(DevicePixelStage::workspace(program, layout)) * sizeof(double);
  const auto values =
      static_cast<std::size_t>(2 * kPixelTile * kPixelTile * entries_of_pair(program));
  return DevicePixelStage::bytes(program) + std::max(kMostWorkspace, team) +
         static_cast<std::size_t>(samples * layout.size) * sizeof(double) +
         2 * values * sizeof(double);
}

void pixel_gram(const Program& program, const PixelSamples& rows, const PixelSamples& columns,
                const GramBlock& block, const WorkCallback& progress) {
  PixelGram(program, rows, columns, block).run(progress);
}

}  // namespace ntk::cuda
