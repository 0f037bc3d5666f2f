// .npz archives: the arrays of a ZIP archive.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "ntk/io.h"
#include "src/io/byte_source.h"
#include "src/io/zip_directory.h"
#include "src/io/zip_write.h"

namespace ntk {

// "x" for the member "x.npy"; empty when the member is not an array.
std::string array_name_of(const ZipMember& member);

// Every member must be an array.
std::vector<NamedArray> read_npz_from(const ByteSource& source);

// The array of that name, or the only one when `name` is empty. A DataError lists what there is.
Array read_npz_array(const ByteSource& source, const std::string& name);
// Its bytes, an .npy file. The source must outlive the stream.
std::unique_ptr<ByteStream> open_npz_array(const ByteSource& source, const std::string& name);

Array read_zip_array(const ByteSource& source, const ZipMember& member);

// The entry "name.npy"; the view's memory must stay until it is written.
ZipEntry npz_entry(const std::string& name, const ArrayView& array);
ZipEntry npz_text_entry(const NamedTexts& named);

}  // namespace ntk
