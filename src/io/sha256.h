// SHA-256 (FIPS 180-4).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

namespace ntk {

class Sha256 {
 public:
  enum class Rounds { fastest, portable };  // by the processor's instruction where it has one
  explicit Sha256(Rounds rounds = Rounds::fastest);
  void update(const void* data, std::size_t bytes);
  std::string hex_digest();  // 64 digits; ends the computation

 private:
  void compress(const unsigned char* data, std::size_t blocks);

  bool by_instruction_ = false;
  std::array<std::uint32_t, 8> state_ = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                         0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  std::array<unsigned char, 64> block_ = {};
  std::uint64_t length_ = 0;  // bytes so far; block_ holds the last length_ % 64 of them
};

}  // namespace ntk
