#include <gmock/gmock.h>

#include "io/io_support.h"
#include "ntk/io.h"
#include "src/io/npz.h"

namespace ntk::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class DatasetFiles : public ::testing::Test {
 protected:
  DatasetFiles()
      : table_(folder_.write("data.csv", "a,kind,b\n1,cat,2\n3,dog,4\n5,cat,6\n")),
        x_(folder_.write("x.csv", "1,2\n3,4\n5,6\n")) {}

  TemporaryFolder folder_;
  std::string table_, x_;
};

TEST_F(DatasetFiles, XLeavesOutTheColumnsOfY) {
  const Dataset text = read_dataset(table_, table_ + ":kind");
  EXPECT_EQ(text.x.shape(), (Shape{3, 2}));
  EXPECT_THAT(values_of(text.x), ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_THAT(text.y.texts, ElementsAre("cat", "dog", "cat"));
  EXPECT_TRUE(text.y.from_text);
  const Dataset number = read_dataset(table_ + ":b,a", table_ + ":b");
  EXPECT_EQ(number.x.shape(), (Shape{3, 1}));
  EXPECT_THAT(values_of(number.x), ElementsAre(1, 3, 5));
  EXPECT_EQ(number.y.numbers.shape(), (Shape{3}));
  EXPECT_THAT(values_of(number.y.numbers), ElementsAre(2, 4, 6));
}

TEST_F(DatasetFiles, TheSameTableUnderAnotherPathIsTheSame) {
  std::filesystem::create_symlink(table_, folder_ / "link.csv");
  EXPECT_EQ(read_dataset(table_, folder_ / "link.csv:kind").x.shape(), (Shape{3, 2}));
}

TEST_F(DatasetFiles, WhatIsYMustBeSaid) {
  EXPECT_THAT(error_of([&] { read_dataset(table_, table_); }), HasSubstr("data.csv:NAME"));
  EXPECT_THAT(error_of([&] { read_dataset(table_ + ":a", table_ + ":a"); }),
              HasSubstr("no column is left for x"));
  EXPECT_THAT(error_of([&] { read_dataset(table_, x_); }),
              HasSubstr("line 2, column 2 ('kind'): is no number ('cat')"));
}

TEST_F(DatasetFiles, TargetsOfATableOfTheirOwn) {
  const std::string one = folder_.write("one.csv", "1\n2\n3\n");
  EXPECT_EQ(read_dataset(x_, one).y.numbers.shape(), (Shape{3}));
  EXPECT_EQ(read_dataset(x_, x_ + ":1").x.shape(), (Shape{3, 1}));
  const std::string two = folder_.write("two.csv", "1,2\n2,3\n3,4\n");
  EXPECT_EQ(read_dataset(x_, two).y.numbers.shape(), (Shape{3, 2}));
  EXPECT_EQ(read_dataset(x_, two + ":2").y.numbers.shape(), (Shape{3}));
}

TEST_F(DatasetFiles, SamplesAreRowsAlsoOfOneColumn) {
  EXPECT_EQ(read_dataset(table_ + ":a", "").x.shape(), (Shape{3, 1}));
  EXPECT_EQ(read_dataset(table_ + ":a", "").y.count(), 0);
}

TEST_F(DatasetFiles, LibsvmBringsItsLabels) {
  const std::string path = folder_.write("d.libsvm", "3 2:1\n4 1:5\n");
  const Dataset own = read_dataset(path, "");
  EXPECT_EQ(own.x.shape(), (Shape{2, 2}));
  EXPECT_THAT(values_of(own.y.numbers), ElementsAre(3, 4));
  EXPECT_TRUE(own.y.from_text);
  const std::string y = folder_.write("y.csv", "7\n8\n");
  EXPECT_THAT(values_of(read_dataset(path, y).y.numbers), ElementsAre(7, 8));
  ReadOptions options;
  options.width = 1;
  EXPECT_THAT(error_of([&] { read_dataset(path, "", options); }), HasSubstr("line 1: the index 2"));
}

TEST_F(DatasetFiles, ElementTypeIsThatOfTheSamples) {
  ReadOptions options;
  options.dtype = DType::float32;
  const Dataset data = read_dataset(x_, x_ + ":2", options);
  EXPECT_EQ(data.x.dtype(), DType::float32);
  EXPECT_EQ(data.y.numbers.dtype(), DType::float64);
}

TEST_F(DatasetFiles, LabelsOfTextInArrays) {
  EXPECT_THAT(read_targets(fixture("refused_text.npy")).texts, ElementsAre("a", "b"));
  const std::vector<std::string> labels = {"dog", "\xc3\xa9t\xc3\xa9", "\xf0\x9f\x90\xb1 cat"};
  write_npz(folder_ / "t.npz", {}, {{"y", labels}});
  EXPECT_EQ(read_targets(folder_ / "t.npz:y").texts, labels);
  EXPECT_FALSE(read_targets(folder_ / "t.npz:y").from_text);
  EXPECT_THAT(error_of([&] { read_array(folder_ / "t.npz:y"); }), HasSubstr("text (<U5)"));
  // Big-endian, in column order, as a column: "ca" and U+1F431.
  const std::string points("\0\0\0c\0\0\0a\0\1\xf4\x31\0\0\0\0", 16);
  const std::string dictionary = "{'descr': '>U2', 'fortran_order': True, 'shape': (2, 1)}";
  EXPECT_THAT(read_targets(folder_.write("b.npy", npy_file(dictionary, points))).texts,
              ElementsAre("ca", "\xf0\x9f\x90\xb1"));
}

TEST_F(DatasetFiles, TextThatIsNoLabelIsRefused) {
  const auto refusal = [&](const std::string& shape, const std::string& data,
                           const std::string& descr = "<U1") {
    const std::string file = npy_file(
        "{'descr': '" + descr + "', 'fortran_order': False, 'shape': " + shape + "}", data);
    return error_of([&] { read_targets(folder_.write("y.npy", file)); });
  };
  EXPECT_THAT(refusal("(1,)", {"\0\xd8\0\0", 4}), HasSubstr("row 0 is no label"));
  EXPECT_THAT(refusal("(1,)", {"\0\0\x11\0", 4}), HasSubstr("row 0 is no label"));
  EXPECT_THAT(refusal("(1,)", {"\n\0\0\0", 4}), HasSubstr("row 0 is no label"));
  EXPECT_THAT(refusal("(2,)", {"a\0\0\0?\0\0\0", 8}), HasSubstr("row 1 is missing ('?')"));
  EXPECT_THAT(refusal("(1, 2)", {"a\0\0\0b\0\0\0", 8}), HasSubstr("one label for each sample"));
  EXPECT_THAT(refusal("()", {"a\0\0\0", 4}), HasSubstr("one label for each sample"));
  EXPECT_THAT(refusal("(4611686018427387904,)", ""), HasSubstr("more elements than any file"));
  EXPECT_THAT(refusal("(1000000000000,)", "", "<U0"), HasSubstr("text (<U0)"));
}

}  // namespace
}  // namespace ntk::testing
