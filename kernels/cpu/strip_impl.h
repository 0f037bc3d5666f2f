// Included once per instruction set, by a file that defines NTK_ISA and NTK_STRIP_KERNELS.
#pragma once

#include <cstring>

#include "kernels/cpu/lanes.h"
#include "kernels/cpu/products_impl.h"
#include "kernels/cpu/strip.h"
#include "kernels/math/run.h"

#define NTK_INLINE __attribute__((always_inline))

namespace ntk::cpu {
namespace {

using math::Entry;
using math::Lanes;

// Where the features of the strip's entries are: those of one row, of a run of columns, or listed.
struct OneRow {
  std::int64_t row;
  template <class T>
  NTK_HD Lanes<T> load(const T* feature, std::int64_t) const {
    return Lanes<T>(feature[row]);
  }
};
struct Run {
  std::int64_t first;
  template <class T>
  NTK_HD Lanes<T> load(const T* feature, std::int64_t j) const {
    return Lanes<T>::load(feature + first + j);
  }
};
struct Listed {
  const std::int32_t* index;
  template <class T>
  NTK_HD Lanes<T> load(const T* feature, std::int64_t j) const {
    return Lanes<T>::gather(feature, index + j);
  }
};

template <class T, class RowAt, class ColumnAt>
struct Strip {
  using L = Lanes<T>;
  const StripJob<T>& job;
  RowAt row_at;
  ColumnAt column_at;

  // Calls visit(j, features of the rows, of the columns, state) for each vector of entries; the
  // state is written back.
  template <int kF, bool kNtk, class Visit>
  NTK_HD void each(std::int32_t first_feature, Visit visit) const {
    const T* rows = job.row_features.data + first_feature * job.row_features.stride;
    const T* columns = job.column_features.data + first_feature * job.column_features.stride;
    const std::int64_t row_stride = job.row_features.stride,
                       column_stride = job.column_features.stride;
    T* v = job.v;
    T* theta = job.theta;
    for (std::int64_t j = 0; j < job.length; j += L::kCount) {
      L f1[kF + 1], f2[kF + 1];
      for (int f = 0; f < kF; ++f) {
        f1[f] = row_at.load(rows + f * row_stride, j);
        f2[f] = column_at.load(columns + f * column_stride, j);
      }
      Entry<L> e{L::load(v + j), kNtk ? L::load(theta + j) : L(0)};
      visit(j, f1, f2, e);
      e.v.store(v + j);
      if (kNtk) e.theta.store(theta + j);
    }
  }

  template <class Struct, bool kNtk>
  void step(const Instruction& in) const {
    const auto constants = Struct::template constants<L>(in.p);
    each<Struct::kFeatures, kNtk>(
        in.first_feature, [&](std::int64_t, const L* f1, const L* f2, Entry<L>& e)
                              NTK_INLINE { Struct::template step<kNtk>(constants, f1, f2, e); });
  }

  // With the state of a slot.
  template <class Struct, bool kNtk>
  void join(const Instruction& in) const {
    const T* v = slot(in.slot);
    const T* theta = v + kStripLength;
    each<Struct::kFeatures, kNtk>(
        in.first_feature, [&](std::int64_t j, const L* f1, const L* f2, Entry<L>& e) NTK_INLINE {
          const Entry<L> other{L::load(v + j), kNtk ? L::load(theta + j) : L(0)};
          Struct::template step<kNtk>(f1, f2, other, e);
        });
  }

  // The features of an expansion, of the rows or of the columns of the vector of entries at j.
  template <class At>
  struct Expansion {
    const At& at;
    const T* data;
    std::int64_t stride, j;
    const Terms& terms;
    NTK_HD L even(int k) const { return at.load(data + k * stride, j); }
    NTK_HD L odd(int k) const { return at.load(data + (terms.even + k) * stride, j); }
    NTK_HD L ratio() const { return at.load(data + (terms.even + terms.odd) * stride, j); }
  };

  template <bool kNtk>
  void expand(const Instruction& in) const {
    const auto &rows = job.row_features, &columns = job.column_features;
    const T* row_data = rows.data + in.first_feature * rows.stride;
    const T* column_data = columns.data + in.first_feature * columns.stride;
    each<0, kNtk>(
        in.first_feature, [&](std::int64_t j, const L*, const L*, Entry<L>& e) NTK_INLINE {
          math::series_step<kNtk>(
              math::terms_for<L>(in), Expansion<RowAt>{row_at, row_data, rows.stride, j, in.terms},
              Expansion<ColumnAt>{column_at, column_data, columns.stride, j, in.terms}, e);
        });
  }

  // K = s1 s2 rho with the output's standard deviations.
  void finish() const {
    each<1, false>(job.program->features - 1,
                   [&](std::int64_t, const L* f1, const L* f2, Entry<L>& e)
                       NTK_INLINE { e.v = f1[0] * f2[0] * e.rho(); });
  }

  T* slot(std::int32_t i) const { return job.slots + 2 * i * kStripLength; }

  template <bool kNtk>
  void move(T* to_v, const T* from_v, T* to_theta, const T* from_theta) const {
    const std::size_t bytes = static_cast<std::size_t>(job.length) * sizeof(T);
    std::memcpy(to_v, from_v, bytes);
    if (kNtk) std::memcpy(to_theta, from_theta, bytes);
  }

  template <bool kNtk>
  void run() const {
    if (kNtk) std::memset(job.theta, 0, static_cast<std::size_t>(job.length) * sizeof(T));
    for (const Instruction& in : job.program->instructions) {
      switch (in.op) {
        case Op::save:
          move<kNtk>(slot(in.slot), job.v, slot(in.slot) + kStripLength, job.theta);
          break;
        case Op::load:
          move<kNtk>(job.v, slot(in.slot), job.theta, slot(in.slot) + kStripLength);
          break;
        case Op::polynomial:
        case Op::function:
          expand<kNtk>(in);
          break;
#define NTK_CASE(op_name, Struct) \
  case Op::op_name:               \
    join<math::Struct, kNtk>(in); \
    break;
          NTK_JOINS(NTK_CASE)
#undef NTK_CASE
#define NTK_CASE(op_name, Struct) \
  case Op::op_name:               \
    step<math::Struct, kNtk>(in); \
    break;
          NTK_STEPS(NTK_CASE)
#undef NTK_CASE
      }
    }
    finish();
  }
};

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
