// UTF-8 and the code points that NumPy keeps text as.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace ntk {

// False for bytes that are no UTF-8 (RFC 3629: no surrogates, no longer forms, up to U+10FFFF).
bool from_utf8(std::string_view text, std::u32string& points);
bool to_utf8(std::u32string_view points, std::string& text);

// What a name of a class may be: UTF-8 without control characters, not empty.
bool is_plain_text(std::string_view text);

}  // namespace ntk
