#include "src/tiles/samples.h"

#include <algorithm>

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

template <class T>
std::int64_t find_masked(const ArrayView& x, double constant) {
  const T* at = x.as<T>();
  const auto is_masked = [constant](T value) { return value == static_cast<T>(constant); };
  for (std::int64_t i = 0; i < x.shape[0]; ++i, at += x.shape[1])
    if (std::all_of(at, at + x.shape[1], is_masked)) return i;
  return -1;
}

// Something must be left of each sample.
void require_unmasked(const ArrayView& x, std::int64_t channels, double constant,
                      const std::string& what) {
  if (x.space != MemorySpace::host)
    throw UsageError(what + ": samples with masks must be in host memory");
  const std::int64_t sample = x.dtype == DType::float32 ? find_masked<float>(x, constant)
                                                        : find_masked<double>(x, constant);
  if (sample >= 0 && channels > 0)
    throw DataError(what + ": every pixel of sample " + std::to_string(sample) +
                    " is masked (all numbers are the mask constant): nothing is left of it");
}

}  // namespace

SampleMatrix::SampleMatrix(const KernelSpec& spec, const ArrayView& x, const std::string& what,
                           const SampleExtras& extras) {
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
  if (extras.mask_constant) require_unmasked(view_, sample_.back(), *extras.mask_constant, what);
  const bool wants_pattern = needs_patterns(spec);
  if (wants_pattern && !extras.pattern)
    throw UsageError("the network has an Aggregate, which needs " + extras.pattern_name +
                     ": for each sample of " + what + " the weights of its graph's edges, " +
                     std::to_string(x.shape[0]) + " x V x V numbers for V nodes");
  if (!wants_pattern && extras.pattern)
    throw UsageError(extras.pattern_name + ": the network has no Aggregate that would use it");
  if (wants_pattern) append_pattern(*extras.pattern, extras.pattern_name, what);
}

void SampleMatrix::append_pattern(const ArrayView& pattern, const std::string& name,
                                  const std::string& what) {
  const Shape& shape = pattern.shape;
  if (shape.size() != 3 || shape[0] != count() || shape[1] != shape[2])
    throw UsageError(name + ": the shape is " + to_string(shape) + ", but for the " +
                     std::to_string(count()) + " samples of " + what + " it must be " +
                     std::to_string(count()) + " x V x V");
  if (pattern.space != MemorySpace::host || view_.space != MemorySpace::host)
    throw UsageError(name + ": patterns and their samples must be in host memory");
  require_finite(pattern, name);
  const Array numbers = contiguous(pattern);
  const std::int64_t width = view_.shape[1], more = shape[1] * shape[2];
  Array both(view_.dtype, {count(), width + more});
  const auto fill = [&](auto* to, const auto* x, const auto* p) {
    using T = std::remove_pointer_t<decltype(to)>;
    for (std::int64_t i = 0; i < count(); ++i, to += width + more) {
      std::copy_n(x + i * width, width, to);
      std::transform(p + i * more, p + (i + 1) * more, to + width,
                     [](auto value) { return static_cast<T>(value); });
    }
  };
  const auto with = [&](auto* to, const auto* x) {
    if (numbers.dtype() == DType::float32)
      fill(to, x, numbers.as<float>());
    else
      fill(to, x, numbers.as<double>());
  };
  if (view_.dtype == DType::float32)
    with(both.as<float>(), view_.as<float>());
  else
    with(both.as<double>(), view_.as<double>());
  copy_ = std::move(both);
  view_ = copy_.view();
}

DType working_dtype(const ArrayView& x) {
  return x.dtype == DType::float32 ? DType::float32 : DType::float64;
}

}  // namespace ntk
