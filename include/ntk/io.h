/// \file
/// Array files: .npy and .npz, strict when read, whole or absent when written; and tables of text
/// (.csv, .tsv, LIBSVM), which are read only. Any of these calls may run concurrently, as long as
/// no two write the same file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ntk/api.h"
#include "ntk/array.h"

namespace ntk {

/// Whether the first line of a .csv or .tsv file names the columns.
enum class Header {
  /// It does if it holds text where the second line holds numbers, or a name that the path asks
  /// for;
  /// where it holds some text and some numbers there, it is a DataError not to say.
  automatic,
  present,  ///< it does
  absent    ///< it does not: the columns are 1, 2, ...
};

/// How files of text are read; arrays of .npy and .npz say themselves what they are.
struct ReadOptions {
  DType dtype = DType::float64;       ///< of numbers: float64 or float32
  Header header = Header::automatic;  ///< of .csv and .tsv
  /// Features of a LIBSVM file: a larger index is a DataError. Default: the largest index.
  std::optional<std::int64_t> width = std::nullopt;
  std::size_t memory_limit = 0;  ///< bytes of a LIBSVM file as a dense array; 0: what is free
};

/// Reads one array of numbers.
/// - "x.npy", "data.npz:name" ("data.npz" alone if it holds one array): the shape is the file's,
///   row-major whatever the file's order. Floats become float32 or float64, integers and booleans
///   int64.
/// - "t.csv", "t.tsv": rows x columns. "t.csv:name" is one column (rows), "t.csv:a,b" these two; a
///   file without a header has the columns 1, 2, ...
/// - "d.libsvm" (or .svm, .svmlight): samples x features, dense, without the labels.
///
/// Throws DataError naming the file, what is wrong and what was expected, for text by line and
/// column: missing values, NaN and Inf in text are errors. MemoryError for a LIBSVM file past
/// memory_limit. Nothing is allocated on the word of a header that the file's size does not bear
/// out.
NTK_API Array read_array(const std::string& path, const ReadOptions& options = {});

/// What a model is fitted to: numbers, or one label of text for each sample.
struct NTK_API TargetValues {
  Array numbers;                   ///< N or N x O; no elements if they are text
  std::vector<std::string> texts;  ///< N labels, UTF-8
  /// Read from a text file: whether whole numbers are labels or amounts, the file cannot say.
  bool from_text = false;

  /// Whether they are labels of text.
  bool is_text() const { return !texts.empty(); }
  /// N; 0 if there are none.
  std::int64_t count() const;
};
/// Of any file that read_array reads, and text: an array of dtype '<U5', a column of a table. A
/// table of one column gives N numbers, one of more columns N x O, in float64. A LIBSVM file gives
/// its labels. Throws as read_array does.
NTK_API TargetValues read_targets(const std::string& path, const ReadOptions& options = {});

/// Samples and what belongs to them.
struct Dataset {
  Array x;         ///< N x ...
  TargetValues y;  ///< their targets; without any where there are none
};
/// Samples and targets as the program's --x and --y name them. Samples are rows also where one
/// column is picked. Where y is in the same table as x, x leaves y's columns out. `y` may be empty:
/// then the labels of a LIBSVM file are y, or there is none. Throws as read_array does; whether x
/// and y have the same N is for `fit` to say.
NTK_API Dataset read_dataset(const std::string& x, const std::string& y,
                             const ReadOptions& options = {});

/// An array of an archive.
struct NamedArray {
  std::string name;  ///< without ".npy"
  Array array;       ///< its values, as read_array gives them
};
/// All arrays of an archive, in its order. Throws DataError, also for a member that is no array.
NTK_API std::vector<NamedArray> read_npz(const std::string& path);

/// Writes an array of any shape, element type, strides; in host memory. Written to path +
/// ".partial" and renamed when complete; on any error nothing of it is left behind. Throws
/// DataError where it cannot be written.
NTK_API void write_npy(const std::string& path, const ArrayView& array);
/// The same for an archive (stored, not compressed) of arrays with their names. Throws UsageError
/// for an empty name, DataError where it cannot be written.
NTK_API void write_npz(const std::string& path,
                       const std::vector<std::pair<std::string, ArrayView>>& arrays);

/// Texts of an archive.
struct NamedTexts {
  std::string name;                ///< without ".npy"
  std::vector<std::string> texts;  ///< in UTF-8
};
/// And with arrays of text, which NumPy reads as str. Throws UsageError for text that is not UTF-8,
/// too.
NTK_API void write_npz(const std::string& path,
                       const std::vector<std::pair<std::string, ArrayView>>& arrays,
                       const std::vector<NamedTexts>& texts);

/// Looks at host memory of any shape, strided or not; int64 is always finite. Throws DataError
/// naming the first row and column, counted from 0, that hold NaN or Inf ("x1: NaN at row 3,
/// column 7"); `what` is the name in that message.
NTK_API void require_finite(const ArrayView& array, const std::string& what);

}  // namespace ntk
