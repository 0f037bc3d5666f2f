#include "kernels/cuda/entries.h"

#include <thrust/sort.h>

#include "kernels/cuda/thrust_policy.h"

namespace ntk::cuda {
namespace {

constexpr int kSide = 32;  // of the square that a block computes
constexpr int kRowsAtOnce = 8;
constexpr int kThreads = 256;

template <class T>
__device__ void store(void* data, std::int64_t at, T value, bool is_double) {
  if (is_double)
    static_cast<double*>(data)[at] = static_cast<double>(value);
  else
    static_cast<float*>(data)[at] = static_cast<float>(value);
}

// The output's standard deviations stand behind the last instruction's features.
__device__ int last_feature(const Instruction* instructions, int count) {
  const Instruction& last = instructions[count - 1];
  return last.first_feature + math::feature_count(last);
}

template <bool kNtk, int kSlots, class T>
__device__ math::Entry<T> evaluate(const TileJob<T>& job, std::int64_t i, std::int64_t j,
                                   math::Entry<T> e) {
  const std::int64_t row = job.row + i, column = job.column + j;
  if (job.instruction_count > 0)
    e = math::run_entry<kNtk, kSlots>(job.instructions, job.instruction_count, job.row_features,
                                      row, job.column_features, column, e);
  const int f =
      job.instruction_count > 0 ? last_feature(job.instructions, job.instruction_count) : 0;
  e.v = job.row_features.data[f * job.row_features.stride + row] *
        job.column_features.data[f * job.column_features.stride + column] * e.rho();
  return e;
}

template <class T>
__device__ bool is_mirrored(const TileJob<T>& job, std::int64_t i, std::int64_t j) {
  return job.diagonal ? job.wanted.has(j, i) : job.wanted.has(i, j);
}

// A square of entries a block. The values pass through shared memory so that the mirrored square is
// written along its rows too.
template <bool kNtk, int kSlots, class T>
__global__ void __launch_bounds__(kSide* kRowsAtOnce)
    entries_kernel(TileJob<T> job, const T* correlations, std::int64_t correlations_ld,
                   NearList near) {
  NTK_SHARED(T[kSide][kSide + 1], nngp);
  NTK_SHARED(T[kSide][kSide + 1], ntk);
  const int i0 = blockIdx.y * kSide, j0 = blockIdx.x * kSide;
  if (job.diagonal && j0 > i0) return;  // the whole block
  const int x = threadIdx.x;
  for (int y = threadIdx.y; y < kSide; y += kRowsAtOnce) {
    const int i = i0 + y, j = j0 + x;
    math::Entry<T> e{T(0), T(0)};
    const bool inside = i < job.rows && j < job.columns && !(job.diagonal && j > i);
    if (inside && job.same_samples && job.row + i == job.column + j) {
      e.v = static_cast<T>(job.diagonal_nngp[job.row + i]);
      if (kNtk) e.theta = static_cast<T>(job.diagonal_ntk[job.row + i]);
    } else if (inside) {
      e = math::entry_from_correlation(correlations[i * correlations_ld + j]);
      if (e.m() < T(near.near)) {
        const unsigned at = atomicAdd(near.count, 1u);
        if (at < near.capacity) near.entries[at] = static_cast<unsigned>(i * job.columns + j);
      }
      if (job.wanted.has(i, j) || is_mirrored(job, i, j)) e = evaluate<kNtk, kSlots>(job, i, j, e);
    }
    if (inside && job.wanted.has(i, j)) {
      const std::int64_t at = i * job.out.ld + j;
      if (job.out.nngp.data) store(job.out.nngp.data, at, e.v, job.out.is_double);
      if (kNtk && job.out.ntk.data) store(job.out.ntk.data, at, e.theta, job.out.is_double);
    }
    nngp[y][x] = e.v;
    if (kNtk) ntk[y][x] = e.theta;
  }
  __syncthreads();
  for (int y = threadIdx.y; y < kSide; y += kRowsAtOnce) {
    const int i = i0 + x, j = j0 + y;  // x runs along the mirrored row
    if (i >= job.rows || j >= job.columns || (job.diagonal && j >= i)) continue;
    if (!is_mirrored(job, i, j)) continue;
    const std::int64_t at = j * job.out.mirror_ld + i;
    if (job.out.nngp.mirror) store(job.out.nngp.mirror, at, nngp[x][y], job.out.is_double);
    if (kNtk && job.out.ntk.mirror) store(job.out.ntk.mirror, at, ntk[x][y], job.out.is_double);
  }
}

__device__ double value_of(const UnitRows& rows, std::int64_t at) {
  return rows.is_double ? static_cast<const double*>(rows.x)[at]
                        : static_cast<double>(static_cast<const float*>(rows.x)[at]);
}

// A warp an entry: 1 - rho = |x - y|^2 / 2 or 1 + rho = |x + y|^2 / 2 of unit rows, as Entry::v.
__global__ void ends_kernel(const unsigned* entries, unsigned count, int columns, std::int64_t row,
                            std::int64_t column, UnitRows rows, UnitRows cols, std::int64_t width,
                            double* v) {
  const unsigned warp = (blockIdx.x * kThreads + threadIdx.x) / 32, lane = threadIdx.x % 32;
  if (warp >= count) return;  // the whole warp
  const std::int64_t i = row + entries[warp] / columns, j = column + entries[warp] % columns;
  const double row_scale = rows.scale[i], column_scale = cols.scale[j];
  double difference = 0, sum = 0;
  for (std::int64_t k = lane; k < width; k += 32) {
    const double u = value_of(rows, i * width + k), w = value_of(cols, j * width + k);
    const double d_k = math::difference_of_products(u, row_scale, w, column_scale);
    const double s_k = math::difference_of_products(u, row_scale, -w, column_scale);
    difference += d_k * d_k;
    sum += s_k * s_k;
  }
  for (int offset = 16; offset > 0; offset /= 2) {
    difference += __shfl_xor_sync(0xffffffffu, difference, offset);
    sum += __shfl_xor_sync(0xffffffffu, sum, offset);
  }
  if (lane == 0) v[warp] = difference <= sum ? difference / 2 : -sum / 2;
}

template <bool kNtk, int kSlots>
__global__ void near_kernel(TileJob<double> job, const unsigned* entries, unsigned count,
                            const double* v) {
  const unsigned at = blockIdx.x * kThreads + threadIdx.x;
  if (at >= count) return;
  const std::int64_t i = entries[at] / job.columns, j = entries[at] % job.columns;
  const auto e = evaluate<kNtk, kSlots>(job, i, j, math::Entry<double>{v[at], 0});
  auto put = [&](const TileOutput& out, double value) {
    if (out.data && job.wanted.has(i, j))
      store(out.data, i * job.out.ld + j, value, job.out.is_double);
    if (out.mirror && is_mirrored(job, i, j))
      store(out.mirror, j * job.out.mirror_ld + i, value, job.out.is_double);
  };
  put(job.out.nngp, e.v);
  if (kNtk) put(job.out.ntk, e.theta);
}

// Calls f with the kernels' template arguments as constants.
template <class T, class F>
void with_variant(const TileJob<T>& job, const F& f) {
  const bool ntk = job.out.ntk.is_wanted(), slots = job.slots > 0;
  using Yes = std::true_type;
  using No = std::false_type;
  using None = std::integral_constant<int, 0>;
  using All = std::integral_constant<int, kMaxSlots>;
  if (ntk && slots) return f(Yes{}, All{});
  if (ntk) return f(Yes{}, None{});
  if (slots) return f(No{}, All{});
  f(No{}, None{});
}

template <class T>
void run(const TileJob<T>& job, const T* correlations, std::int64_t correlations_ld, NearList near,
         cudaStream_t stream) {
  const dim3 grid(static_cast<unsigned>((job.columns + kSide - 1) / kSide),
                  static_cast<unsigned>((job.rows + kSide - 1) / kSide));
  with_variant(job, [&](auto ntk, auto slots) {
    launch(entries_kernel<decltype(ntk)::value, decltype(slots)::value, T>, grid,
           dim3(kSide, kRowsAtOnce), 0, stream, job, correlations, correlations_ld, near);
  });
}

}  // namespace

void run_entries(const TileJob<float>& job, const float* correlations, std::int64_t correlations_ld,
                 NearList near, cudaStream_t stream) {
  run(job, correlations, correlations_ld, near, stream);
}
void run_entries(const TileJob<double>& job, const double* correlations,
                 std::int64_t correlations_ld, NearList near, cudaStream_t stream) {
  run(job, correlations, correlations_ld, near, stream);
}

void redo_near(const TileJob<double>& job, const unsigned* entries, unsigned count, UnitRows rows,
               UnitRows columns, std::int64_t width, double* v, cudaStream_t stream) {
  constexpr unsigned kWarps = kThreads / 32;
  launch(ends_kernel, (count + kWarps - 1) / kWarps, kThreads, 0, stream, entries, count,
         job.columns, job.row, job.column, rows, columns, width, v);
  with_variant(job, [&](auto ntk, auto slots) {
    launch(near_kernel<decltype(ntk)::value, decltype(slots)::value>,
           (count + kThreads - 1) / kThreads, kThreads, 0, stream, job, entries, count, v);
  });
}

}  // namespace ntk::cuda
