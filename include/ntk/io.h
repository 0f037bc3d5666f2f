// Array files: .npy and .npz, strict when read, whole or absent when written; and tables of text
// (.csv, .tsv, LIBSVM), which are read only.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ntk/array.h"

namespace ntk {

// Whether the first line of a .csv or .tsv file names the columns. automatic: it does if it holds
// text where the second line holds numbers, or a name that the path asks for; where it holds some
// text and some numbers there, it is an error not to say.
enum class Header { automatic, present, absent };

// How files of text are read; arrays of .npy and .npz say themselves what they are.
struct ReadOptions {
  DType dtype = DType::float64;  // of numbers: float64 or float32
  Header header = Header::automatic;
  // Features of a LIBSVM file: a larger index is an error. Default: the largest index.
  std::optional<std::int64_t> width = std::nullopt;
  std::size_t memory_limit = 0;  // for a LIBSVM file as a dense array; 0: what is free
};

// Reads one array of numbers.
//   x.npy, data.npz:name  ("data.npz" alone if it holds one array). Floats become float32 or
//                         float64, integers and booleans int64.
//   t.csv, t.tsv          rows x columns. t.csv:name is one column (rows), t.csv:a,b these two; a
//                         file without a header has the columns 1, 2, ...
//   d.libsvm              (or .svm, .svmlight) samples x features, dense, without the labels.
// Throws DataError naming the file, what is wrong and what was expected, for text by line and
// column: missing values, NaN and Inf in text are errors. Nothing is allocated on the word of a
// header that the file's size does not bear out.
Array read_array(const std::string& path, const ReadOptions& options = {});

// What a model is fitted to: numbers, or one label of text for each sample.
struct TargetValues {
  Array numbers;                   // N or N x O; no elements if they are text
  std::vector<std::string> texts;  // N labels, UTF-8
  // Read from a text file: whether whole numbers are labels or amounts, the file cannot say.
  bool from_text = false;

  bool is_text() const { return !texts.empty(); }
  std::int64_t count() const;
};
// Of any file that read_array reads, and text: an array of dtype '<U5', a column of a table. A
// table of one column gives N numbers, one of more columns N x O. A LIBSVM file gives its labels.
TargetValues read_targets(const std::string& path, const ReadOptions& options = {});

struct Dataset {
  Array x;
  TargetValues y;
};
// Samples and targets as the program's --x and --y name them. Samples are rows also where one
// column is picked. Where y is in the same table as x, x leaves y's columns out. `y` may be empty:
// then the labels of a LIBSVM file are y, or there is none.
Dataset read_dataset(const std::string& x, const std::string& y, const ReadOptions& options = {});

struct NamedArray {
  std::string name;
  Array array;
};
// All arrays of an archive, in its order; a member that is no array is an error.
std::vector<NamedArray> read_npz(const std::string& path);

// Written to path + ".partial" and renamed when complete; on any error nothing of it is left
// behind.
void write_npy(const std::string& path, const ArrayView& array);
void write_npz(const std::string& path,
               const std::vector<std::pair<std::string, ArrayView>>& arrays);
// And arrays of text (UTF-8), which NumPy reads as str.
struct NamedTexts {
  std::string name;
  std::vector<std::string> texts;
};
void write_npz(const std::string& path,
               const std::vector<std::pair<std::string, ArrayView>>& arrays,
               const std::vector<NamedTexts>& texts);

// Looks at host memory, strided or not; int64 is always finite. Throws DataError naming the first
// row and column that holds NaN or Inf ("x1: NaN at row 3, column 7").
void require_finite(const ArrayView& array, const std::string& what);

}  // namespace ntk
