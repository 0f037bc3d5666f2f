// The seeds of the fuzzers and what they once found, and the seeds with a byte changed or cut off,
// in every build.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "targets.h"

namespace ntk::fuzz {
namespace {

namespace fs = std::filesystem;

struct Parser {
  const char* name;
  bool (*run)(const std::uint8_t*, std::size_t);
};

std::string bytes_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<fs::path> files_in(const std::string& folder, const std::string& parser) {
  std::vector<fs::path> files;
  const fs::path place = fs::path(NTK_SOURCE_DIR) / "tests" / "fuzz" / folder / parser;
  if (!fs::exists(place)) return files;
  for (const auto& entry : fs::directory_iterator(place)) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

class Replay : public testing::TestWithParam<Parser> {
 protected:
  // A copy of its own, so that a sanitizer sees who reads past the end.
  static bool run(const std::string& bytes) {
    const std::vector<std::uint8_t> exact(bytes.begin(), bytes.end());
    return GetParam().run(exact.data(), exact.size());
  }
};

TEST_P(Replay, SeedsAndRegressions) {
  const auto seeds = files_in("seeds", GetParam().name);
  EXPECT_GE(seeds.size(), 3U) << "a parser has seeds";
  for (const fs::path& path : seeds)
    EXPECT_EQ(run(bytes_of(path)), path.filename().string().rfind("refused", 0) != 0) << path;
  for (const fs::path& path : files_in("regressions", GetParam().name)) run(bytes_of(path));
}

TEST_P(Replay, SeedsWithAByteChangedOrCutOff) {
  constexpr std::size_t kMostPlaces = 250;
  for (const fs::path& path : files_in("seeds", GetParam().name)) {
    const std::string seed = bytes_of(path);
    const std::size_t step = 1 + seed.size() / kMostPlaces;
    for (std::size_t at = 0; at < seed.size(); at += step) {
      run(seed.substr(0, at));
      for (const unsigned change : {1U, 0x20U, 0x80U}) {
        std::string changed = seed;
        changed[at] = static_cast<char>(static_cast<unsigned char>(changed[at]) ^ change);
        run(changed);
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Parsers, Replay,
                         testing::Values(Parser{"json", json}, Parser{"expression", expression},
                                         Parser{"npy", npy}, Parser{"npz", npz}, Parser{"csv", csv},
                                         Parser{"libsvm", libsvm}, Parser{"model", model}),
                         [](const auto& parser) { return std::string(parser.param.name); });

}  // namespace
}  // namespace ntk::fuzz
