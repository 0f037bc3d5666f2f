// The header of an .npy file: what the elements are and how they lie.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "ntk/array.h"
#include "src/io/byte_source.h"

namespace ntk {

// An element as stored in a file: '<f8', '>i2', '|b1', '<U5', ...
struct StoredElement {
  char kind = 'f';       // f, i, u, b, or U: text of code points
  std::size_t size = 8;  // bytes
  bool big_endian = false;

  bool is_text() const { return kind == 'U'; }
  DType read_as() const;  // float32 for f2 and f4, float64 for f8, int64 for i, u and b
};

struct NpyHeader {
  StoredElement element;
  bool fortran_order = false;
  Shape shape;
  std::uint64_t data_bytes = 0;  // product of shape and element size; it does not overflow
};

// Reads the header and nothing after it. Strict: a DataError says what is wrong and what was
// expected.
NpyHeader read_npy_header(ByteStream& stream);

// The dictionary in the header, a Python literal: keys 'descr', 'fortran_order' and 'shape', each
// once.
NpyHeader parse_npy_dictionary(const std::string& text, const std::string& file_name);

// A version 1.0 header for row-major data of this machine; a multiple of 64 bytes long.
std::string npy_header_text(DType dtype, const Shape& shape);
std::string npy_header_text(const std::string& descr, const Shape& shape);

}  // namespace ntk
