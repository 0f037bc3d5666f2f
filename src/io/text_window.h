// A window that slides over a text, so that a file of any length takes little memory.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "src/io/byte_source.h"

namespace ntk {

// The text from mark() on stays in memory; what lies before it goes when more is read.
class TextWindow {
 public:
  explicit TextWindow(const ByteSource& source)
      : source_(source), buffer_(std::min<std::uint64_t>(kChunk, source.size())) {
    constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
    while (end_ < kByteOrderMark.size() && read_more()) {
    }
    if (rest().starts_with(kByteOrderMark)) at_ = mark_ = kByteOrderMark.size();
  }

  bool at_end() { return at_ == end_ && !read_more(); }
  char peek() const { return buffer_[at_]; }  // not at the end
  void advance(std::size_t count) { at_ += count; }
  void mark() { mark_ = at_; }
  std::string_view marked() const { return {buffer_.data() + mark_, at_ - mark_}; }
  std::string_view rest() const { return {buffer_.data() + at_, end_ - at_}; }

  // Whether `text` follows.
  bool follows(std::string_view text) {
    while (end_ - at_ < text.size() && read_more()) {
    }
    return rest().starts_with(text);
  }

  // False at the end of the text.
  bool read_more() {
    const auto bytes =
        static_cast<std::size_t>(std::min<std::uint64_t>(kChunk, source_.size() - offset_));
    if (bytes == 0) return false;
    if (mark_ > 0) std::memmove(buffer_.data(), buffer_.data() + mark_, end_ - mark_);
    at_ -= mark_, end_ -= mark_, mark_ = 0;
    if (buffer_.size() - end_ < bytes) buffer_.resize(std::max(2 * buffer_.size(), end_ + bytes));
    source_.read_at(offset_, buffer_.data() + end_, bytes);
    offset_ += bytes, end_ += bytes;
    return true;
  }

 private:
  static constexpr std::size_t kChunk = std::size_t{1} << 18;

  const ByteSource& source_;
  std::vector<char> buffer_;
  std::size_t mark_ = 0, at_ = 0, end_ = 0;
  std::uint64_t offset_ = 0;
};

}  // namespace ntk
