#include "src/tiles/samples.h"

#include "ntk/error.h"
#include "ntk/io.h"
#include "src/io/exact_integers.h"

namespace ntk {
namespace {

// A row-major float32 or float64 copy; integers become float64.
Array contiguous(const ArrayView& x) {
  Array copy(x.dtype == DType::float32 ? DType::float32 : DType::float64, x.shape);
  const Shape strides = x.strides.empty() ? row_major_strides(x.shape) : x.strides;
  std::vector<std::int64_t> index(x.shape.size(), 0);
  const std::int64_t count = x.size();
  auto fill = [&](const auto* from, auto* to) {
    for (std::int64_t at = 0; at < count; ++at) {
      std::int64_t offset = 0;
      for (std::size_t axis = 0; axis < index.size(); ++axis) offset += index[axis] * strides[axis];
      to[at] = static_cast<std::remove_pointer_t<decltype(to)>>(from[offset]);
      for (std::size_t axis = index.size(); axis-- > 0 && ++index[axis] == x.shape[axis];)
        index[axis] = 0;
    }
  };
  switch (x.dtype) {
    case DType::float32:
      fill(x.as<float>(), copy.as<float>());
      break;
    case DType::float64:
      fill(x.as<double>(), copy.as<double>());
      break;
    case DType::int64:
      fill(x.as<std::int64_t>(), copy.as<double>());
      break;
  }
  return copy;
}

}  // namespace

SampleMatrix::SampleMatrix(const KernelSpec& spec, const ArrayView& x, const std::string& what) {
  if (x.shape.size() < 2)
    throw UsageError(what + ": the shape is " + to_string(x.shape) +
                     ", but samples are rows: N x d expected (one sample: 1 x d)");
  sample_.assign(x.shape.begin() + 1, x.shape.end());
  require_sample_shape(spec, sample_);
  const std::int64_t width = element_count(sample_);
  if (x.space == MemorySpace::host && !x.data && x.size() > 0)
    throw UsageError(what + ": a view without data");
  view_ = x;
  if (x.space == MemorySpace::host) {
    require_finite(x, what);
    require_exact_in_float64(x, what);
    if (!x.is_row_major() || x.dtype == DType::int64) {
      copy_ = contiguous(x);
      view_ = copy_.view();
    }
  } else if (!x.is_row_major() || x.dtype == DType::int64) {
    throw UsageError(what + ": device memory must be row-major float32 or float64");
  }
  view_.shape = {x.shape[0], width};
  view_.strides.clear();
}

DType working_dtype(const ArrayView& x) {
  return x.dtype == DType::float32 ? DType::float32 : DType::float64;
}

}  // namespace ntk
