#include <gmock/gmock.h>
#include <locale.h>

#include <cmath>

#include "io/io_support.h"
#include "ntk/io.h"
#include "src/io/csv.h"

namespace ntk::testing {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class Csv : public ::testing::Test {
 protected:
  Array read(const std::string& text, const ReadOptions& options = {},
             const std::string& name = "t.csv") const {
    return read_array(folder_.write(name, text), options);
  }
  Array column(const std::string& text, const std::string& name) const {
    return read_array(folder_.write("t.csv", text) + ":" + name);
  }
  TargetValues targets(const std::string& text, const std::string& columns = "") const {
    return read_targets(folder_.write("t.csv", text) + columns);
  }
  std::string refusal(const std::string& text, const std::string& name = "t.csv") const {
    return error_of([&] { read(text, {}, name); });
  }

  TemporaryFolder folder_;
};

TEST_F(Csv, RowsAndColumnsOfNumbers) {
  const Array a = read("1,2.5,-3\n+4,5e-1,.5\n");
  EXPECT_EQ(a.dtype(), DType::float64);
  EXPECT_EQ(a.shape(), (Shape{2, 3}));
  EXPECT_THAT(values_of(a), ElementsAre(1, 2.5, -3, 4, 0.5, 0.5));
}

TEST_F(Csv, OneColumnIsAMatrixAndAPickedOneAVector) {
  EXPECT_EQ(read("1\n2\n3").shape(), (Shape{3, 1}));
  EXPECT_EQ(column("a,b\n1,2\n3,4\n", "b").shape(), (Shape{2}));
  EXPECT_THAT(values_of(column("a,b\n1,2\n3,4\n", "b")), ElementsAre(2, 4));
  EXPECT_THAT(values_of(column("1,2\n3,4\n", "2")), ElementsAre(2, 4));
  const Array both = column("a,b,c\n1,2,3\n4,5,6\n", "c,a");
  EXPECT_EQ(both.shape(), (Shape{2, 2}));
  EXPECT_THAT(values_of(both), ElementsAre(3, 1, 6, 4));
}

TEST_F(Csv, TabsSeparateTheFieldsOfTsv) {
  EXPECT_THAT(values_of(read("a b\tc\n1\t2\n", {}, "t.tsv")), ElementsAre(1, 2));
  EXPECT_THAT(values_of(read("1\t2\n", {}, "T.TSV")), ElementsAre(1, 2));
}

TEST_F(Csv, WhatIsAround) {
  EXPECT_THAT(values_of(read("\xef\xbb\xbf"
                             "1,2\r\n3,4\r\n\r\n\n")),
              ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(values_of(read(" 1 ,  2\n3 ,4 ")), ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(values_of(read("1,2\r")), ElementsAre(1, 2));
}

TEST_F(Csv, QuotedFields) {
  EXPECT_THAT(values_of(read("\"1\", \"2\" \r\n\"3\",4\r\n")), ElementsAre(1, 2, 3, 4));
  const std::string text = "\"a,\"\"b\"\"\nc\",d\r\n\"x, \"\"y\"\"\",1\r\nz,2\r\n";
  EXPECT_THAT(targets(text, ":a,\"b\"\nc").texts, ElementsAre("x, \"y\"", "z"));
  EXPECT_THAT(values_of(column(text, "d")), ElementsAre(1, 2));
}

TEST_F(Csv, AHeaderIsTextOverNumbers) {
  EXPECT_EQ(read("a,b\n1,2\n").shape(), (Shape{1, 2}));
  EXPECT_THAT(refusal("5,b\n1,2\n"), HasSubstr("is it a header? Say so"));
  ReadOptions options;
  options.header = Header::present;
  EXPECT_EQ(read("5,b\n1,2\n", options).shape(), (Shape{1, 2}));
  EXPECT_THAT(values_of(column("5,b\n1,2\n", "b")), ElementsAre(2));
  EXPECT_EQ(read("5,6\n1,2\n").shape(), (Shape{2, 2}));
  // Data with a column of text, and a header over it.
  EXPECT_EQ(targets("5,cat\n1,dog\n", ":2").count(), 2);
  EXPECT_EQ(targets("x,kind\n1,dog\n2,cat\n", ":kind").count(), 2);
}

TEST_F(Csv, AFileOfTextAloneHasAHeaderWhenItIsTold) {
  EXPECT_EQ(targets("kind\ncat\ndog\n").count(), 3);
  EXPECT_EQ(targets("kind\ncat\ndog\n", ":kind").count(), 2);
  ReadOptions options;
  options.header = Header::present;
  EXPECT_EQ(read_targets(folder_.write("y.csv", "kind\ncat\ndog\n"), options).count(), 2);
  EXPECT_EQ(read("0,1\n5,6\n", options).shape(), (Shape{1, 2}));
  options.header = Header::absent;
  EXPECT_THAT(error_of([&] { read("a,b\n1,2\n", options); }), HasSubstr("line 1, column 1: "));
}

TEST_F(Csv, NumbersAreRoundedToTheElementType) {
  ReadOptions single;
  single.dtype = DType::float32;
  const Array a = read("0.1,16777217,1e-50,1e-46\n", single);
  EXPECT_EQ(a.dtype(), DType::float32);
  EXPECT_THAT(values_of(a), ElementsAre(0.1F, 16777216, 0, 0));
  EXPECT_THAT(values_of(read("0.1,1e-400,-1e-400,4.9e-324,1.7976931348623157e308\n")),
              ElementsAre(0.1, 0, 0, 4.9e-324, 1.7976931348623157e308));
  EXPECT_THAT(error_of([&] { read("1,1e39\n", single); }), HasSubstr("column 2: is too large"));
}

TEST_F(Csv, TheLocaleDoesNotMatter) {
  for (const char* name : {"de_DE.UTF-8", "fr_FR.UTF-8", "C"}) {
    if (setlocale(LC_ALL, name) == nullptr) continue;
    EXPECT_THAT(values_of(read("1.5,1e-400\n")), ElementsAre(1.5, 0)) << name;
    EXPECT_THAT(refusal("\"1,5\"\n"), HasSubstr("'1,5'")) << name;
  }
  setlocale(LC_ALL, "C");
}

TEST_F(Csv, MissingValuesAreNamedByLineAndColumn) {
  for (const char* missing : {"", "NA", "NaN", "nan", "?", "n/a", "null", "-nan", "\"\""})
    EXPECT_THAT(refusal("a,width\n1,2\n3," + std::string(missing) + "\n"),
                AllOf(HasSubstr("t.csv: line 3, column 2 ('width'): "), HasSubstr("is missing")))
        << missing;
  EXPECT_THAT(refusal("1,2\n,4\n"), HasSubstr("line 2, column 1: is missing ('')"));
}

TEST_F(Csv, WhatIsNoFiniteNumberIsRefused) {
  for (const char* bad : {"inf", "-Inf", "Infinity", "+INF"})
    EXPECT_THAT(refusal("1,2\n3," + std::string(bad) + "\n"),
                HasSubstr("line 2, column 2: is infinite"))
        << bad;
  for (const char* bad : {"x", "1 2", "0x10", "1.2.3", "1e", "+-1", "--1", "1_000", "\xff"})
    EXPECT_THAT(refusal("1,2\n3," + std::string(bad) + "\n"),
                HasSubstr("line 2, column 2: is no number"))
        << bad;
  EXPECT_THAT(refusal("1,2\n3,1e999\n"), HasSubstr("is too large"));
  EXPECT_THAT(refusal("1;2\n3;4\n"), HasSubstr("fields are separated by ','"));
}

TEST_F(Csv, RaggedRowsAreNamed) {
  EXPECT_THAT(refusal("a,b\n1,2\n3\n"),
              AllOf(HasSubstr("line 3 (row 3): it has 1 fields"), HasSubstr("first row has 2")));
  EXPECT_THAT(refusal("1,2\n3,4,\n"), HasSubstr("it has 3 fields"));
}

TEST_F(Csv, BlankLinesStandAtTheEndOnly) {
  EXPECT_THAT(refusal("1\n\n2\n"), HasSubstr("line 2: it is blank, but rows follow"));
  EXPECT_THAT(refusal("\r\n1\n"), HasSubstr("line 1: it is blank"));
}

TEST_F(Csv, MisplacedQuotesAreNamed) {
  EXPECT_THAT(refusal("1,2\n\"3,4\n"), HasSubstr("line 2: a quote is opened and never closed"));
  EXPECT_THAT(refusal("1,2\n3\",4\n"), HasSubstr("line 2: column 1: a quote stands inside"));
  EXPECT_THAT(refusal("1,2\n\"3\"4,5\n"), HasSubstr("line 2: column 1: text follows a closing"));
  EXPECT_THAT(refusal("\"" + std::string(3 << 20, '1')), HasSubstr("longer than 1 MiB"));
  EXPECT_THAT(refusal(std::string(3 << 20, '1')), HasSubstr("longer than 1 MiB"));
}

TEST_F(Csv, FilesWithoutRowsAreRefused) {
  EXPECT_THAT(refusal(""), HasSubstr("t.csv: is empty"));
  EXPECT_THAT(refusal("\n\n"), HasSubstr("is empty"));
  ReadOptions options;
  options.header = Header::present;
  EXPECT_THAT(error_of([&] { read("a,b\n", options); }), HasSubstr("a header, but no rows"));
  EXPECT_THAT(refusal("\xff\xfe\x31\x00"), HasSubstr("UTF-16"));
}

TEST_F(Csv, ColumnsThatAreNotThereAreAnsweredWithThoseThatAre) {
  EXPECT_THAT(error_of([&] { column("a,b\n1,2\n", "c"); }),
              AllOf(HasSubstr("no column 'c'"), HasSubstr("names a, b")));
  EXPECT_THAT(error_of([&] { column("1,2\n", "3"); }), HasSubstr("has no header"));
  EXPECT_THAT(error_of([&] { column("a,a\n1,2\n", "a"); }), HasSubstr("2 columns are named 'a'"));
  EXPECT_THAT(error_of([&] { column("a,b\n1,2\n", "a,a"); }), HasSubstr("asked for twice"));
}

TEST_F(Csv, LabelsAreTextOfOneKind) {
  EXPECT_THAT(targets("cat\ndog\n\"\xc3\xa9t\xc3\xa9\"\n").texts,
              ElementsAre("cat", "dog", "\xc3\xa9t\xc3\xa9"));
  EXPECT_THAT(error_of([&] { targets("cat\ndog\n3\n"); }),
              HasSubstr("line 3, column 1: is a number"));
  EXPECT_THAT(error_of([&] { targets("cat\nNA\n"); }), HasSubstr("is missing"));
  EXPECT_THAT(error_of([&] { targets("1\ncat\n"); }), HasSubstr("line 2, column 1: is no number"));
  EXPECT_THAT(error_of([&] { targets("cat\nd\xff\n"); }), HasSubstr("UTF-8"));
}

// Lines and fields that lie across the pieces in which a file is read.
TEST_F(Csv, LargeFilesAreReadInPieces) {
  std::string text = "first,second,third\r\n";
  std::vector<double> expected;
  char row[128];
  for (int i = 0; i < 40000; ++i) {
    const double a = i / 7.0, b = std::sqrt(i) * 1e-30, c = -i;
    std::snprintf(row, sizeof row, "%.17g,\"%.17g\",%.17g\r\n", a, b, c);
    text += row;
    expected.insert(expected.end(), {a, b, c});
  }
  ASSERT_GT(text.size(), std::size_t{1} << 20);
  EXPECT_EQ(values_of(read(text)), expected);
}

TEST_F(Csv, AFieldThatEndsAtAnyByteOfAPieceIsReadTheSame) {
  constexpr std::size_t kPiece = std::size_t{1} << 18;
  const std::string text = "\"a\"\"\r\n\",b\r\n\"l\"\"k\" ,8\r\n\"m\",\"9\"\r\n";
  for (std::size_t before = 0; before <= text.size(); ++before) {
    const std::string spaces(kPiece - before, ' ');  // they may stand before a quote
    EXPECT_THAT(targets(spaces + text, ":a\"\r\n").texts, ElementsAre("l\"k", "m")) << before;
    EXPECT_THAT(values_of(column(spaces + text, "b")), ElementsAre(8, 9)) << before;
  }
}

}  // namespace
}  // namespace ntk::testing
