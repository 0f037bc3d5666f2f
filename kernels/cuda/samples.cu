#include "kernels/cuda/samples.h"

#include <thrust/copy.h>
#include <thrust/execution_policy.h>

#include <cmath>

#include "kernels/cuda/thrust_policy.h"
#include "kernels/sample_checks.h"

namespace ntk::cuda {
namespace {

constexpr int kThreads = 128;

// The sum over a block's threads, for all of them. `partial` has kThreads places.
__device__ double block_sum(double value, double* partial) {
  partial[threadIdx.x] = value;
  __syncthreads();
  for (unsigned half = kThreads / 2; half > 0; half /= 2) {
    if (threadIdx.x < half) partial[threadIdx.x] += partial[threadIdx.x + half];
    __syncthreads();
  }
  const double sum = partial[0];
  __syncthreads();
  return sum;
}

__device__ double block_max(double value, double* partial) {
  partial[threadIdx.x] = value;
  __syncthreads();
  for (unsigned half = kThreads / 2; half > 0; half /= 2) {
    if (threadIdx.x < half)
      partial[threadIdx.x] = math::larger(partial[threadIdx.x], partial[threadIdx.x + half]);
    __syncthreads();
  }
  const double largest = partial[0];
  __syncthreads();
  return largest;
}

// A row's length, safe from overflow and underflow of the squares; NaN or Inf in, NaN or Inf out.
template <class X>
__device__ double row_norm(const X* row, std::int64_t width, double* partial) {
  double sum = 0;
  for (std::int64_t k = threadIdx.x; k < width; k += kThreads)
    sum += static_cast<double>(row[k]) * row[k];
  sum = block_sum(sum, partial);
  if (sum > 1e-280 && sum < 1e280) return sqrt(sum);
  double largest = 0;
  for (std::int64_t k = threadIdx.x; k < width; k += kThreads)
    largest = math::larger(largest, fabs(static_cast<double>(row[k])));
  largest = block_max(largest, partial);
  if (largest == 0) return sum;  // 0, or NaN
  sum = 0;
  for (std::int64_t k = threadIdx.x; k < width; k += kThreads)
    sum += (row[k] / largest) * (row[k] / largest);
  return largest * sqrt(block_sum(sum, partial));
}

// One block a row: its length, and the row at unit length in whichever precision is wanted.
template <class X>
__global__ void normalize_kernel(const X* x, std::int64_t width, double* norms, double* scales,
                                 float* rows_f32, double* rows_f64) {
  NTK_SHARED(double[kThreads], partial);
  const std::int64_t i = blockIdx.x;
  const X* row = x + i * width;
  const double norm = row_norm(row, width, partial);
  const double scale = norm * norm > 0 ? 1 / norm : 0;
  if (threadIdx.x == 0) norms[i] = norm, scales[i] = scale;
  for (std::int64_t k = threadIdx.x; k < width; k += kThreads) {
    if (rows_f32) rows_f32[i * width + k] = static_cast<float>(row[k] * scale);
    if (rows_f64) rows_f64[i * width + k] = row[k] * scale;
  }
}

template <class X>
__global__ void unit_rows_kernel(const X* x, const double* scales, std::int64_t first,
                                 std::int64_t width, double* to) {
  const std::int64_t i = first + blockIdx.x;
  for (std::int64_t k = threadIdx.x; k < width; k += kThreads)
    to[blockIdx.x * width + k] = x[i * width + k] * scales[i];
}

// One thread a sample: its features, its own kernels, and the largest value on the way.
__global__ void features_kernel(const Instruction* instructions, int count, const double* tables,
                                const double* norms, std::int64_t n, std::int64_t width,
                                double* features, std::int64_t stride, double* results) {
  const std::int64_t i = static_cast<std::int64_t>(blockIdx.x) * kThreads + threadIdx.x;
  if (i >= n) return;
  const double q = norms[i] / static_cast<double>(width) * norms[i];
  const math::SampleResult r =
      math::run_sample(instructions, count, tables, {q, 0}, features + i, stride);
  results[i] = r.nngp;
  results[n + i] = r.ntk;
  results[2 * n + i] = r.largest;
}

unsigned blocks_for(std::int64_t n) { return static_cast<unsigned>((n + kThreads - 1) / kThreads); }

std::int64_t padded(std::int64_t n) { return (n + kTile - 1) / kTile * kTile + kTile; }

template <class T>
void fill_zero(DeviceMemory<T>& memory, std::size_t count, cudaStream_t stream) {
  memory.reserve(count);
  check(cudaMemsetAsync(memory.data(), 0, count * sizeof(T), stream));
}

template <class F>
void with_dtype(DType dtype, const F& f) {
  if (dtype == DType::float32)
    f(float{});
  else
    f(double{});
}

}  // namespace

std::size_t Samples::bytes(const Program& program, std::int64_t count, std::int64_t width,
                           DType working) {
  const auto rows = static_cast<std::size_t>(padded(count)), d = static_cast<std::size_t>(width);
  const std::size_t element = size_of(working);
  return rows * d * element +
         static_cast<std::size_t>(count) * (d * sizeof(double) + 6 * sizeof(double)) +
         static_cast<std::size_t>(program.features) * rows *
             (sizeof(double) + (element == 4 ? 4 : 0));
}

Samples::Samples(const Program& program, const ArrayView& x, DType working)
    : n_(x.shape[0]),
      width_(x.shape[1]),
      stride_(padded(n_)),
      working_(working),
      x_dtype_(x.dtype),
      instruction_count_(static_cast<int>(program.instructions.size())) {
  const Stream stream;
  const auto n = static_cast<std::size_t>(n_), d = static_cast<std::size_t>(width_);
  const auto rows = static_cast<std::size_t>(stride_);
  const auto features = static_cast<std::size_t>(program.features) * rows;
  x_ = x.data;
  if (x.space == MemorySpace::host) {
    own_x_.reserve(n * d * size_of(x.dtype));
    check(cudaMemcpyAsync(own_x_.data(), x.data, n * d * size_of(x.dtype), cudaMemcpyHostToDevice,
                          stream));
    x_ = own_x_.data();
  }
  instructions_.reserve(program.instructions.size());
  check(cudaMemcpyAsync(instructions_.data(), program.instructions.data(),
                        program.instructions.size() * sizeof(Instruction), cudaMemcpyHostToDevice,
                        stream));
  DeviceMemory<double> tables;
  tables.reserve(program.tables.size());
  check(cudaMemcpyAsync(tables.data(), program.tables.data(),
                        program.tables.size() * sizeof(double), cudaMemcpyHostToDevice, stream));
  norms_.reserve(n);
  scale_.reserve(n);
  diagonals_.reserve(3 * n);
  if (working == DType::float32)
    fill_zero(rows_f32_, rows * d, stream);
  else
    fill_zero(rows_f64_, rows * d, stream);
  fill_zero(features_f64_, features, stream);
  if (n_ == 0) {
    stream.synchronize();
    return;
  }

  with_dtype(x_dtype_, [&](auto type) {
    using X = decltype(type);
    launch(normalize_kernel<X>, static_cast<unsigned>(n_), kThreads, 0, cudaStream_t{stream},
           static_cast<const X*>(x_), width_, norms_.data(), scale_.data(), rows_f32_.data(),
           rows_f64_.data());
  });
  launch(features_kernel, blocks_for(n_), kThreads, 0, cudaStream_t{stream}, instructions_.data(),
         instruction_count_, tables.data(), norms_.data(), n_, width_, features_f64_.data(),
         stride_, diagonals_.data());
  if (working == DType::float32) {
    features_f32_.reserve(features);
    thrust::copy(thrust_on(stream), features_f64_.data(), features_f64_.data() + features,
                 features_f32_.data());
  }

  std::vector<double> results(3 * n), norms(n);
  check(cudaMemcpyAsync(results.data(), diagonals_.data(), 3 * n * sizeof(double),
                        cudaMemcpyDeviceToHost, stream));
  check(cudaMemcpyAsync(norms.data(), norms_.data(), n * sizeof(double), cudaMemcpyDeviceToHost,
                        stream));
  stream.synchronize();
  for (std::size_t i = 0; i < n; ++i) {
    if (!std::isfinite(norms[i]))
      throw DataError("the samples: NaN or Inf in row " + std::to_string(i));
    require_representable(static_cast<std::int64_t>(i), results[2 * n + i], working);
  }
  nngp_.assign(results.begin(), results.begin() + n_);
  ntk_.assign(results.begin() + n_, results.begin() + 2 * n_);
}

void copy_unit_rows(const Samples& samples, std::int64_t first, std::int64_t count, double* to,
                    cudaStream_t stream) {
  with_dtype(samples.x_dtype(), [&](auto type) {
    using X = decltype(type);
    launch(unit_rows_kernel<X>, static_cast<unsigned>(count), kThreads, 0, stream,
           static_cast<const X*>(samples.x()), samples.scale(), first, samples.width(), to);
  });
}

}  // namespace ntk::cuda
