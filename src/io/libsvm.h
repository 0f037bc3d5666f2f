// LIBSVM files: a label and the entries that are not zero, one sample a line.
#pragma once

#include <cstdint>
#include <optional>

#include "ntk/array.h"
#include "src/io/byte_source.h"

namespace ntk {

struct LibsvmData {
  Array x;       // samples x width
  Array labels;  // float64, one for each sample
};

struct LibsvmOptions {
  DType dtype = DType::float64;  // of x
  // Of a sample; none: the largest index. A larger index is an error then.
  std::optional<std::int64_t> width = std::nullopt;
  std::size_t memory_limit = 0;  // for x, which is dense; 0: what is free
};

// "label index:value index:value ... # comment": indices count from 1 and ascend. Throws DataError
// naming the line and what stands there, MemoryError when x would not fit.
LibsvmData read_libsvm(const ByteSource& source, const LibsvmOptions& options);

// The labels alone, of any number of features.
Array read_libsvm_labels(const ByteSource& source);

}  // namespace ntk
