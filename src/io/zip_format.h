// Numbers in ZIP records: little-endian, unaligned.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "ntk/error.h"

namespace ntk::zip {

inline constexpr std::uint32_t kLocalHeader = 0x04034b50;
inline constexpr std::uint32_t kCentralHeader = 0x02014b50;
inline constexpr std::uint32_t kDescriptor = 0x08074b50;
inline constexpr std::uint32_t kEnd = 0x06054b50;
inline constexpr std::uint32_t kEnd64 = 0x06064b50;
inline constexpr std::uint32_t kEnd64Locator = 0x07064b50;

inline constexpr std::size_t kLocalHeaderBytes = 30;
inline constexpr std::size_t kCentralHeaderBytes = 46;
inline constexpr std::size_t kLongestDescriptorBytes = 24;
inline constexpr std::size_t kEndBytes = 22;
inline constexpr std::size_t kEnd64Bytes = 56;
inline constexpr std::size_t kEnd64LocatorBytes = 20;

inline constexpr std::uint16_t kZip64Extra = 0x0001;
inline constexpr std::uint16_t kFull16 = 0xffff;  // "see the ZIP64 record"
inline constexpr std::uint32_t kFull32 = 0xffffffff;

inline constexpr std::uint16_t kEncrypted = 1 << 0;
inline constexpr std::uint16_t kHasDescriptor = 1 << 3;
inline constexpr std::uint16_t kUtf8Name = 1 << 11;

// Takes numbers from the front of a stretch of bytes; a DataError when it is at its end.
class Fields {
 public:
  Fields(const std::string& bytes, const std::string& archive) : bytes_(bytes), archive_(archive) {}

  std::uint16_t u16() { return static_cast<std::uint16_t>(number(2)); }
  std::uint32_t u32() { return static_cast<std::uint32_t>(number(4)); }
  std::uint64_t u64() { return number(8); }
  std::string text(std::size_t length) {
    require(length);
    at_ += length;
    return bytes_.substr(at_ - length, length);
  }
  std::size_t left() const { return bytes_.size() - at_; }

 private:
  std::uint64_t number(std::size_t length) {
    require(length);
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < length; ++i)
      value |= std::uint64_t{static_cast<unsigned char>(bytes_[at_ + i])} << (8 * i);
    at_ += length;
    return value;
  }
  void require(std::size_t length) const {
    if (length > left())
      throw DataError(archive_ + ": damaged: a record of the archive is cut off");
  }

  const std::string& bytes_;
  const std::string& archive_;
  std::size_t at_ = 0;
};

// Appends numbers to a record.
class Record {
 public:
  Record& u16(std::uint64_t value) { return number(value, 2); }
  Record& u32(std::uint64_t value) { return number(value, 4); }
  Record& u64(std::uint64_t value) { return number(value, 8); }
  Record& text(const std::string& text) {
    bytes_ += text;
    return *this;
  }
  const std::string& bytes() const { return bytes_; }

 private:
  Record& number(std::uint64_t value, int length) {
    for (int i = 0; i < length; ++i) bytes_ += static_cast<char>(value >> (8 * i) & 255);
    return *this;
  }

  std::string bytes_;
};

}  // namespace ntk::zip
