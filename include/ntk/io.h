// Array files: .npy and .npz, strict when read, whole or absent when written.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "ntk/array.h"

namespace ntk {

// Reads one array: "x.npy", or "data.npz:name" ("data.npz" alone if it holds one array). Floats
// become float32 or float64, integers and booleans int64. Throws DataError naming the file, what is
// wrong and what was expected; nothing is allocated on the word of a header that the file's size
// does not bear out.
Array read_array(const std::string& path);

struct NamedArray {
  std::string name;
  Array array;
};
// All arrays of an archive, in its order; a member that is no array is an error.
std::vector<NamedArray> read_npz(const std::string& path);

// Written to path + ".partial" and renamed when complete; on any error nothing of it is left
// behind.
void write_npy(const std::string& path, const ArrayView& array);
void write_npz(const std::string& path,
               const std::vector<std::pair<std::string, ArrayView>>& arrays);

// Looks at host memory, strided or not; int64 is always finite. Throws DataError naming the first
// row and column that holds NaN or Inf ("x1: NaN at row 3, column 7").
void require_finite(const ArrayView& array, const std::string& what);

}  // namespace ntk
