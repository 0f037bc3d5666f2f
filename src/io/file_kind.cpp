#include "src/io/file_kind.h"

#include <filesystem>
#include <string_view>
#include <utility>

#include "ntk/error.h"

namespace ntk {
namespace {

std::string lower_ending(const std::string& file) {
  std::string ending = std::filesystem::path(file).extension();
  for (char& c : ending)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return ending;
}

}  // namespace

ArrayPath split_array_path(const std::string& path) {
  std::error_code none;
  if (std::filesystem::exists(path, none)) return {path, ""};
  for (std::size_t colon = path.rfind(':'); colon != std::string::npos && colon > 0;
       colon = path.rfind(':', colon - 1)) {
    const std::string file = path.substr(0, colon);
    if (!std::filesystem::exists(file, none)) continue;
    if (colon + 1 == path.size())
      throw DataError(path + ": expected the name of an array or a column after ':'");
    return {file, path.substr(colon + 1)};
  }
  return {path, ""};
}

FileKind kind_of(const ByteSource& source) {
  char start[6] = {};
  const std::size_t length = source.size() < sizeof start ? source.size() : sizeof start;
  source.read_at(0, start, length);
  const std::string_view begin(start, length);
  if (begin == "\x93NUMPY") return FileKind::npy;
  if (begin.starts_with("PK\x03\x04") || begin.starts_with("PK\x05\x06")) return FileKind::npz;
  static const std::pair<const char*, FileKind> endings[] = {{".csv", FileKind::csv},
                                                             {".tsv", FileKind::tsv},
                                                             {".libsvm", FileKind::libsvm},
                                                             {".svm", FileKind::libsvm},
                                                             {".svmlight", FileKind::libsvm}};
  const std::string ending = lower_ending(source.name());
  for (const auto& [known, kind] : endings)
    if (ending == known) return kind;
  throw DataError(source.name() + ": " + (length == 0 ? "is empty" : "is neither .npy nor .npz") +
                  "; expected an array as numpy.save or numpy.savez writes it, or text in a file "
                  "that ends in .csv, .tsv, .libsvm, .svm or .svmlight");
}

bool is_libsvm_path(const std::string& path) {
  const std::string ending = lower_ending(split_array_path(path).file);
  return ending == ".libsvm" || ending == ".svm" || ending == ".svmlight";
}

void require_no_name(const ArrayPath& place, const std::string& what) {
  if (place.name.empty()) return;
  throw DataError(place.file + ": is " + what + "; leave out ':" + place.name + "'");
}

}  // namespace ntk
