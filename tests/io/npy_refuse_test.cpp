// Files that are not taken, and that cost nothing before they are refused.
#include <gmock/gmock.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "io/io_support.h"
#include "ntk/io.h"
#include "src/io/npy.h"

namespace ntk::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

Array parse(const std::string& bytes) {
  const MemorySource source(bytes.data(), bytes.size(), "memory");
  RangeStream stream(source, 0, source.size(), source.name());
  return read_npy(stream);
}

std::string refusal(const std::string& dictionary, const std::string& data = "") {
  return error_of([&] { parse(npy_file(dictionary, data)); });
}

std::string with_shape(const std::string& shape) {
  return "{'descr': '<f8', 'fortran_order': False, 'shape': " + shape + ", }";
}

TEST(NpyRefuse, ElementTypesByNameWithAdvice) {
  EXPECT_THAT(error_of([] { read_array(fixture("refused_object.npy")); }),
              AllOf(HasSubstr("Python objects"), HasSubstr("astype")));
  EXPECT_THAT(error_of([] { read_array(fixture("refused_text.npy")); }), HasSubstr("text (<U1)"));
  EXPECT_THAT(error_of([] { read_array(fixture("refused_bytes.npy")); }), HasSubstr("text (|S1)"));
  EXPECT_THAT(error_of([] { read_array(fixture("refused_complex.npy")); }),
              AllOf(HasSubstr("complex numbers (<c16)"), HasSubstr(".real")));
  EXPECT_THAT(error_of([] { read_array(fixture("refused_structured.npy")); }),
              AllOf(HasSubstr("a structured type"), HasSubstr("each field")));
  EXPECT_THAT(error_of([] { read_array(fixture("refused_dates.npy")); }),
              HasSubstr("dates or times"));
  EXPECT_THAT(error_of([] { read_array(fixture("refused_long_double.npy")); }),
              HasSubstr("'<f16'"));
}

TEST(NpyRefuse, ElementTypesWithoutByteOrder) {
  for (const char* descr : {"f8", "=f8", "|f8", "<", "", "<f3", "<f88", "<i16", "<b2", "<f8 "})
    EXPECT_THAT(
        refusal("{'descr': '" + std::string(descr) + "', 'fortran_order': False, 'shape': (1,)}"),
        HasSubstr("expected f2, f4, f8"))
        << descr;
}

TEST(NpyRefuse, HeadersThatAreNoSuchDictionary) {
  const std::string descr = "'descr': '<f8', ", order = "'fortran_order': False, ",
                    shape = "'shape': (1,), ";
  EXPECT_THAT(refusal("{" + descr + order + "}"), HasSubstr("key 'shape' is missing"));
  EXPECT_THAT(refusal("{" + descr + shape + "}"), HasSubstr("key 'fortran_order' is missing"));
  EXPECT_THAT(refusal("{" + order + shape + "}"), HasSubstr("key 'descr' is missing"));
  EXPECT_THAT(refusal("{" + descr + order + shape + shape + "}"),
              HasSubstr("'shape' occurs twice"));
  EXPECT_THAT(refusal("{" + descr + order + shape + "'x': 1}"), HasSubstr("unknown key 'x'"));
  EXPECT_THAT(refusal("{" + descr + order + shape + "} x"), HasSubstr("expected nothing after"));
  EXPECT_THAT(refusal("{" + descr + order + shape), HasSubstr("character 57"));
  EXPECT_THAT(refusal(""), HasSubstr("expected a dictionary"));
  EXPECT_THAT(refusal("{" + descr + "'fortran_order': 0, " + shape + "}"),
              HasSubstr("expected True or False"));
  EXPECT_THAT(refusal("{'descr: '<f8'}"), HasSubstr("expected ':'"));
  EXPECT_THAT(refusal("{'descr"), HasSubstr("a quote is not closed"));
  EXPECT_THAT(refusal("{'des\\x63r': 1}"), HasSubstr("plain characters"));
}

TEST(NpyRefuse, ShapesThatAreNone) {
  EXPECT_THAT(refusal(with_shape("(-1,)")), HasSubstr("negative extent"));
  EXPECT_THAT(refusal(with_shape("(3, -4)")), HasSubstr("negative extent"));
  EXPECT_THAT(refusal(with_shape("(3)")), HasSubstr("as in (3,)"));
  EXPECT_THAT(refusal(with_shape("3")), HasSubstr("a tuple"));
  EXPECT_THAT(refusal(with_shape("(3.5,)")), HasSubstr("','"));
  EXPECT_THAT(refusal(with_shape("(03,)")), HasSubstr("leading 0"));
  EXPECT_THAT(refusal(with_shape("(,)")), HasSubstr("expected an extent"));
  EXPECT_THAT(refusal(with_shape("(3, 4")), HasSubstr("expected an extent"));
  std::string many;
  for (int i = 0; i < 65; ++i) many += "1, ";
  EXPECT_THAT(refusal(with_shape("(" + many + ")")), HasSubstr("more than 64 dimensions"));
}

TEST(NpyRefuse, ShapesWhoseSizeOverflows) {
  EXPECT_THAT(refusal(with_shape("(9223372036854775808,)")), HasSubstr("past 2^63 - 1"));
  EXPECT_THAT(refusal(with_shape("(9223372036854775807,)")), HasSubstr("than any file holds"));
  EXPECT_THAT(refusal(with_shape("(4294967296, 4294967296)")), HasSubstr("than any file holds"));
  EXPECT_THAT(refusal(with_shape("(4611686018427387904, 4, 0)")), HasSubstr("than any file holds"));
}

// No machine has this memory: that the file is called torn shows that none was asked for.
TEST(NpyRefuse, HostileShapesBeforeAnyMemoryIsTaken) {
  EXPECT_THAT(refusal(with_shape("(1000000000000000000,)"), "12345678"),
              AllOf(HasSubstr("torn"), HasSubstr("takes 8000000000000000000 bytes, but 8 follow")));
  EXPECT_THAT(refusal(with_shape("(1000000, 1000000000)")), HasSubstr("torn"));
}

TEST(NpyRefuse, MissingAndTrailingBytes) {
  EXPECT_THAT(refusal(with_shape("(2,)"), std::string(15, 'x')),
              AllOf(HasSubstr("torn"), HasSubstr("takes 16 bytes, but 15")));
  EXPECT_THAT(refusal(with_shape("(2,)"), std::string(17, 'x')), HasSubstr("trailing bytes"));
  EXPECT_THAT(refusal(with_shape("(0,)"), "x"), HasSubstr("trailing bytes"));
}

TEST(NpyRefuse, HeaderLengthsThatLie) {
  std::string file = npy_file(with_shape("(1,)"), "12345678");
  file[8] = '\xff', file[9] = '\xff';
  EXPECT_THAT(error_of([&] { parse(file); }), HasSubstr("65535 bytes expected"));
  std::string long_header = "\x93NUMPY\x02";
  long_header += std::string({'\0', '\xff', '\xff', '\xff', '\x7f'});
  EXPECT_THAT(error_of([&] { parse(long_header); }),
              HasSubstr("given as 2147483647 bytes; expected at most 65536"));
}

TEST(NpyRefuse, OtherVersionsAndOtherFiles) {
  std::string file = npy_file(with_shape("(1,)"), "12345678");
  file[6] = 4;
  EXPECT_THAT(error_of([&] { parse(file); }), HasSubstr("version 4.0 is not known"));
  file[6] = 1, file[7] = 1;
  EXPECT_THAT(error_of([&] { parse(file); }), HasSubstr("version 1.1"));
  EXPECT_THAT(error_of([] { parse("x,y,label\n1,2,3\n"); }), HasSubstr("is not an .npy array"));

  const TemporaryFolder folder;
  EXPECT_THAT(error_of([&] { read_array(folder.write("x.txt", "1,2\n")); }),
              HasSubstr("is neither .npy nor .npz"));
  EXPECT_THAT(error_of([&] { read_array(folder.write("x.npy", "")); }), HasSubstr("is empty"));
  EXPECT_THAT(error_of([&] { read_array(folder / "absent.npy"); }),
              AllOf(HasSubstr("absent.npy"), HasSubstr("No such file")));
  EXPECT_THAT(error_of([&] { read_array(folder.path()); }), HasSubstr("is a directory"));
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  EXPECT_THAT(error_of([&] { read_array(folder / "pipe"); }), HasSubstr("not a regular file"));
}

TEST(NpyRefuse, AFileCutAnywhere) {
  for (const char* name : {"version1.npy", "version2.npy", "fortran.npy"}) {
    const std::string whole = bytes_of_file(fixture(name));
    for (std::size_t length = 0; length < whole.size(); ++length)
      EXPECT_THROW(parse(whole.substr(0, length)), DataError) << name << " at " << length;
  }
}

// There is no sum to check: a flipped bit is refused or read as another value, and nothing else.
TEST(NpyRefuse, FlippedBitsWithAnErrorOrNotAtAll) {
  const std::string whole = bytes_of_file(fixture("version1.npy"));
  int refused = 0;
  for (std::size_t at = 0; at < whole.size(); ++at)
    for (int bit = 0; bit < 8; ++bit) {
      std::string flipped = whole;
      flipped[at] = static_cast<char>(flipped[at] ^ 1 << bit);
      try {
        const Array array = parse(flipped);
        EXPECT_EQ(array.size(), 24) << at;
      } catch (const DataError&) {
        ++refused;
      }
    }
  EXPECT_GT(refused, 8 * 60);  // the magic, the length and the dictionary
}

}  // namespace
}  // namespace ntk::testing
