// Memory for large arrays.
#pragma once

#include <cstddef>
#include <string>

namespace ntk {

// Zeroed, aligned for every vector unit, in huge pages where the system has them; freed with
// std::free. Large memory is not touched: its pages come into being where they are first written.
// Throws MemoryError with the number of bytes when there is no memory. 0 bytes give a pointer that
// is not null.
void* allocate_zeroed(std::size_t bytes);

// Bytes that this process could still take: what the system has free, within the limits of control
// groups and ulimit.
std::size_t available_memory();

std::string format_bytes(std::size_t bytes);  // "3.2 GiB"

// Throws MemoryError if `needed` bytes for `what` exceed `limit` (0: what is free now). `advice`
// says what would fit.
void require_memory(std::size_t needed, std::size_t limit, const std::string& what,
                    const std::string& advice);

}  // namespace ntk
