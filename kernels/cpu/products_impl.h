// Products of float32 rows with float64 columns, included once per instruction set by strip_impl.h.
#pragma once

#include <cstdint>
#include <type_traits>

#include "kernels/cpu/lanes.h"

namespace ntk::cpu {
namespace {

// kRows x kColumns sums at a time stay in registers.
template <int kRows, int kColumns>
inline void some_products(std::int64_t k, const float* rows, std::int64_t ld, const double* columns,
                          std::int64_t column_ld, double* sums, std::int64_t sums_ld) {
  using Wide = math::Lanes<double>;
  Wide partial[kRows][kColumns];
  for (auto& row : partial)
    for (Wide& sum : row) sum = Wide(0);
  std::int64_t l = 0;
  for (; l + Wide::kCount <= k; l += Wide::kCount) {
    Wide a[kRows];
    for (int r = 0; r < kRows; ++r) a[r] = Wide::load_single(rows + r * ld + l);
    for (int c = 0; c < kColumns; ++c) {
      const Wide b = Wide::load(columns + c * column_ld + l);
      for (int r = 0; r < kRows; ++r) partial[r][c] += a[r] * b;
    }
  }
  for (int r = 0; r < kRows; ++r)
    for (int c = 0; c < kColumns; ++c) {
      double sum = 0;
      for (int i = 0; i < Wide::kCount; ++i) sum += partial[r][c].x[i];
      for (std::int64_t rest = l; rest < k; ++rest)
        sum += static_cast<double>(rows[r * ld + rest]) * columns[c * column_ld + rest];
      sums[r * sums_ld + c] = sum;
    }
}

template <int kRows>
inline void products_of_rows(std::int64_t k, const float* rows, std::int64_t ld, std::int64_t count,
                             const double* columns, std::int64_t column_ld, double* sums,
                             std::int64_t sums_ld) {
  constexpr bool kManyRegisters = math::Lanes<double>::kCount >= 8;
  std::int64_t c = 0;
  const auto some = [&](auto together) {
    for (; c + together <= count; c += together)
      some_products<kRows, together>(k, rows, ld, columns + c * column_ld, column_ld, sums + c,
                                     sums_ld);
  };
  if (kManyRegisters) some(std::integral_constant<int, 5>{});
  some(std::integral_constant<int, 3>{});
  some(std::integral_constant<int, 1>{});
}

// sums[i * sums_ld + c] = sum over l of rows[i * ld + l] columns[c * column_ld + l].
void wide_products(std::int64_t n, std::int64_t k, const float* rows, std::int64_t ld,
                   std::int64_t count, const double* columns, std::int64_t column_ld, double* sums,
                   std::int64_t sums_ld) {
  constexpr int kTogether = 4;
  std::int64_t i = 0;
  for (; i + kTogether <= n; i += kTogether)
    products_of_rows<kTogether>(k, rows + i * ld, ld, count, columns, column_ld, sums + i * sums_ld,
                                sums_ld);
  for (; i < n; ++i)
    products_of_rows<1>(k, rows + i * ld, ld, count, columns, column_ld, sums + i * sums_ld,
                        sums_ld);
}

}  // namespace
}  // namespace ntk::cpu
