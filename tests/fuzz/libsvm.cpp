// Any bytes as a LIBSVM file.
#include "src/io/libsvm.h"

#include <cmath>
#include <cstdio>
#include <cstring>
#include <string>

#include "ntk/error.h"
#include "targets.h"

namespace ntk::fuzz {
namespace {

std::string number(double value) {
  char text[40];
  std::snprintf(text, sizeof text, "%.17g", value);
  return text;
}

std::string text_of(const LibsvmData& data) {
  std::string text;
  const std::int64_t rows = data.x.shape()[0], width = data.x.shape()[1];
  for (std::int64_t i = 0; i < rows; ++i) {
    text += number(data.labels.as<double>()[i]);
    for (std::int64_t j = 0; j < width; ++j) {
      const double value = data.x.as<double>()[i * width + j];
      if (value != 0 || std::signbit(value))
        text += ' ' + std::to_string(j + 1) + ':' + number(value);
    }
    text += '\n';
  }
  return text;
}

bool is_same(const Array& a, const Array& b) {
  return a.shape() == b.shape() && std::memcmp(a.data(), b.data(), a.bytes()) == 0;
}

}  // namespace

bool libsvm(const std::uint8_t* data, std::size_t size) {
  const MemorySource source(data, size, "fuzz.libsvm");
  LibsvmOptions options;
  options.memory_limit = std::size_t{1} << 20;
  const bool done = refused_or_done<DataError, MemoryError>([&] {
    const LibsvmData read = read_libsvm(source, options);
    require(read.x.shape()[0] == read.labels.size(), "every sample has a label");
    require(is_same(read_libsvm_labels(source), read.labels), "labels alone are the same");
    const std::string text = text_of(read);
    LibsvmOptions as_wide = options;
    as_wide.width = read.x.shape()[1];
    const LibsvmData again =
        read_libsvm(MemorySource(text.data(), text.size(), "again.libsvm"), as_wide);
    require(is_same(again.x, read.x) && is_same(again.labels, read.labels),
            "samples are read as they were written");
  });
  options.width = 3;
  options.dtype = DType::float32;
  refused_or_done<DataError, MemoryError>([&] {
    require(read_libsvm(source, options).x.shape()[1] == 3, "the width is the one asked for");
  });
  return done;
}

}  // namespace ntk::fuzz
