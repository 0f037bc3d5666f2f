// What the fuzzers run, a function for each parser: whatever bytes come, they are refused with the
// error that the parser is documented to throw, or what was read survives being written and read
// again. Anything else ends the process. Each returns whether the bytes were read as something.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace ntk::fuzz {

bool json(const std::uint8_t* data, std::size_t size);
bool expression(const std::uint8_t* data, std::size_t size);
bool npy(const std::uint8_t* data, std::size_t size);
bool npz(const std::uint8_t* data, std::size_t size);
bool csv(const std::uint8_t* data, std::size_t size);
bool libsvm(const std::uint8_t* data, std::size_t size);
bool model(const std::uint8_t* data, std::size_t size);

inline void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "fuzz: does not hold: %s\n", what);
  std::abort();
}

// Calls it; false if it threw an error of these types, which is an answer, too.
template <class... Refusals, class Call>
bool refused_or_done(Call call) {
  if constexpr (sizeof...(Refusals) == 0) {
    call();
    return true;
  } else {
    return [&]<class First, class... Rest>(First*, Rest*...) {
      try {
        return refused_or_done<Rest...>(call);
      } catch (const First&) {
        return false;
      }
    }(static_cast<Refusals*>(nullptr)...);
  }
}

}  // namespace ntk::fuzz
