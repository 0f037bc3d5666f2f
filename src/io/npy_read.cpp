#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "ntk/error.h"
#include "src/base/large_memory.h"
#include "src/io/npy.h"

namespace ntk {
namespace {

constexpr std::int64_t kChunkBytes = std::int64_t{4} << 20;
constexpr std::size_t kWorthAsking = std::size_t{64} << 20;

void require_exact_size(const NpyHeader& header, const ByteStream& stream) {
  const std::uint64_t have = stream.remaining(), expected = header.data_bytes;
  if (have == expected) return;
  const std::string sizes = "the shape " + to_string(header.shape) + " of " +
                            std::to_string(header.element.size) + "-byte elements takes " +
                            std::to_string(expected) + " bytes, but " + std::to_string(have) +
                            " follow the header";
  if (have < expected)
    throw DataError(stream.name() + ": torn: " + sizes + "; make the file again");
  throw DataError(stream.name() + ": trailing bytes: " + sizes + "; one file holds one array");
}

// Column-major and row-major are the same where at most one extent is not 1.
bool is_in_column_order(const NpyHeader& header) {
  const auto extended = std::count_if(header.shape.begin(), header.shape.end(),
                                      [](std::int64_t extent) { return extent != 1; });
  return header.fortran_order && extended > 1 && header.data_bytes > 0;
}

bool lies_as_read(const NpyHeader& header) {
  const auto [kind, size, big_endian] = header.element;
  return !big_endian && (kind == 'f' ? size >= 4 : kind == 'i' && size == 8) &&
         !is_in_column_order(header);
}

// Row-major places of elements that come in column-major order. The array is taken as columns of
// length shape[0]: consecutive elements of a column are shape[1] * shape[2] * ... apart.
class ColumnOrder {
 public:
  explicit ColumnOrder(const Shape& shape)
      : shape_(shape), strides_(row_major_strides(shape)), rows_(shape[0]) {}

  template <class T>
  void scatter(const T* from, std::int64_t first, std::int64_t count, T* to) {
    const std::int64_t first_column = first / rows_, last_column = (first + count - 1) / rows_;
    starts_.clear();
    for (std::int64_t c = first_column; c <= last_column; ++c) starts_.push_back(start_of(c));
    // A few rows at a time over all columns at hand, so that neighbours meet in the cache.
    constexpr std::int64_t band = 32;
    for (std::int64_t row = 0; row < rows_; row += band)
      for (std::int64_t c = first_column; c <= last_column; ++c) {
        const std::int64_t begin = std::max(row, first - c * rows_);
        const std::int64_t end = std::min({row + band, rows_, first + count - c * rows_});
        T* column = to + starts_[static_cast<std::size_t>(c - first_column)];
        for (std::int64_t r = begin; r < end; ++r)
          column[r * strides_[0]] = from[c * rows_ + r - first];
      }
  }

 private:
  std::int64_t start_of(std::int64_t column) const {
    std::int64_t start = 0;
    for (std::size_t axis = 1; axis < shape_.size(); ++axis) {
      start += column % shape_[axis] * strides_[axis];
      column /= shape_[axis];
    }
    return start;
  }

  const Shape& shape_;
  Shape strides_;
  std::int64_t rows_;
  std::vector<std::int64_t> starts_;
};

template <class T>
void read_in_chunks(ByteStream& stream, const NpyHeader& header, T* to) {
  const auto element = static_cast<std::int64_t>(header.element.size);
  const std::int64_t total = element_count(header.shape);
  const std::int64_t chunk = std::min(total, kChunkBytes / static_cast<std::int64_t>(sizeof(T)));
  const bool columns = is_in_column_order(header);
  std::vector<unsigned char> raw(static_cast<std::size_t>(chunk * element));
  std::vector<T> decoded(static_cast<std::size_t>(columns ? chunk : 0));
  std::optional<ColumnOrder> order;
  if (columns) order.emplace(header.shape);
  for (std::int64_t first = 0; first < total; first += chunk) {
    const std::int64_t count = std::min(chunk, total - first);
    stream.read(raw.data(), static_cast<std::size_t>(count * element));
    T* place = columns ? decoded.data() : to + first;
    decode_elements(header, raw.data(), first, count, place, stream.name());
    if (columns) order->scatter(decoded.data(), first, count, to);
  }
}

Array allocate(const NpyHeader& header, const std::string& name) {
  const DType dtype = header.element.read_as();
  const std::size_t bytes = static_cast<std::size_t>(element_count(header.shape)) * size_of(dtype);
  if (bytes >= kWorthAsking)
    require_memory(bytes, 0, name, "read it on a larger machine, or save fewer rows in it");
  return Array(dtype, header.shape);
}

}  // namespace

NpyHeader read_npy_start(ByteStream& stream) {
  NpyHeader header = read_npy_header(stream);
  require_exact_size(header, stream);
  return header;
}

Array read_npy(ByteStream& stream) { return read_npy_numbers(stream, read_npy_start(stream)); }

Array read_npy_numbers(ByteStream& stream, const NpyHeader& header) {
  if (header.element.is_text())
    throw DataError(stream.name() + ": the array is text (" +
                    (header.element.big_endian ? ">U" : "<U") +
                    std::to_string(header.element.size / 4) +
                    "); expected numbers: text serves for class labels only");
  Array array = allocate(header, stream.name());
  if (lies_as_read(header)) {
    stream.read(array.data(), array.bytes());
  } else if (array.dtype() == DType::float32) {
    read_in_chunks(stream, header, array.as<float>());
  } else if (array.dtype() == DType::float64) {
    read_in_chunks(stream, header, array.as<double>());
  } else {
    read_in_chunks(stream, header, array.as<std::int64_t>());
  }
  stream.finish();
  return array;
}

}  // namespace ntk
