// Which file a path means, what kind of file it is, and what is picked from it.
#pragma once

#include <string>

#include "src/io/byte_source.h"

namespace ntk {

enum class FileKind { npy, npz, csv, tsv, libsvm };

struct ArrayPath {
  std::string file;
  std::string name;  // of an array or of columns; empty: not given
};

// "file:name" as the longest file that there is, so that a file's name may hold a colon.
ArrayPath split_array_path(const std::string& path);

// Arrays by how they begin, text by the file's ending. Throws DataError for any other file.
FileKind kind_of(const ByteSource& source);

// By the ending of the file's name, whether it is there or not.
bool is_libsvm_path(const std::string& path);

inline bool is_table(FileKind kind) { return kind == FileKind::csv || kind == FileKind::tsv; }
inline char delimiter_of(FileKind kind) { return kind == FileKind::tsv ? '\t' : ','; }

// Of a file that holds one thing without a name. Throws DataError if a name was given.
void require_no_name(const ArrayPath& place, const std::string& what);

}  // namespace ntk
