// .npy arrays, read from any stream of bytes and written to any sink.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "ntk/array.h"
#include "src/io/byte_source.h"
#include "src/io/npy_header.h"

namespace ntk {

// The stream must hold one .npy array and nothing else. Allocates only what its size bears out.
Array read_npy(ByteStream& stream);

// Elements of a file in the machine's order and in a wider type, written to `to` (elements of
// stored.read_as()). Throws DataError for a value that does not fit; `first` is the index of
// from[0] in the file's order, for the message.
void decode_elements(const NpyHeader& header, const unsigned char* from, std::int64_t first,
                     std::int64_t count, void* to, const std::string& file_name);

using ByteSink = std::function<void(const void* data, std::size_t bytes)>;

// Size of the file that write_npy_to makes, and its bytes. A view may be strided; it must be on the
// host.
std::uint64_t npy_bytes(const ArrayView& array);
void write_npy_to(const ByteSink& sink, const ArrayView& array);

}  // namespace ntk
