// Sealed archives: an .npz in which any changed, missing or added byte is noticed.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "ntk/array.h"
#include "ntk/io.h"
#include "src/io/byte_source.h"

namespace ntk {

// The arrays, and a text (JSON by convention) that lies in the archive as it is, as
// "ntk_model.json".
struct SealedArchive {
  std::vector<NamedArray> arrays;
  std::string metadata;
};

// The zip comment holds a version and the SHA-256 of all bytes before the comment's text:
//   libntk sealed archive 1, sha256 <64 hexadecimal digits>
// NumPy opens such a file as any .npz. Written as write_npz writes.
void write_sealed_npz(const std::string& path,
                      const std::vector<std::pair<std::string, ArrayView>>& arrays,
                      const std::string& metadata);

// Throws DataError when the file is not sealed, of another version, or not what was sealed.
SealedArchive read_sealed_npz(const std::string& path);
SealedArchive read_sealed_npz_from(const ByteSource& source);

}  // namespace ntk
