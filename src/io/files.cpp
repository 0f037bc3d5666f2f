// Arrays by path: what kind of file it is, which array in it, where it is written.
#include <filesystem>
#include <string_view>

#include "ntk/error.h"
#include "ntk/io.h"
#include "src/io/atomic_file.h"
#include "src/io/npy.h"
#include "src/io/npz.h"

namespace ntk {
namespace {

struct ArrayPath {
  std::string file;
  std::string name;  // empty: not given
};

// The longest file that there is, so that a file's name may hold a colon.
ArrayPath split(const std::string& path) {
  std::error_code none;
  if (std::filesystem::exists(path, none)) return {path, ""};
  for (std::size_t colon = path.rfind(':'); colon != std::string::npos && colon > 0;
       colon = path.rfind(':', colon - 1)) {
    const std::string file = path.substr(0, colon);
    if (!std::filesystem::exists(file, none)) continue;
    if (colon + 1 == path.size()) throw DataError(path + ": expected an array's name after ':'");
    return {file, path.substr(colon + 1)};
  }
  return {path, ""};
}

enum class FileKind { npy, npz };

FileKind kind_of(const ByteSource& source) {
  char start[6] = {};
  const std::size_t length = source.size() < sizeof start ? source.size() : sizeof start;
  source.read_at(0, start, length);
  const std::string_view begin(start, length);
  if (begin == "\x93NUMPY") return FileKind::npy;
  if (begin.starts_with("PK\x03\x04") || begin.starts_with("PK\x05\x06")) return FileKind::npz;
  throw DataError(source.name() + ": " + (length == 0 ? "is empty" : "is neither .npy nor .npz") +
                  "; expected an array as numpy.save or numpy.savez writes it");
}

}  // namespace

Array read_array(const std::string& path) {
  const ArrayPath place = split(path);
  const FileSource source(place.file);
  if (kind_of(source) == FileKind::npz) return read_npz_array(source, place.name);
  if (!place.name.empty())
    throw DataError(
        place.file +
        ": is an .npy file, which holds one array without a name; leave out ':" + place.name + "'");
  RangeStream stream(source, 0, source.size(), place.file);
  return read_npy(stream);
}

std::vector<NamedArray> read_npz(const std::string& path) {
  const FileSource source(path);
  if (kind_of(source) != FileKind::npz)
    throw DataError(path + ": is an .npy file; expected an .npz archive");
  return read_npz_from(source);
}

void write_npy(const std::string& path, const ArrayView& array) {
  AtomicFile file(path, npy_bytes(array));
  write_npy_to([&](const void* data, std::size_t bytes) { file.write(data, bytes); }, array);
  file.commit();
}

void write_npz(const std::string& path,
               const std::vector<std::pair<std::string, ArrayView>>& arrays) {
  std::vector<ZipEntry> entries;
  for (const auto& [name, array] : arrays) entries.push_back(npz_entry(name, array));
  AtomicFile file(path, zip_bytes(entries));
  write_zip([&](const void* data, std::size_t bytes) { file.write(data, bytes); }, entries);
  file.commit();
}

}  // namespace ntk
