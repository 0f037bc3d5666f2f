/// \file
/// Array files: .npy and .npz, strict when read, whole or absent when written. Any of these calls
/// may run concurrently, as long as no two write the same file.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "ntk/api.h"
#include "ntk/array.h"

namespace ntk {

/// Reads one array: "x.npy", or "data.npz:name" ("data.npz" alone if it holds one array). Floats
/// become float32 or float64, integers and booleans int64; the shape is the file's, row-major
/// whatever the file's order. Throws DataError naming the file, what is wrong and what was
/// expected; nothing is allocated on the word of a header that the file's size does not bear out.
NTK_API Array read_array(const std::string& path);

/// An array of an archive.
struct NamedArray {
  std::string name;  ///< without ".npy"
  Array array;       ///< its values, as read_array gives them
};
/// All arrays of an archive, in its order. Throws DataError, also for a member that is no array.
NTK_API std::vector<NamedArray> read_npz(const std::string& path);

/// Writes an array of any shape, element type, strides; in host memory. Written to path +
/// ".partial" and renamed when complete; on any error nothing of it is left behind. Throws
/// DataError where it cannot be written.
NTK_API void write_npy(const std::string& path, const ArrayView& array);
/// The same for an archive (stored, not compressed) of arrays with their names. Throws UsageError
/// for an empty name, DataError where it cannot be written.
NTK_API void write_npz(const std::string& path,
                       const std::vector<std::pair<std::string, ArrayView>>& arrays);

/// Looks at host memory of any shape, strided or not; int64 is always finite. Throws DataError
/// naming the first row and column, counted from 0, that hold NaN or Inf ("x1: NaN at row 3,
/// column 7"); `what` is the name in that message.
NTK_API void require_finite(const ArrayView& array, const std::string& what);

}  // namespace ntk
