// .npy arrays, read from any stream of bytes and written to any sink.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "ntk/array.h"
#include "src/io/byte_source.h"
#include "src/io/npy_header.h"

namespace ntk {

// The stream must hold one .npy array and nothing else. Allocates only what its size bears out.
Array read_npy(ByteStream& stream);

// The same in two steps, for who does not know what the array holds. read_npy_texts takes an array
// of N or N x 1 texts (as UTF-8), the other one of numbers.
NpyHeader read_npy_start(ByteStream& stream);
Array read_npy_numbers(ByteStream& stream, const NpyHeader& header);
std::vector<std::string> read_npy_texts(ByteStream& stream, const NpyHeader& header);

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
// An array of N texts, which must be UTF-8, as NumPy keeps them.
void write_npy_texts_to(const ByteSink& sink, const std::vector<std::string>& texts);

}  // namespace ntk
