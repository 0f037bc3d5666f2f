// The bytes of one member of an archive.
#include <zlib.h>

#include <algorithm>
#include <limits>
#include <vector>

#include "ntk/error.h"
#include "src/io/zip_directory.h"

namespace ntk {
namespace {

// Inflates exactly the size that the directory gives, no byte more.
class InflatedBytes : public ByteStream {
 public:
  InflatedBytes(const ByteSource& source, const ZipMember& member, const std::string& name)
      : ByteStream(name),
        compressed_(source, member.offset, member.stored_size, name),
        remaining_(member.size),
        buffer_(kBufferBytes) {
    if (inflateInit2(&state_, -MAX_WBITS) != Z_OK)
      throw MemoryError(name + ": no memory to inflate it");
  }
  ~InflatedBytes() override { inflateEnd(&state_); }
  InflatedBytes(const InflatedBytes&) = delete;
  InflatedBytes& operator=(const InflatedBytes&) = delete;

  std::uint64_t remaining() const override { return remaining_; }

  void read(void* to, std::size_t bytes) override {
    if (bytes > remaining_)
      throw DataError(name() + ": torn: " + std::to_string(bytes) + " bytes expected, " +
                      std::to_string(remaining_) + " are left");
    auto* out = static_cast<unsigned char*>(to);
    while (bytes > 0) {
      const std::size_t asked = std::min<std::size_t>(bytes, std::numeric_limits<uInt>::max());
      const std::size_t got = inflate_some(out, asked);
      out += got, bytes -= got, remaining_ -= got;
    }
  }

  void finish() override {
    unsigned char none = 0;
    if (!ended_ && inflate_some(&none, 1) != 0)
      fail("inflates to more bytes than the directory says");
    if (!ended_) fail("its compressed data do not end");
    if (state_.avail_in > 0 || compressed_.remaining() > 0)
      fail("bytes follow its compressed data");
  }

 private:
  static constexpr std::size_t kBufferBytes = std::size_t{1} << 17;

  // At least one byte, or none when the compressed data have ended and none was needed.
  std::size_t inflate_some(unsigned char* out, std::size_t asked) {
    state_.next_out = out;
    state_.avail_out = static_cast<uInt>(asked);
    while (!ended_ && state_.avail_out == asked) {
      if (state_.avail_in == 0) refill();
      const int status = inflate(&state_, Z_NO_FLUSH);
      ended_ = status == Z_STREAM_END;
      if (status == Z_MEM_ERROR) throw MemoryError(name() + ": no memory to inflate it");
      if (status != Z_OK && status != Z_STREAM_END) fail("its compressed data are not valid");
    }
    const std::size_t got = asked - state_.avail_out;
    if (got == 0 && remaining_ > 0) fail("its compressed data end early");
    return got;
  }

  void refill() {
    const auto bytes =
        static_cast<std::size_t>(std::min<std::uint64_t>(buffer_.size(), compressed_.remaining()));
    if (bytes == 0) fail("its compressed data end early");
    compressed_.read(buffer_.data(), bytes);
    state_.next_in = buffer_.data();
    state_.avail_in = static_cast<uInt>(bytes);
  }

  [[noreturn]] void fail(const std::string& what) const {
    throw DataError(name() + ": damaged: " + what + "; make the file again");
  }

  RangeStream compressed_;
  std::uint64_t remaining_;
  std::vector<unsigned char> buffer_;
  z_stream state_ = {};
  bool ended_ = false;
};

class CheckedBytes : public ByteStream {
 public:
  CheckedBytes(std::unique_ptr<ByteStream> bytes, std::uint32_t crc)
      : ByteStream(bytes->name()), bytes_(std::move(bytes)), expected_(crc) {}
  std::uint64_t remaining() const override { return bytes_->remaining(); }
  void read(void* to, std::size_t bytes) override {
    auto* out = static_cast<unsigned char*>(to);
    while (bytes > 0) {  // in pieces that are still in the cache when they are summed
      const std::size_t piece = std::min(bytes, std::size_t{1} << 20);
      bytes_->read(out, piece);
      crc_ = crc32_z(crc_, out, piece);
      out += piece, bytes -= piece;
    }
  }
  void finish() override {
    bytes_->finish();
    if (crc_ != expected_)
      throw DataError(name() +
                      ": damaged: its CRC-32 is not the one in the archive; make the file "
                      "again");
  }

 private:
  std::unique_ptr<ByteStream> bytes_;
  std::uint32_t expected_;
  unsigned long crc_ = 0;
};

}  // namespace

std::unique_ptr<ByteStream> open_zip_member(const ByteSource& source, const ZipMember& member,
                                            const std::string& stream_name) {
  std::unique_ptr<ByteStream> bytes;
  if (member.deflated)
    bytes = std::make_unique<InflatedBytes>(source, member, stream_name);
  else
    bytes = std::make_unique<RangeStream>(source, member.offset, member.size, stream_name);
  return std::make_unique<CheckedBytes>(std::move(bytes), member.crc);
}

}  // namespace ntk
