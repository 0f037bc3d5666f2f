#include "src/io/sha256.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace ntk {
namespace {

std::string digest(const std::string& text, Sha256::Rounds rounds) {
  Sha256 sum(rounds);
  sum.update(text.data(), text.size());
  return sum.hex_digest();
}

// The examples of NIST for FIPS 180-4.
TEST(Sha256, GivesThePublishedDigests) {
  for (const auto rounds : {Sha256::Rounds::portable, Sha256::Rounds::fastest}) {
    EXPECT_EQ(digest("", rounds),
              "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(digest("abc", rounds),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(digest("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", rounds),
              "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    EXPECT_EQ(digest(std::string(1000000, 'a'), rounds),
              "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
  }
}

TEST(Sha256, DependsOnTheBytesAndNotOnHowTheyCome) {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += static_cast<char>(i * 37 + i / 7);
  for (std::size_t length : {55U, 56U, 63U, 64U, 65U, 119U, 128U, 1000U}) {
    const std::string whole = digest(text.substr(0, length), Sha256::Rounds::portable);
    for (std::size_t step : {1U, 7U, 64U, 100U}) {
      Sha256 sum;
      for (std::size_t at = 0; at < length; at += step)
        sum.update(text.data() + at, std::min(step, length - at));
      EXPECT_EQ(sum.hex_digest(), whole) << length << " by " << step;
    }
  }
}

}  // namespace
}  // namespace ntk
