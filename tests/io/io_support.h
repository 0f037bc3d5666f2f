// What the tests of src/io share.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include "ntk/array.h"
#include "ntk/error.h"

namespace ntk::testing {

inline std::string fixture(const std::string& name) {
  return std::string(NTK_TEST_DATA) + "/io/" + name;
}

inline std::string bytes_of_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file.good()) << path;
  return {std::istreambuf_iterator<char>(file), {}};
}

// A folder that goes when the test ends.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "ntk_io_XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) ADD_FAILURE() << "no temporary folder";
    path_ = pattern;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  const std::string& path() const { return path_; }
  std::string write(const std::string& name, const std::string& bytes) const {
    std::ofstream(*this / name, std::ios::binary) << bytes;
    return *this / name;
  }
  std::vector<std::string> entries() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(path_))
      names.push_back(entry.path().filename());
    return names;
  }

 private:
  std::string path_;
};

// The text of the error that `call` throws; it must be of type E exactly.
template <class E = DataError, class Call>
std::string error_of(Call call) {
  try {
    call();
  } catch (const E& error) {
    return error.what();
  } catch (const std::exception& other) {
    ADD_FAILURE() << "another error was thrown: " << other.what();
    return "";
  }
  ADD_FAILURE() << "nothing was thrown";
  return "";
}

inline std::vector<double> values_of(const Array& array) {
  std::vector<double> values;
  for (std::int64_t i = 0; i < array.size(); ++i)
    values.push_back(array.dtype() == DType::float32 ? array.as<float>()[i]
                     : array.dtype() == DType::float64
                         ? array.as<double>()[i]
                         : static_cast<double>(array.as<std::int64_t>()[i]));
  return values;
}

// The series of make_fixtures.py: element i of an array of this kind.
inline std::vector<double> series(char kind, std::int64_t count) {
  std::vector<double> values;
  for (std::int64_t i = 0; i < count; ++i) {
    const auto x = static_cast<double>(i);
    values.push_back(kind == 'f'   ? x / 2 - 2
                     : kind == 'i' ? x - 3
                     : kind == 'u' ? 7 * x
                                   : static_cast<double>(i % 3 == 0));
  }
  return values;
}

// An .npy file with this dictionary and these data.
inline std::string npy_file(const std::string& dictionary, const std::string& data = "") {
  std::string file = "\x93NUMPY\x01";
  file += '\0';
  file += static_cast<char>(dictionary.size() & 255);
  file += static_cast<char>(dictionary.size() >> 8);
  return file + dictionary + data;
}

}  // namespace ntk::testing
