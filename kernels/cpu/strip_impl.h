// Included once per instruction set, by a file that defines NTK_ISA and NTK_STRIP_KERNELS.
#pragma once

#include <cstring>

#include "kernels/cpu/products_impl.h"
#include "kernels/cpu/strip_steps.h"

namespace ntk::cpu {
namespace {

template <class T, class RowAt, class ColumnAt>
void run_at(const StripJob<T>& job, RowAt row_at, ColumnAt column_at) {
  const Strip<T, RowAt, ColumnAt> strip{job, row_at, column_at};
  if (job.theta)
    strip.template run<true>();
  else
    strip.template run<false>();
}

template <class T>
void run(const StripJob<T>& job) {
  if (job.rows)
    run_at(job, Listed{job.rows}, Listed{job.columns});
  else
    run_at(job, OneRow{job.row}, Run{job.column});
}

template <class T>
std::int64_t begin(std::int64_t n, T* rho, T near) {
  using L = Lanes<T>;
  typename L::Mask count{};
  for (std::int64_t j = 0; j < n; j += L::kCount) {
    const auto e = math::entry_from_correlation(L::load(rho + j));
    e.v.store(rho + j);
    count -= e.m() < L(near);  // a true lane is -1
  }
  std::int64_t total = 0;
  for (int i = 0; i < L::kCount; ++i) total += count[i];
  return total;
}

template <class T>
Ends ends(std::int64_t d, const T* x, double x_scale, const T* y, double y_scale) {
  double difference = 0, sum = 0;
#pragma omp simd reduction(+ : difference, sum)
  for (std::int64_t k = 0; k < d; ++k) {
    const double d_k = math::difference_of_products(x[k], x_scale, y[k], y_scale);
    const double s_k = math::difference_of_products(x[k], x_scale, -y[k], y_scale);
    difference += d_k * d_k;
    sum += s_k * s_k;
  }
  return {difference, sum};
}

// Whole vectors go past the caches, what stands before and after them through.
void stream(void* to, const void* from, std::size_t bytes) {
  auto* target = static_cast<char*>(to);
  auto* source = static_cast<const char*>(from);
#if defined(__SSE2__)
  constexpr std::size_t kVector = math::kVectorBytes;
  const std::size_t misaligned = reinterpret_cast<std::uintptr_t>(target) % kVector;
  const std::size_t head = misaligned == 0 ? 0 : kVector - misaligned;
  if (bytes >= head + kVector) {
    std::memcpy(target, source, head);
    std::size_t at = head;
    for (; at + kVector <= bytes; at += kVector) {
#if defined(__AVX512F__)
      _mm512_stream_si512(reinterpret_cast<__m512i*>(target + at), _mm512_loadu_si512(source + at));
#elif defined(__AVX2__)
      _mm256_stream_si256(reinterpret_cast<__m256i*>(target + at),
                          _mm256_loadu_si256(reinterpret_cast<const __m256i*>(source + at)));
#else
      _mm_stream_si128(reinterpret_cast<__m128i*>(target + at),
                       _mm_loadu_si128(reinterpret_cast<const __m128i*>(source + at)));
#endif
    }
    std::memcpy(target + at, source + at, bytes - at);
    return;
  }
#endif
  std::memcpy(target, source, bytes);
}

// Sixteen columns at a time through a buffer in the innermost cache, so that each row of the result
// is written in one go. The odd stride keeps the buffer's rows out of each other's cache sets.
template <class T>
void transpose(std::int64_t rows, std::int64_t columns, const T* from, std::int64_t from_ld, T* to,
               std::int64_t to_ld, bool streaming) {
  constexpr std::int64_t kColumns = 16, kRows = kStripLength, kStride = kRows + 16;
  alignas(64) T buffer[kColumns * kStride];
  for (std::int64_t i0 = 0; i0 < rows; i0 += kRows) {
    const std::int64_t n = rows - i0 < kRows ? rows - i0 : kRows;
    for (std::int64_t j0 = 0; j0 < columns; j0 += kColumns) {
      const std::int64_t width = columns - j0 < kColumns ? columns - j0 : kColumns;
      for (std::int64_t i = 0; i < n; ++i)
        for (std::int64_t j = 0; j < width; ++j)
          buffer[j * kStride + i] = from[(i0 + i) * from_ld + j0 + j];
      for (std::int64_t j = 0; j < width; ++j) {
        T* row = to + (j0 + j) * to_ld + i0;
        const std::size_t bytes = static_cast<std::size_t>(n) * sizeof(T);
        if (streaming)
          stream(row, buffer + j * kStride, bytes);
        else
          std::memcpy(row, buffer + j * kStride, bytes);
      }
    }
  }
}

}  // namespace

const StripKernels NTK_STRIP_KERNELS = {
    NTK_STRIP_NAME, begin<float>, begin<double>,    run<float>,        run<double>,  ends<float>,
    ends<double>,   stream,       transpose<float>, transpose<double>, wide_products};

}  // namespace ntk::cpu
