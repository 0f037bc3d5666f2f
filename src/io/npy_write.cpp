#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "ntk/error.h"
#include "src/io/npy.h"

namespace ntk {
namespace {

constexpr std::size_t kChunkBytes = std::size_t{1} << 20;

void require_writable_view(const ArrayView& array) {
  if (array.space != MemorySpace::host)
    throw UsageError(
        "an array to be written must be in host memory; copy it from the device first");
  if (!array.strides.empty() && array.strides.size() != array.shape.size())
    throw UsageError("an array to be written has " + std::to_string(array.shape.size()) +
                     " dimensions but " + std::to_string(array.strides.size()) + " strides");
  if (array.data == nullptr && array.size() > 0)
    throw UsageError("an array to be written has the shape " + to_string(array.shape) +
                     " but no data");
}

// The rows along the last axis, in row-major order of the others; a chunk at a time.
template <class T>
void gather(const ByteSink& sink, const ArrayView& array) {
  const std::size_t last = array.shape.size() - 1;
  const std::int64_t length = array.shape[last], stride = array.strides[last];
  Shape index(last, 0);
  std::int64_t start = 0;
  std::vector<T> chunk;
  for (std::int64_t rows = array.size() / length; rows > 0; --rows) {
    const T* row = array.as<T>() + start;
    for (std::int64_t i = 0; i < length; ++i) chunk.push_back(row[i * stride]);
    if (chunk.size() * sizeof(T) >= kChunkBytes || rows == 1) {
      sink(chunk.data(), chunk.size() * sizeof(T));
      chunk.clear();
    }
    for (std::size_t axis = last; axis-- > 0;) {
      start += array.strides[axis];
      if (++index[axis] < array.shape[axis]) break;
      start -= array.strides[axis] * array.shape[axis];
      index[axis] = 0;
    }
  }
}

}  // namespace

std::uint64_t npy_bytes(const ArrayView& array) {
  require_writable_view(array);
  return npy_header_text(array.dtype, array.shape).size() +
         static_cast<std::uint64_t>(array.size()) * size_of(array.dtype);
}

void write_npy_to(const ByteSink& sink, const ArrayView& array) {
  require_writable_view(array);
  const std::string header = npy_header_text(array.dtype, array.shape);
  sink(header.data(), header.size());
  const std::size_t bytes = static_cast<std::size_t>(array.size()) * size_of(array.dtype);
  if (bytes == 0) return;
  if (array.is_row_major()) return sink(array.data, bytes);
  switch (array.dtype) {
    case DType::float32:
      return gather<float>(sink, array);
    case DType::float64:
      return gather<double>(sink, array);
    case DType::int64:
      return gather<std::int64_t>(sink, array);
  }
}

}  // namespace ntk
