#include "src/io/libsvm.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <string_view>
#include <vector>

#include "ntk/error.h"
#include "src/base/large_memory.h"
#include "src/io/number_text.h"
#include "src/io/text_window.h"

namespace ntk {
namespace {

constexpr std::size_t kLongestWord = 4096;

// Goes through a file word by word; `Visitor` has on_label(label) and on_entry(index, text).
template <class Visitor>
class LibsvmReader {
 public:
  LibsvmReader(const ByteSource& source, Visitor& visitor)
      : name_(source.name()), window_(source), visitor_(visitor) {}

  void read() {
    while (!window_.at_end()) {
      read_line();
      ++line_;
    }
  }

  [[noreturn]] void fail(const std::string& what) const {
    throw DataError(name_ + ": line " + std::to_string(line_) + ": " + what);
  }

 private:
  void read_line() {
    std::string_view word = next_word();
    if (!word.empty()) read_label(word);
    std::int64_t last = 0;
    while (!(word = next_word()).empty()) read_entry(word, last);
    skip_to_next_line();
  }

  static bool ends_word(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '#';
  }

  // Empty at the end of the line, or where a comment begins.
  std::string_view next_word() {
    window_.mark();
    while (!window_.at_end() && (window_.peek() == ' ' || window_.peek() == '\t')) {
      window_.advance(1);
      window_.mark();
    }
    for (;;) {
      const std::string_view rest = window_.rest().substr(0, kLongestWord);
      std::size_t length = 0;
      while (length < rest.size() && !ends_word(rest[length])) ++length;
      window_.advance(length);
      if (window_.marked().size() > kLongestWord) fail("a word is longer than 4096 characters");
      if (length < rest.size() || window_.at_end()) return window_.marked();
    }
  }

  void skip_to_next_line() {
    while (!window_.at_end()) {
      window_.mark();
      const std::string_view rest = window_.rest();
      const std::size_t end = rest.find('\n');
      if (end != std::string_view::npos) return window_.advance(end + 1);
      window_.advance(rest.size());
    }
  }

  void read_label(std::string_view word) {
    double label = 0;
    const NumberText kind = parse_number_text(word, label);
    if (kind == NumberText::number) return visitor_.on_label(label);
    if (word.find(',') != std::string_view::npos)
      fail("the label " + quoted_for_message(word) + " is several; expected one for each sample");
    if (word.find(':') != std::string_view::npos)
      fail("it begins with " + quoted_for_message(word) +
           "; expected a label before the first index:value");
    fail("the label " + complaint_about(kind, word));
  }

  void read_entry(std::string_view word, std::int64_t& last) {
    const std::size_t colon = word.find(':');
    if (colon == std::string_view::npos)
      fail("expected index:value, found " + quoted_for_message(word));
    const std::string_view digits = word.substr(0, colon);
    if (digits == "qid")
      fail("it has a query (" + quoted_for_message(word) + "); libntk does not rank: take it out");
    std::int64_t index = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), index);
    if (error != std::errc() || end != digits.data() + digits.size() || index < 0)
      fail("the index of " + quoted_for_message(word) + " is no whole number");
    if (index == 0)
      fail("the index of " + quoted_for_message(word) +
           " is 0, but indices count from 1; write the file so (zero_based=False in scikit-learn)");
    if (index <= last)
      fail("the index " + std::to_string(index) + " comes after " + std::to_string(last) +
           "; indices must ascend");
    last = index;
    visitor_.on_entry(*this, index, word.substr(colon + 1));
  }

  const std::string& name_;
  TextWindow window_;
  Visitor& visitor_;
  std::int64_t line_ = 1;
};

struct Counter {
  void on_label(double) { ++rows; }
  template <class Reader>
  void on_entry(const Reader& reader, std::int64_t index, std::string_view) {
    if (index > bound)
      reader.fail("the index " + std::to_string(index) + " is past the " + std::to_string(bound) +
                  " features of a sample");
    width = std::max(width, index);
  }

  std::int64_t bound;
  std::int64_t rows = 0, width = 0;
};

template <class T>
struct Filler {
  void on_label(double label) {
    if (++row >= rows) throw_changed();
    labels[row] = label;
  }
  template <class Reader>
  void on_entry(const Reader& reader, std::int64_t index, std::string_view text) {
    if (index > width) throw_changed();
    const NumberText kind = parse_number_text(text, x[row * width + index - 1]);
    if (kind != NumberText::number)
      reader.fail("index " + std::to_string(index) + ": its value " + complaint_about(kind, text));
  }
  [[noreturn]] void throw_changed() const {
    throw DataError(name + ": changed while it was read; read it again");
  }

  const std::string& name;
  T* x;
  double* labels;
  std::int64_t rows, width;
  std::int64_t row = -1;
};

template <class T>
void fill(const ByteSource& source, LibsvmData& data) {
  Filler<T> filler{source.name(), data.x.as<T>(), data.labels.as<double>(), data.x.shape()[0],
                   data.x.shape()[1]};
  LibsvmReader<Filler<T>>(source, filler).read();
  if (filler.row + 1 != filler.rows) filler.throw_changed();
}

struct Labels {
  void on_label(double label) { values.push_back(label); }
  template <class Reader>
  void on_entry(const Reader&, std::int64_t, std::string_view) {}

  std::vector<double> values;
};

[[noreturn]] void throw_empty(const ByteSource& source) {
  throw DataError(source.name() + ": is empty; expected a line 'label index:value ...' a sample");
}

// Nothing but the file's longest index bounds what a line stands for.
void require_place_for(const ByteSource& source, const Shape& shape, const LibsvmOptions& options) {
  std::int64_t bytes = 0;
  const auto element = static_cast<std::int64_t>(size_of(options.dtype));
  if (__builtin_mul_overflow(shape[0], shape[1], &bytes) ||
      __builtin_mul_overflow(bytes, element, &bytes))
    throw DataError(source.name() + ": " + to_string(shape) +
                    " numbers, as its largest index asks for, are more than any memory holds");
  require_memory(static_cast<std::size_t>(bytes), options.memory_limit,
                 source.name() + " as a dense array of " + to_string(shape),
                 "leave out rare features, or fewer rows would fit");
}

}  // namespace

LibsvmData read_libsvm(const ByteSource& source, const LibsvmOptions& options) {
  Counter counter{options.width.value_or(INT64_MAX)};
  LibsvmReader<Counter>(source, counter).read();
  if (counter.rows == 0) throw_empty(source);
  const Shape shape = {counter.rows, options.width.value_or(counter.width)};
  require_place_for(source, shape, options);
  LibsvmData data{Array(options.dtype, shape), Array(DType::float64, {counter.rows})};
  if (options.dtype == DType::float32)
    fill<float>(source, data);
  else
    fill<double>(source, data);
  return data;
}

Array read_libsvm_labels(const ByteSource& source) {
  Labels labels;
  LibsvmReader<Labels>(source, labels).read();
  if (labels.values.empty()) throw_empty(source);
  return Array::of(labels.values, {static_cast<std::int64_t>(labels.values.size())});
}

}  // namespace ntk
