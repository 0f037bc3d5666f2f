#include <gmock/gmock.h>
#include <zlib.h>

#include "io/io_support.h"
#include "ntk/io.h"
#include "src/io/npz.h"

namespace ntk::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

std::vector<NamedArray> parse(const std::string& bytes) {
  return read_npz_from(MemorySource(bytes.data(), bytes.size(), "memory"));
}

std::string refusal(const std::string& bytes) {
  return error_of([&] { parse(bytes); });
}

std::string number(std::uint64_t value, int length) {
  std::string bytes;
  for (int i = 0; i < length; ++i) bytes += static_cast<char>(value >> (8 * i) & 255);
  return bytes;
}

std::string deflated(const std::string& data) {
  z_stream state = {};
  EXPECT_EQ(deflateInit2(&state, 9, Z_DEFLATED, -MAX_WBITS, 9, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(data.size() + 1000, '\0');
  state.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data.data()));
  state.avail_in = static_cast<uInt>(data.size());
  state.next_out = reinterpret_cast<Bytef*>(out.data());
  state.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&state, Z_FINISH), Z_STREAM_END);
  out.resize(state.total_out);
  deflateEnd(&state);
  return out;
}

// An archive of one member "a.npy" whose headers say what the test wants them to say.
struct Archive {
  std::string data;
  std::uint64_t size = 0;
  std::uint32_t crc = 0;
  int flags = 0, method = 0;
  std::string name = "a.npy", local_name = "a.npy";
  std::string gap = {};  // after the member

  std::string common(const std::string& member) const {
    return number(20, 2) + number(flags, 2) + number(method, 2) + number(0, 4) + number(crc, 4) +
           number(data.size(), 4) + number(size, 4) + number(member.size(), 2) + number(0, 2);
  }
  std::string bytes() const {
    const std::string local = "PK\x03\x04" + common(local_name) + local_name + data + gap;
    const std::string central =
        "PK\x01\x02" + number(20, 2) + common(name) + std::string(14, '\0') + name;
    return local + central + "PK\x05\x06" + number(0, 4) + number(1, 2) + number(1, 2) +
           number(central.size(), 4) + number(local.size(), 4) + number(0, 2);
  }
};

const std::string kBody =
    npy_file("{'descr': '|u1', 'fortran_order': False, 'shape': (5000,)}", std::string(5000, '\7'));

std::uint32_t crc_of_text(const std::string& text) {
  return static_cast<std::uint32_t>(
      crc32(0, reinterpret_cast<const Bytef*>(text.data()), static_cast<uInt>(text.size())));
}

Archive stored(const std::string& body = kBody) {
  return {.data = body, .size = body.size(), .crc = crc_of_text(body)};
}

Archive compressed(const std::string& body = kBody) {
  return {.data = deflated(body), .size = body.size(), .crc = crc_of_text(body), .method = 8};
}

TEST(NpzRefuse, NothingWhenTheHandmadeArchiveIsRight) {
  EXPECT_EQ(parse(stored().bytes())[0].array.shape(), (Shape{5000}));
  EXPECT_EQ(parse(compressed().bytes())[0].array.as<std::int64_t>()[4999], 7);
}

TEST(NpzRefuse, AWrongChecksum) {
  for (Archive archive : {stored(), compressed()}) {
    archive.crc ^= 1;
    EXPECT_THAT(refusal(archive.bytes()), AllOf(HasSubstr("memory:a"), HasSubstr("CRC-32")));
  }
}

TEST(NpzRefuse, EncryptedMembersAndOtherMethods) {
  Archive archive = stored();
  archive.flags = 1;
  EXPECT_THAT(refusal(archive.bytes()), HasSubstr("'a.npy' is encrypted"));
  archive.flags = 1 << 5;
  EXPECT_THAT(refusal(archive.bytes()), HasSubstr("ZIP feature"));
  EXPECT_THAT(error_of([] { read_npz(fixture("refused_bzip2.npz")); }),
              HasSubstr("compressed by method 12; expected stored (0) or deflated (8)"));
}

TEST(NpzRefuse, DuplicateAndUnreadableNames) {
  EXPECT_THAT(error_of([] { read_npz(fixture("refused_duplicate.npz")); }),
              HasSubstr("two members are named 'a.npy'"));
  EXPECT_THAT(error_of([] { read_npz(fixture("refused_member.npz")); }),
              HasSubstr("'notes.txt' is not an array"));
  for (const std::string& name :
       {std::string("a\0b.npy", 7), std::string("\xe9.npy"), std::string()}) {
    Archive archive = stored();
    archive.name = archive.local_name = name;
    EXPECT_THAT(refusal(archive.bytes()), HasSubstr("name is empty or not readable"));
  }
  Archive nameless = stored();
  nameless.name = nameless.local_name = ".npy";
  EXPECT_THAT(refusal(nameless.bytes()), HasSubstr("'.npy' is not an array"));
}

TEST(NpzRefuse, HeadersThatDisagreeWithTheDirectory) {
  Archive archive = stored();
  archive.local_name = "b.npy";
  EXPECT_THAT(refusal(archive.bytes()), HasSubstr("header of member 'a.npy' differs"));
  for (const std::size_t field : {8U, 14U, 18U, 22U}) {  // method, CRC, sizes in the local header
    std::string bytes = stored().bytes();
    bytes[field] = static_cast<char>(bytes[field] ^ 1);
    EXPECT_THAT(refusal(bytes), HasSubstr("differs from the directory")) << field;
  }
}

TEST(NpzRefuse, BytesThatBelongToNoMember) {
  Archive archive = stored();
  archive.gap = "hidden";
  EXPECT_THAT(refusal(archive.bytes()), HasSubstr("belong to none"));
  EXPECT_THAT(refusal("#!self-extracting" + stored().bytes()), HasSubstr("damaged archive"));
  EXPECT_THAT(refusal(stored().bytes() + "x"), HasSubstr("no end record"));
}

TEST(NpzRefuse, SizesThatNoMemberHas) {
  Archive archive = stored();
  archive.size += 1;
  EXPECT_THAT(refusal(archive.bytes()), HasSubstr("stored, but with two sizes"));
  archive = compressed();
  archive.size = 4000000000;  // would be allocated if it were believed
  EXPECT_THAT(refusal(archive.bytes()), HasSubstr("claims more bytes than it can inflate to"));
}

TEST(NpzRefuse, MembersThatInflateToAnotherSize) {
  for (const int difference : {-100, 100}) {
    Archive archive = compressed();
    archive.size += difference;
    EXPECT_THAT(refusal(archive.bytes()), HasSubstr("follow the header")) << difference;
  }
  // The array's header and the directory agree; only the compressed data hold more, or less.
  Archive bomb = compressed(kBody + std::string(100000, '\7'));
  bomb.size = kBody.size();
  bomb.crc = crc_of_text(kBody);
  EXPECT_THAT(refusal(bomb.bytes()), HasSubstr("inflates to more bytes"));
  Archive dud = compressed(kBody.substr(0, kBody.size() - 10));
  dud.size = kBody.size();
  EXPECT_THAT(refusal(dud.bytes()), HasSubstr("compressed data end early"));
}

TEST(NpzRefuse, CompressedDataThatAreNone) {
  Archive archive = compressed();
  archive.data += "tail";
  EXPECT_THAT(refusal(archive.bytes()), HasSubstr("bytes follow its compressed data"));
  archive = compressed();
  archive.data[0] = '\x07';  // a block of the reserved kind
  EXPECT_THAT(refusal(archive.bytes()), HasSubstr("compressed data are not valid"));
}

TEST(NpzRefuse, AnArrayThatIsNotOne) {
  EXPECT_THAT(refusal(stored("no array at all").bytes()), HasSubstr("memory:a: is not an .npy"));
  EXPECT_THAT(refusal(stored(kBody + "x").bytes()), HasSubstr("trailing bytes"));
}

TEST(NpzRefuse, AnArchiveCutAnywhere) {
  for (const char* name : {"plain.npz", "deflated.npz", "streamed_zip64.npz"}) {
    const std::string whole = bytes_of_file(fixture(name));
    for (std::size_t length = 0; length < whole.size(); ++length)
      EXPECT_THROW(parse(whole.substr(0, length)), DataError) << name << " at " << length;
  }
}

// A flipped bit in a date or an attribute changes nothing; any other is refused. Wrong data never
// come out.
TEST(NpzRefuse, FlippedBitsUnlessTheArraysAreTheSame) {
  for (const char* name :
       {"plain.npz", "deflated.npz", "streamed.npz", "streamed_deflated_zip64.npz"}) {
    const std::string whole = bytes_of_file(fixture(name));
    const std::vector<NamedArray> right = parse(whole);
    for (std::size_t at = 0; at < whole.size(); ++at)
      for (int bit = 0; bit < 8; ++bit) {
        std::string flipped = whole;
        flipped[at] = static_cast<char>(flipped[at] ^ 1 << bit);
        std::vector<NamedArray> arrays;
        try {
          arrays = parse(flipped);
        } catch (const DataError&) {
          continue;
        }
        ASSERT_EQ(arrays.size(), right.size()) << name << " at " << at;
        for (std::size_t i = 0; i < arrays.size(); ++i) {
          EXPECT_EQ(arrays[i].name, right[i].name) << name << " at " << at;
          EXPECT_EQ(values_of(arrays[i].array), values_of(right[i].array)) << name << " at " << at;
        }
      }
  }
}

}  // namespace
}  // namespace ntk::testing
