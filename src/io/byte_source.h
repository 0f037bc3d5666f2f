// Bytes to be parsed, wherever they are: in a file or in memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

namespace ntk {

// Random access. Reading past the end is a DataError that says the source is torn.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  virtual const std::string& name() const = 0;  // for messages: the path
  virtual std::uint64_t size() const = 0;
  virtual void read_at(std::uint64_t offset, void* to, std::size_t bytes) const = 0;
};

class FileSource : public ByteSource {
 public:
  explicit FileSource(const std::string& path);  // DataError when there is no such regular file
  ~FileSource() override;
  FileSource(const FileSource&) = delete;
  FileSource& operator=(const FileSource&) = delete;
  const std::string& name() const override { return path_; }
  std::uint64_t size() const override { return size_; }
  void read_at(std::uint64_t offset, void* to, std::size_t bytes) const override;

 private:
  std::string path_;
  int descriptor_ = -1;
  std::uint64_t size_ = 0;
};

// The memory must outlive the source.
class MemorySource : public ByteSource {
 public:
  MemorySource(const void* data, std::size_t size, std::string name)
      : data_(static_cast<const unsigned char*>(data)), size_(size), name_(std::move(name)) {}
  const std::string& name() const override { return name_; }
  std::uint64_t size() const override { return size_; }
  void read_at(std::uint64_t offset, void* to, std::size_t bytes) const override;

 private:
  const unsigned char* data_;
  std::size_t size_;
  std::string name_;
};

// Sequential access to a known number of bytes.
class ByteStream {
 public:
  explicit ByteStream(std::string name) : name_(std::move(name)) {}
  virtual ~ByteStream() = default;
  const std::string& name() const { return name_; }
  virtual std::uint64_t remaining() const = 0;
  virtual void read(void* to, std::size_t bytes) = 0;  // all of them, or a DataError
  // To be called when all bytes have been read and before they are trusted: checks sums.
  virtual void finish() {}

 private:
  std::string name_;
};

// A stretch of a source.
class RangeStream : public ByteStream {
 public:
  RangeStream(const ByteSource& source, std::uint64_t offset, std::uint64_t size, std::string name)
      : ByteStream(std::move(name)), source_(source), offset_(offset), remaining_(size) {}
  std::uint64_t remaining() const override { return remaining_; }
  void read(void* to, std::size_t bytes) override;

 private:
  const ByteSource& source_;
  std::uint64_t offset_;
  std::uint64_t remaining_;
};

}  // namespace ntk
