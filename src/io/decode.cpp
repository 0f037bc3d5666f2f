// The element types of .npy files.
#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <type_traits>

#include "ntk/error.h"
#include "src/io/npy.h"

namespace ntk {
namespace {

template <class Bits>
Bits swapped(Bits bits) {
  if constexpr (sizeof(Bits) == 2) return __builtin_bswap16(bits);
  if constexpr (sizeof(Bits) == 4) return __builtin_bswap32(bits);
  if constexpr (sizeof(Bits) == 8) return __builtin_bswap64(bits);
  return bits;
}

template <class Bits>
Bits load(const unsigned char* from, bool big_endian) {
  Bits bits;
  std::memcpy(&bits, from, sizeof bits);
  return big_endian ? swapped(bits) : bits;
}

// IEEE 754 binary16: 1 sign, 5 exponent (bias 15), 10 fraction bits.
float from_half(std::uint16_t half) {
  const std::uint32_t sign = std::uint32_t{half} >> 15 << 31;
  const std::uint32_t exponent = half >> 10 & 31, fraction = half & 1023;
  if (exponent == 0) {
    const float magnitude = static_cast<float>(fraction) * 0x1p-24F;
    return std::bit_cast<float>(std::bit_cast<std::uint32_t>(magnitude) | sign);
  }
  const std::uint32_t wide = exponent == 31 ? 255 : exponent + 112;
  return std::bit_cast<float>(sign | wide << 23 | fraction << 13);
}

template <class Bits, class To, class Convert>
void decode_as(const unsigned char* from, bool big_endian, std::int64_t count, void* to,
               Convert convert) {
  auto* out = static_cast<To*>(to);
  for (std::int64_t i = 0; i < count; ++i)
    out[i] = convert(load<Bits>(from + i * static_cast<std::int64_t>(sizeof(Bits)), big_endian));
}

std::string place_of(const NpyHeader& header, std::int64_t index) {
  const std::size_t dimensions = header.shape.size();
  Shape place(dimensions);
  for (std::size_t k = 0; k < dimensions; ++k) {
    const std::size_t axis = header.fortran_order ? k : dimensions - 1 - k;
    place[axis] = index % header.shape[axis];
    index /= header.shape[axis];
  }
  std::string text = "[";
  for (std::size_t k = 0; k < dimensions; ++k)
    text += (k > 0 ? ", " : "") + std::to_string(place[k]);
  return text + "]";
}

template <class Signed>
void decode_integers(const NpyHeader& header, const unsigned char* from, std::int64_t count,
                     void* to) {
  using Bits = std::make_unsigned_t<Signed>;
  const bool big = header.element.big_endian;
  if (header.element.kind == 'i')
    decode_as<Bits, std::int64_t>(
        from, big, count, to, [](Bits bits) { return std::int64_t{static_cast<Signed>(bits)}; });
  else
    decode_as<Bits, std::int64_t>(from, big, count, to,
                                  [](Bits bits) { return static_cast<std::int64_t>(bits); });
}

void refuse_large_unsigned(const NpyHeader& header, const std::int64_t* values, std::int64_t first,
                           std::int64_t count, const std::string& name) {
  for (std::int64_t i = 0; i < count; ++i)
    if (values[i] < 0)
      throw DataError(name + ": " + std::to_string(static_cast<std::uint64_t>(values[i])) + " at " +
                      place_of(header, first + i) + " is past 2^63 - 1, the largest int64");
}

void refuse_bad_bools(const NpyHeader& header, const std::int64_t* values, std::int64_t first,
                      std::int64_t count, const std::string& name) {
  for (std::int64_t i = 0; i < count; ++i)
    if (values[i] > 1)
      throw DataError(name + ": byte " + std::to_string(values[i]) + " at " +
                      place_of(header, first + i) + " is no boolean; expected 0 or 1");
}

}  // namespace

void decode_elements(const NpyHeader& header, const unsigned char* from, std::int64_t first,
                     std::int64_t count, void* to, const std::string& file_name) {
  const auto [kind, size, big] = header.element;
  if (kind == 'f') {
    if (size == 2)
      decode_as<std::uint16_t, float>(from, big, count, to,
                                      [](std::uint16_t bits) { return from_half(bits); });
    if (size == 4)
      decode_as<std::uint32_t, float>(
          from, big, count, to, [](std::uint32_t bits) { return std::bit_cast<float>(bits); });
    if (size == 8)
      decode_as<std::uint64_t, double>(
          from, big, count, to, [](std::uint64_t bits) { return std::bit_cast<double>(bits); });
    return;
  }
  if (size == 1) decode_integers<std::int8_t>(header, from, count, to);
  if (size == 2) decode_integers<std::int16_t>(header, from, count, to);
  if (size == 4) decode_integers<std::int32_t>(header, from, count, to);
  if (size == 8) decode_integers<std::int64_t>(header, from, count, to);
  const auto* values = static_cast<const std::int64_t*>(to);
  if (kind == 'u' && size == 8) refuse_large_unsigned(header, values, first, count, file_name);
  if (kind == 'b') refuse_bad_bools(header, values, first, count, file_name);
}

}  // namespace ntk
