#include "src/io/sealed.h"

#include <gmock/gmock.h>

#include <cstdlib>

#include "io/io_support.h"
#include "src/io/sha256.h"

namespace ntk::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class Sealed : public ::testing::Test {
 protected:
  std::string seal() {
    const Array x = Array::of<double>({1, 2, 3, 4}, {2, 2}),
                labels = Array::of<std::int64_t>({7}, {1});
    write_sealed_npz(path_, {{"x", x}, {"labels", labels}}, metadata_);
    return bytes_of_file(path_);
  }
  static SealedArchive parse(const std::string& bytes) {
    return read_sealed_npz_from(MemorySource(bytes.data(), bytes.size(), "memory"));
  }
  static std::string refusal(const std::string& bytes) {
    return error_of([&] { parse(bytes); });
  }

  TemporaryFolder folder_;
  std::string path_ = folder_ / "model.npz";
  std::string metadata_ = "{\"ridge\": 0.5}\n";
};

TEST_F(Sealed, ComesBackAsItWas) {
  seal();
  const SealedArchive archive = read_sealed_npz(path_);
  EXPECT_EQ(archive.metadata, metadata_);
  ASSERT_EQ(archive.arrays.size(), 2U);
  EXPECT_EQ(archive.arrays[0].name, "x");
  EXPECT_EQ(archive.arrays[0].array.shape(), (Shape{2, 2}));
  EXPECT_THAT(values_of(archive.arrays[0].array), ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(values_of(archive.arrays[1].array), ElementsAre(7));
  EXPECT_THAT(folder_.entries(), ElementsAre("model.npz"));
}

TEST_F(Sealed, HasTheSumThatItsCommentSays) {
  const std::string bytes = seal();
  const std::size_t digits = bytes.size() - 64,
                    comment = bytes.rfind("libntk sealed archive 1, sha256 ");
  Sha256 sum;
  sum.update(bytes.data(), comment);
  EXPECT_EQ(bytes.substr(digits), sum.hex_digest());
  EXPECT_EQ(comment + 32, digits);
}

TEST_F(Sealed, NoticesEveryChangedByte) {
  const std::string whole = seal();
  for (std::size_t at = 0; at < whole.size(); ++at)
    for (const int change : {1, 32, 255}) {
      std::string changed = whole;
      changed[at] = static_cast<char>(changed[at] ^ change);
      EXPECT_THROW(parse(changed), DataError) << at;
    }
}

TEST_F(Sealed, NoticesEveryMissingOrAddedByte) {
  const std::string whole = seal();
  for (std::size_t at = 0; at < whole.size(); ++at) {
    EXPECT_THROW(parse(whole.substr(0, at)), DataError) << "cut at " << at;
    EXPECT_THROW(parse(whole.substr(0, at) + whole.substr(at + 1)), DataError) << "without " << at;
    EXPECT_THROW(parse(whole.substr(0, at) + '\0' + whole.substr(at)), DataError)
        << "more at " << at;
  }
  EXPECT_THAT(refusal(whole + "\n"), HasSubstr("damaged"));
}

TEST_F(Sealed, SaysWhatIsWrong) {
  std::string bytes = seal();
  bytes[100] = static_cast<char>(bytes[100] ^ 1);
  EXPECT_THAT(refusal(bytes), HasSubstr("damaged: its SHA-256"));
  bytes = seal();
  bytes[bytes.rfind(" 1, sha256") + 1] = '2';
  EXPECT_THAT(refusal(bytes), HasSubstr("'libntk sealed archive 2'; this libntk reads "
                                        "'libntk sealed archive 1'"));
  EXPECT_THAT(refusal(bytes_of_file(fixture("plain.npz"))), HasSubstr("is torn, or no model"));
  EXPECT_THAT(refusal(""), HasSubstr("torn"));
}

TEST_F(Sealed, NeedsItsMetadata) {
  // A sound archive of another writer with a right seal.
  write_npz(path_, {});
  std::string bytes = bytes_of_file(path_);
  bytes[bytes.size() - 2] = 96;
  Sha256 sum;
  sum.update(bytes.data(), bytes.size());
  EXPECT_THAT(refusal(bytes + "libntk sealed archive 1, sha256 " + sum.hex_digest()),
              HasSubstr("has no member 'ntk_model.json'"));
}

TEST_F(Sealed, IsAnArchiveThatNumPyOpens) {
  if (std::system("python3 -c 'import numpy' >/dev/null 2>&1") != 0)
    GTEST_SKIP() << "there is no python3 with numpy on the PATH";
  seal();
  const std::string script = folder_.write("check.py", R"(
import sys, json, hashlib, numpy as np
model = np.load(sys.argv[1])
assert model['x'].tolist() == [[1, 2], [3, 4]] and model['labels'].tolist() == [7]
assert json.loads(model['ntk_model.json']) == {'ridge': 0.5}
data = open(sys.argv[1], 'rb').read()
assert hashlib.sha256(data[:-96]).hexdigest().encode() == data[-64:]
)");
  EXPECT_EQ(std::system(("python3 " + script + " " + path_).c_str()), 0);
}

}  // namespace
}  // namespace ntk::testing
