#include "src/io/npz.h"

#include <algorithm>

#include "ntk/error.h"
#include "src/io/npy.h"

namespace ntk {
namespace {

constexpr std::string_view kSuffix = ".npy";
constexpr std::size_t kMostListed = 20;

std::string list_of_names(const ZipDirectory& directory) {
  std::string list;
  std::size_t listed = 0, arrays = 0;
  for (const ZipMember& member : directory.members) {
    const std::string name = array_name_of(member);
    if (name.empty() || ++arrays > kMostListed) continue;
    list += (listed++ > 0 ? ", " : "") + name;
  }
  if (arrays == 0) return "it holds no array";
  if (arrays > listed) list += " and " + std::to_string(arrays - listed) + " more";
  return "it holds " + list;
}

const ZipMember& find_only(const ByteSource& source, const ZipDirectory& directory) {
  const ZipMember* only = nullptr;
  int arrays = 0;
  for (const ZipMember& member : directory.members)
    if (!array_name_of(member).empty()) only = &member, ++arrays;
  if (arrays == 1) return *only;
  throw DataError(source.name() + ": expected one array; " + list_of_names(directory) +
                  (arrays > 1 ? "; pick one as " + source.name() + ":name" : ""));
}

const ZipMember& find_named(const ByteSource& source, const ZipDirectory& directory,
                            const std::string& name) {
  for (const ZipMember& member : directory.members)
    if (array_name_of(member) == name) return member;
  throw DataError(source.name() + ": there is no array '" + name + "'; " +
                  list_of_names(directory));
}

}  // namespace

std::string array_name_of(const ZipMember& member) {
  const std::string& name = member.name;
  return name.ends_with(kSuffix) ? name.substr(0, name.size() - kSuffix.size()) : "";
}

Array read_zip_array(const ByteSource& source, const ZipMember& member) {
  return read_npy(*open_zip_member(source, member, source.name() + ":" + array_name_of(member)));
}

std::vector<NamedArray> read_npz_from(const ByteSource& source) {
  const ZipDirectory directory = read_zip_directory(source);
  std::vector<NamedArray> arrays;
  for (const ZipMember& member : directory.members) {
    const std::string name = array_name_of(member);
    if (name.empty())
      throw DataError(source.name() + ": member '" + member.name +
                      "' is not an array; expected names that end in .npy, as numpy.savez writes");
    arrays.push_back({name, read_zip_array(source, member)});
  }
  return arrays;
}

std::unique_ptr<ByteStream> open_npz_array(const ByteSource& source, const std::string& name) {
  const ZipDirectory directory = read_zip_directory(source);
  const ZipMember& member =
      name.empty() ? find_only(source, directory) : find_named(source, directory, name);
  return open_zip_member(source, member, source.name() + ":" + array_name_of(member));
}

Array read_npz_array(const ByteSource& source, const std::string& name) {
  return read_npy(*open_npz_array(source, name));
}

ZipEntry npz_entry(const std::string& name, const ArrayView& array) {
  if (name.empty()) throw UsageError("an array of an archive needs a name");
  const auto body = [array](const ByteSink& sink) { write_npy_to(sink, array); };
  return {name + std::string(kSuffix), npy_bytes(array), crc_of(body), body};
}

ZipEntry npz_text_entry(const NamedTexts& named) {
  if (named.name.empty()) throw UsageError("an array of an archive needs a name");
  const auto body = [texts = named.texts](const ByteSink& sink) {
    write_npy_texts_to(sink, texts);
  };
  std::uint64_t size = 0;
  body([&](const void*, std::size_t bytes) { size += bytes; });
  return {named.name + std::string(kSuffix), size, crc_of(body), body};
}

}  // namespace ntk
