#include "src/io/libsvm.h"

#include <gmock/gmock.h>

#include <cstdio>

#include "io/io_support.h"
#include "ntk/io.h"

namespace ntk::testing {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

LibsvmData parse(const std::string& text, const LibsvmOptions& options = {}) {
  return read_libsvm(MemorySource(text.data(), text.size(), "d.libsvm"), options);
}

template <class E = DataError>
std::string refusal(const std::string& text, const LibsvmOptions& options = {}) {
  return error_of<E>([&] { parse(text, options); });
}

TEST(Libsvm, WhatIsNotThereIsZero) {
  const LibsvmData data = parse("+1 1:0.5 3:-2e1\n-1 2:1\n0\n");
  EXPECT_EQ(data.x.shape(), (Shape{3, 3}));
  EXPECT_THAT(values_of(data.x), ElementsAre(0.5, 0, -20, 0, 1, 0, 0, 0, 0));
  EXPECT_THAT(values_of(data.labels), ElementsAre(1, -1, 0));
}

TEST(Libsvm, CommentsSpacesAndLineEnds) {
  const LibsvmData data =
      parse("\xef\xbb\xbf# made by hand\r\n1 1:2 # one 9:9\r\n\r\n \t2\t 2:3 \r\n3 1:1#end");
  EXPECT_THAT(values_of(data.x), ElementsAre(2, 0, 0, 3, 1, 0));
  EXPECT_THAT(values_of(data.labels), ElementsAre(1, 2, 3));
}

TEST(Libsvm, TheWidthMayBeGiven) {
  LibsvmOptions options;
  options.width = 4;
  options.dtype = DType::float32;
  const LibsvmData data = parse("1 2:0.1\n", options);
  EXPECT_EQ(data.x.dtype(), DType::float32);
  EXPECT_THAT(values_of(data.x), ElementsAre(0, 0.1F, 0, 0));
  EXPECT_THAT(refusal("1 1:1\n1 2:1 5:1\n", options),
              AllOf(HasSubstr("d.libsvm: line 2: the index 5"), HasSubstr("past the 4 features")));
}

TEST(Libsvm, MistakesAreNamedByTheirLine) {
  EXPECT_THAT(refusal("1 1:1\n1 2:1 2:3\n"),
              HasSubstr("line 2: the index 2 comes after 2; indices must ascend"));
  EXPECT_THAT(refusal("1 0:1\n"), AllOf(HasSubstr("count from 1"), HasSubstr("zero_based")));
  EXPECT_THAT(refusal("1 -1:1\n"), HasSubstr("no whole number"));
  EXPECT_THAT(refusal("1 1.5:1\n"), HasSubstr("no whole number"));
  EXPECT_THAT(refusal("1 99999999999999999999:1\n"), HasSubstr("no whole number"));
  EXPECT_THAT(refusal("1 :1\n"), HasSubstr("no whole number"));
  EXPECT_THAT(refusal("1 1:x\n"), HasSubstr("line 1: index 1: its value is no number ('x')"));
  EXPECT_THAT(refusal("1 1:\n"), HasSubstr("is missing"));
  EXPECT_THAT(refusal("1 1:nan\n"), HasSubstr("is missing ('nan')"));
  EXPECT_THAT(refusal("1 1:inf\n"), HasSubstr("is infinite"));
  EXPECT_THAT(refusal("1 2\n"), HasSubstr("expected index:value, found '2'"));
  EXPECT_THAT(refusal("1 qid:3 1:1\n"), HasSubstr("does not rank"));
  EXPECT_THAT(refusal("1:2 2:3\n"), HasSubstr("expected a label before"));
  EXPECT_THAT(refusal("1,3 2:3\n"), HasSubstr("is several"));
  EXPECT_THAT(refusal("cat 2:3\n"), HasSubstr("the label is no number ('cat')"));
  EXPECT_THAT(refusal("# nothing\n\n"), HasSubstr("is empty"));
  EXPECT_THAT(refusal("1 1:" + std::string(5000, '1')), HasSubstr("longer than 4096"));
}

// A few bytes may stand for any amount of zeros.
TEST(Libsvm, AnIndexThatMemoryDoesNotBearOutAllocatesNothing) {
  LibsvmOptions options;
  options.memory_limit = 1000;
  EXPECT_THAT(refusal<MemoryError>("1 200:1\n", options), HasSubstr("dense array of 1x200"));
  EXPECT_THAT(refusal<MemoryError>("1 400000000000000:1\n"), HasSubstr("dense array"));
  EXPECT_THAT(refusal("1 9223372036854775807:1\n2\n"), HasSubstr("more than any memory"));
}

// Words and comments that lie across the pieces in which a file is read.
TEST(Libsvm, LargeFilesAreReadInPieces) {
  std::string text;
  std::vector<double> expected;
  char row[128];
  for (int i = 0; i < 20000; ++i) {
    const double a = i / 7.0, b = -1e-30 * i;
    std::snprintf(row, sizeof row, "%d\t1:%.17g  3:%.17g # row %d\r\n", i, a, b, i);
    text += row;
    expected.insert(expected.end(), {a, 0, b});
  }
  ASSERT_GT(text.size(), std::size_t{3} << 18);
  const LibsvmData data = parse(text);
  EXPECT_EQ(values_of(data.x), expected);
  for (int i = 0; i < 20000; ++i) ASSERT_EQ(data.labels.as<double>()[i], i);
}

TEST(Libsvm, FilesAreKnownByTheirEnding) {
  const TemporaryFolder folder;
  for (const char* name : {"d.libsvm", "d.svm", "d.svmlight", "d.SVM"}) {
    const std::string path = folder.write(name, "3 2:1\n4 1:5\n");
    EXPECT_THAT(values_of(read_array(path)), ElementsAre(0, 1, 5, 0)) << name;
    EXPECT_THAT(values_of(read_targets(path).numbers), ElementsAre(3, 4)) << name;
    EXPECT_THAT(error_of([&] { read_array(path + ":a"); }), HasSubstr("leave out ':a'"));
  }
  EXPECT_THAT(error_of([&] { read_array(folder.write("d.txt", "3 2:1\n")); }),
              HasSubstr(".libsvm, .svm or .svmlight"));
}

}  // namespace
}  // namespace ntk::testing
