// Numbers as text files hold them: plain or scientific, with a point, whatever the locale.
#pragma once

#include <string>
#include <string_view>

namespace ntk {

enum class NumberText {
  number,
  missing,    // nothing, ?, NA, N/A, NaN or null
  infinite,   // inf, infinity
  too_large,  // more than T can hold
  other,      // text
};

// Rounds to the nearest T; what is too small for T becomes 0. `value` is set for a number only.
template <class T>
NumberText parse_number_text(std::string_view text, T& value);

bool is_missing(std::string_view text);

// "is missing ('NA')" and the like, with what to do about it; `text` is what stands there.
std::string complaint_about(NumberText kind, std::string_view text);

// Quoted for a message: cut where it is long, without control characters.
std::string quoted_for_message(std::string_view text);

}  // namespace ntk
