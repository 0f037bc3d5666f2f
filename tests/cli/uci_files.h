// A labelled table cut in two and written in every form that the program reads.
#pragma once

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>

#include "ntk/array.h"
#include "ntk/io.h"

namespace ntk::uci {

// Rows first, first + step, ... of a matrix or a vector.
inline Array rows_of(const Array& a, std::int64_t first, std::int64_t step) {
  const std::int64_t rows = a.shape()[0];
  Shape shape = a.shape();
  shape[0] = (rows - first + step - 1) / step;
  Array some(a.dtype(), shape);
  const auto row_bytes = static_cast<std::size_t>(a.size() / rows) * size_of(a.dtype());
  const auto* from = static_cast<const char*>(a.data());
  auto* to = static_cast<char*>(some.data());
  for (std::int64_t i = first; i < rows; i += step, to += row_bytes)
    std::copy_n(from + static_cast<std::size_t>(i) * row_bytes, row_bytes, to);
  return some;
}

inline std::string number(double value) {
  char text[40];
  std::snprintf(text, sizeof text, "%.17g", value);
  return text;
}

// Features, then the label, with a header; every third number in quotes.
inline std::string table_of(const Array& x, const Array& y) {
  const std::int64_t rows = x.shape()[0], width = x.shape()[1];
  std::string text;
  for (std::int64_t j = 0; j < width; ++j) text += "\"feature, " + std::to_string(j) + "\",";
  text += "label\r\n";
  for (std::int64_t i = 0; i < rows; ++i) {
    for (std::int64_t j = 0; j < width; ++j) {
      const std::string value = number(x.as<float>()[i * width + j]);
      text += (i + j) % 3 == 0 ? '"' + value + "\"," : value + ',';
    }
    text += std::to_string(y.as<std::int64_t>()[i]) + "\r\n";
  }
  return text;
}

inline std::string libsvm_of(const Array& x, const Array& y) {
  const std::int64_t rows = x.shape()[0], width = x.shape()[1];
  std::string text;
  for (std::int64_t i = 0; i < rows; ++i) {
    text += std::to_string(y.as<std::int64_t>()[i]);
    for (std::int64_t j = 0; j < width; ++j)
      if (const float value = x.as<float>()[i * width + j]; value != 0)
        text += ' ' + std::to_string(j + 1) + ':' + number(value);
    text += '\n';
  }
  return text;
}

struct Counts {
  std::int64_t training, test, features;
};

// From arrays X and y of an .npz file: data.npz (x_train, y_train, x_test, y_test), train.csv,
// test.csv, train.libsvm and test.libsvm. Every step-th row is for training, the one after it for
// the test.
inline Counts write_files(const std::string& file, std::int64_t step,
                          const std::filesystem::path& folder) {
  const Array x = read_array(file + ":X"), y = read_array(file + ":y");
  const Array x_train = rows_of(x, 0, step), x_test = rows_of(x, 1, step);
  const Array y_train = rows_of(y, 0, step), y_test = rows_of(y, 1, step);
  write_npz((folder / "data.npz").string(),
            {{"x_train", x_train}, {"y_train", y_train}, {"x_test", x_test}, {"y_test", y_test}});
  const auto write = [&](const char* name, const std::string& text) {
    std::ofstream(folder / name, std::ios::binary) << text;
  };
  write("train.csv", table_of(x_train, y_train));
  write("test.csv", table_of(x_test, y_test));
  write("train.libsvm", libsvm_of(x_train, y_train));
  write("test.libsvm", libsvm_of(x_test, y_test));
  return {x_train.shape()[0], x_test.shape()[0], x.shape()[1]};
}

}  // namespace ntk::uci
